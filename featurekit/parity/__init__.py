"""rows to try, comparing, running a rendered package."""
