"""What a package shows to the outside besides Python: files of questions, requests over HTTP."""

from __future__ import annotations

from featurekit.export.package import PackageSpec
from featurekit.export.templates import fill

_WIRE = ("columns.py", "opening.py", "wire.py")
_BATCH = (
    "__init__.py",
    "__main__.py",
    "feeding.py",
    "files.py",
    "parquet.py",
    "progress.py",
    "report.py",
    "resuming.py",
    "running.py",
    "scoring.py",
)


def outside_files(spec: PackageSpec, header: str) -> dict[str, str]:
    """Return what reads and writes values and files, by path below the package."""
    wire = {name: fill(name, header=header) for name in _WIRE}
    return wire | {
        f"batch/{name}": fill(
            f"batch/{name.replace('__', '')}", header=header, package=spec.package
        )
        for name in _BATCH
    }
