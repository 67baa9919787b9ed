"""``featurekit`` and ``python -m featurekit``: the command line."""

import signal
import sys
from types import FrameType

TERMINATED = 128 + signal.SIGTERM


def main() -> int:
    """Run the command line; a signal ends it without a traceback, while it starts, too."""
    try:
        signal.signal(signal.SIGTERM, _terminated)
        from featurekit import cli

        return cli.main()
    except KeyboardInterrupt:
        sys.stderr.write("interrupted; nothing was half-written\n")
        return 2


def _terminated(_: int, __: FrameType | None) -> None:
    """End as at an interrupt: what was begun is tidied up, and asking twice is no hurry."""
    signal.signal(signal.SIGTERM, lambda *_: None)
    sys.stderr.write("terminated; nothing was half-written\n")
    sys.exit(TERMINATED)


if __name__ == "__main__":
    sys.exit(main())
