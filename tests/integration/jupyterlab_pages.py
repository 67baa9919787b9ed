"""A JupyterLab server of the tests' own, and notebooks in it driven as a person would.

Nothing inside JupyterLab is reached for: cells are run from the menu, results are read from the
page and from the saved file. Every directory is the test's own and no address but the loopback's
is allowed.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import nbformat

REPOSITORY = Path(__file__).resolve().parents[2]
SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {
        "checkForUpdates": False,
        "fetchNews": "false",
        "doNotDisturbMode": True,
    },
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
}
RAISED = '.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.stderr"]'
CHROMIUM_ARGUMENTS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]


class Lab:
    """One JupyterLab server on the loopback, with its own settings, data and kernels."""

    def __init__(self, root: Path) -> None:
        self.work = root / "work"
        self.work.mkdir(parents=True)
        settings = root / "config" / "labconfig"
        settings.mkdir(parents=True)
        (settings / "default_setting_overrides.json").write_text(json.dumps(SETTINGS))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.token = secrets.token_hex(16)
        self.base = f"http://127.0.0.1:{port}"
        self.log = root / "lab.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
                    *("--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0"),
                    f"--IdentityProvider.token={self.token}",
                    f"--ServerApp.root_dir={self.work}",
                    "--ServerApp.terminals_enabled=False",
                    "--LabApp.extension_manager=readonly",
                    "--LanguageServerManager.autodetect=False",
                ],
                env=_environment(root),
                cwd=self.work,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._wait()

    def _wait(self) -> None:
        end = time.monotonic() + 60
        address = f"{self.base}/api/status?token={self.token}"
        while True:
            try:
                with urllib.request.urlopen(address, timeout=1):  # noqa: S310 - our own server
                    return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > end:
                    self.stop()
                    raise RuntimeError(self.log.read_text()) from None
                time.sleep(0.05)

    def wait_kernel(self, notebook: str) -> None:
        """Wait until the notebook's kernel runs and a page is connected to it."""
        end = time.monotonic() + 60
        address = f"{self.base}/api/sessions?token={self.token}"
        while True:
            with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 - our server
                kernels = [s["kernel"] for s in json.load(answer) if s["path"] == notebook]
            if any(k["connections"] and k["execution_state"] == "idle" for k in kernels):
                return
            if time.monotonic() > end:
                raise RuntimeError("no kernel: " + self.log.read_text())
            time.sleep(0.05)

    def end_kernels(self) -> None:
        """End every session of this server, with its kernel."""
        address = f"{self.base}/api/sessions?token={self.token}"
        with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 - our server
            sessions = json.load(answer)
        for one in sessions:
            ended = urllib.request.Request(  # noqa: S310 - our server
                f"{self.base}/api/sessions/{one['id']}?token={self.token}", method="DELETE"
            )
            with urllib.request.urlopen(ended, timeout=20):  # noqa: S310 - our server
                pass

    def stop(self) -> None:
        """End the server; it ends its kernels."""
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(5)

    def write(self, name: str, cells: list[str]) -> None:
        """Write a notebook of code cells."""
        spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
        notebook = nbformat.v4.new_notebook(metadata={"kernelspec": spec})
        notebook.cells = [nbformat.v4.new_code_cell(cell) for cell in cells]
        nbformat.write(notebook, self.work / name)


def _environment(root: Path) -> dict[str, str]:
    return {
        **{k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "FEATUREKIT_C"))},
        "JUPYTER_CONFIG_DIR": str(root / "config"),
        "JUPYTER_DATA_DIR": str(root / "data"),
        "JUPYTER_RUNTIME_DIR": str(root / "runtime"),
        "IPYTHONDIR": str(root / "ipython"),
        "JUPYTERLAB_SETTINGS_DIR": str(root / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(root / "workspaces"),
        "PYTHONPATH": str(REPOSITORY),
        "HOME": str(root),
    }


class NotebookPage:
    """One notebook in a browser tab of its own."""

    def __init__(self, page: Any, lab: Lab, name: str) -> None:
        self.page = page
        self.lab = lab
        self.name = name
        self.elsewhere: list[str] = []
        self.errors: list[str] = []
        ours = (lab.base, lab.base.replace("http", "ws", 1), "data:", "blob:")
        page.on("request", lambda r: None if r.url.startswith(ours) else self._left(r.url))
        page.on("pageerror", lambda e: self.errors.append(str(e)))
        page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        self.open()

    def _left(self, url: str) -> None:
        self.elsewhere.append(url)

    def open(self) -> None:
        """Load the page and wait until the kernel answers."""
        space = secrets.token_hex(4)
        self.page.goto(
            f"{self.lab.base}/lab/workspaces/{space}/tree/{self.name}?token={self.lab.token}"
        )
        self.page.wait_for_selector("#jupyterlab-splash", state="detached", timeout=60_000)
        self.page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=60_000)
        self.lab.wait_kernel(self.name)
        self.wait_idle()

    def wait_idle(self) -> None:
        """Wait until the kernel has nothing to do."""
        idle = ".jp-NotebookPanel-toolbar .jp-Notebook-ExecutionIndicator[data-status='idle']"
        self.page.wait_for_selector(idle, state="attached", timeout=60_000)

    def menu(self, *labels: str) -> None:
        """Choose an entry of the menu bar, level by level."""
        first, *rest = labels
        bar = self.page.locator(".lm-MenuBar-item", has_text=re.compile(f"^{first}$"))
        bar.first.click()
        for level, label in enumerate(rest):
            menu = self.page.locator(".lm-Menu").nth(level)
            entry = menu.locator(".lm-Menu-item", has_text=re.compile(f"^{label}"))
            entry.first.click()

    def run_all(self) -> None:
        """Run every cell from the menu, and wait until all ran, or one stopped the rest."""
        self.menu("Run", "Run All Cells")
        self._wait_prompts(
            f"all.every(ran) || (document.querySelector('{RAISED}') && !all.some(waits))"
        )

    def wait_run(self, at: int) -> None:
        """Wait until the cell at this place has run and no other is waiting."""
        self._wait_prompts(f"ran(all[{at}]) && !all.some(waits)")

    def _wait_prompts(self, condition: str) -> None:
        """Wait for a condition on the prompts of the cells, and for the kernel."""
        self.page.wait_for_function(
            "() => { const all = [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')]"
            ".map(p => p.textContent); const ran = p => /\\[\\d+\\]/.test(p);"
            f" const waits = p => p.includes('*'); return {condition}; }}",
            timeout=60_000,
        )
        self.wait_idle()

    def run_cell(self, at: int) -> None:
        """Run one cell by its keys."""
        self.cell(at).locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")

    def cell(self, at: int) -> Any:
        """Return the cell at this place."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(at)

    def source(self, at: int) -> str:
        """Return the text of a cell as it stands on the page."""
        return "\n".join(self.cell(at).locator(".cm-line").all_inner_texts())

    def theme(self, name: str) -> None:
        """Change the theme from the menu."""
        self.menu("Settings", "Theme", name)
        self.page.wait_for_selector(f"body[data-jp-theme-name='{name}']", state="attached")

    def save(self) -> Any:
        """Save from the keyboard and return the notebook that lies on the disk then."""
        path = self.lab.work / self.name
        before = path.stat().st_mtime_ns
        self.page.keyboard.press("Control+s")
        end = time.monotonic() + 20
        while path.stat().st_mtime_ns == before:
            if time.monotonic() > end:
                raise AssertionError(self.name + " was not saved")
            time.sleep(0.05)
        return nbformat.read(path, 4)
