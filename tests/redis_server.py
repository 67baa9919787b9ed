"""Where the tests find Redis: a given one, one that answers here, or one of their own."""

from __future__ import annotations

import atexit
import os
import shutil
import socket
import subprocess
import tempfile
import time
from functools import cache

from required import missing

_HERE = "redis://127.0.0.1:6379"


def redis_url(number: int = 9) -> str:
    """Return where database ``number`` of a Redis is; tests write below prefixes of their own."""
    return f"{_server()}/{number}"


@cache
def _server() -> str:
    given = os.environ.get("FEATUREKIT_REDIS")
    if answers(given or _HERE):
        return (given or _HERE).rstrip("/")
    if given:
        missing("redis", f"no Redis answers at FEATUREKIT_REDIS={given}")
    program = shutil.which("redis-server")
    if not program:
        missing("redis", "no Redis here: set FEATUREKIT_REDIS, or apt-get install redis-server")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tempfile.mkdtemp(prefix="featurekit")
    alone = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder]
    started = subprocess.Popen(
        [str(program), "--port", str(port), *alone], stdout=subprocess.DEVNULL
    )
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(started.wait)
    atexit.register(started.terminate)
    made = f"redis://127.0.0.1:{port}"
    for _ in range(100):
        if answers(made):
            return made
        time.sleep(0.05)
    missing("redis", f"{program} does not answer on port {port}")
    return made


def answers(url: str) -> bool:
    """Whether a Redis answers at ``url``."""
    try:
        import redis
    except ImportError:
        missing("redis", "redis is not installed: pip install 'featurekit[test]'")
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=3) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False
