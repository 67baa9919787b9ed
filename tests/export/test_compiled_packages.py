"""A package that was compiled as its README says answers as before, and keeps its tests."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from package_runs import put
from required import missing
from sample_packages import shop_package

from featurekit.export.package import PackageSpec
from featurekit.export.render import render

pytestmark = pytest.mark.slow
BESIDE = Path(sys.executable).parent
"""Where the environment's commands are."""


def compiled(spec: PackageSpec, folder: Path) -> list[str]:
    """Compile a package as its README says; return its modules that are machine code now."""
    put(render(spec), folder)
    readme = (folder / spec.package / "README.md").read_text()
    (patterns,) = re.findall(r"^mypyc (.+)$", readme, re.MULTILINE)
    named = [str(p.relative_to(folder)) for word in patterns.split() for p in folder.glob(word)]
    done = subprocess.run(
        [str(BESIDE / "mypyc"), *named], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    made = {path.relative_to(folder).with_suffix("") for path in folder.rglob("*.so")}
    return sorted(
        {str(p.parent / p.name.partition(".")[0]) for p in made if "build" not in p.parts}
    )


def test_a_compiled_package_keeps_its_own_tests(tmp_path: Path) -> None:
    if shutil.which("cc") is None:
        missing("compiler", "no C compiler here: apt-get install gcc")
    spec = shop_package()
    made = compiled(spec, tmp_path)
    version = f"{spec.package}/{spec.folder}"
    assert {f"{version}/{name}" for name in ("views", "windows")} <= {*made}
    look = f"import {version.replace('/', '.')}.views as views; print(views.__file__)"
    for arguments, expected in ((["-c", look], ".so"), (["-m", "pytest", "-q", "tests"], "passed")):
        done = subprocess.run(
            [sys.executable, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout[-3000:]
        assert expected in done.stdout.splitlines()[-1]
