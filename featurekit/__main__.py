"""``featurekit`` and ``python -m featurekit``: the command line."""

import sys


def main() -> int:
    """Run the command line; an interrupt ends it without a traceback, while it starts, too."""
    try:
        from featurekit import cli

        return cli.main()
    except KeyboardInterrupt:
        sys.stderr.write("interrupted; nothing was half-written\n")
        return 2


if __name__ == "__main__":
    sys.exit(main())
