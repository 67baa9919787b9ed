"""A real IPython kernel without a browser: run cells, read what a front end would be told."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_client.manager import KernelManager

FACTS = "application/vnd.featurekit.view+json"
REPOSITORY = Path(__file__).resolve().parents[2]
SPEND = """%%feature customer_spend --from transactions --entity customer --owner risk@example.com
-- What a customer settled.
SELECT
  SUM(amount) FILTER (WHERE status = 'settled') OVER last_30d AS spend_30d,
  COUNT(*) OVER calendar_7d AS orders_7_days
FROM transactions"""


@dataclass
class Ran:
    """What one cell did: its outputs as they stand at the end, its error, what it asked for."""

    outputs: list[dict[str, Any]] = field(default_factory=list)
    seen: list[dict[str, Any]] = field(default_factory=list)
    error: dict[str, Any] | None = None
    next_inputs: list[str] = field(default_factory=list)
    comms: list[dict[str, Any]] = field(default_factory=list)

    @property
    def facts(self) -> dict[str, Any]:
        """The facts of the last card."""
        found = [data[FACTS] for data in self.outputs if FACTS in data]
        assert found, self.error or "no card"
        return dict(found[-1])

    @property
    def traceback(self) -> str:
        """The error as a front end shows it."""
        assert self.error is not None
        return "\n".join(self.error["traceback"])


class Kernel:
    """Runs cells in one kernel, one after the other."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def run(self, cell: str) -> Ran:
        """Run a cell and collect what it publishes."""
        ran = Ran()
        places: dict[str, int] = {}

        def hear(message: dict[str, Any]) -> None:
            kind, content = message["msg_type"], message["content"]
            if kind == "display_data":
                shown = content.get("transient", {}).get("display_id")
                if shown:
                    places[shown] = len(ran.outputs)
                ran.outputs.append(content["data"])
                ran.seen.append(content["data"])
            elif kind == "update_display_data":
                ran.outputs[places[content["transient"]["display_id"]]] = content["data"]
                ran.seen.append(content["data"])
            elif kind == "comm_open":
                ran.comms.append(content)
            elif kind == "error":
                ran.error = content

        reply = self._client.execute_interactive(cell, timeout=120, output_hook=hear)
        payload = reply["content"].get("payload", [])
        ran.next_inputs = [p["text"] for p in payload if p["source"] == "set_next_input"]
        return ran

    def value(self, expression: str) -> str:
        """Return the repr of an expression in the kernel."""
        reply = self._client.execute_interactive(
            "", silent=True, user_expressions={"v": expression}, timeout=60
        )
        found = reply["content"]["user_expressions"]["v"]
        assert found["status"] == "ok", found
        return str(found["data"]["text/plain"])

    def complete(self, text: str) -> list[str]:
        """Return what Tab offers at the end of ``text``."""
        reply = self._client.complete(text, len(text), reply=True, timeout=60)
        return list(reply["content"]["matches"])


@contextmanager
def kernel(home: Path) -> Iterator[Kernel]:
    """Start a kernel with the checkout on its path, and end it afterwards."""
    manager = KernelManager(kernel_name="python3")
    paths = [str(REPOSITORY), os.environ.get("PYTHONPATH", "")]
    environment = {
        **{k: v for k, v in os.environ.items() if k != "FEATUREKIT_CATALOG"},
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        "IPYTHONDIR": str(home / "ipython"),
    }
    manager.start_kernel(env=environment, cwd=str(home))
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        yield Kernel(client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()
