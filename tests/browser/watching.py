"""A real server for a real browser, and what axe and the eye make of a page."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).parents[2]
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
NewPage = Callable[..., Any]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@contextmanager
def serving(site: Path, *options: str) -> Iterator[str]:
    """Serve a site as its owner would, in processes of its own; yield its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "equipoise.cli.main", "serve", "--site", str(site)]
    server = subprocess.Popen(
        [*command, "--port", str(port), "--workers", "1", *options],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(address, server)
        yield address
    finally:
        server.terminate()
        assert server.wait(timeout=40) == 0, "the server did not stop cleanly"


def _wait_for(address: str, server: subprocess.Popen[str]) -> None:
    for _ in range(300):
        try:
            with urlopen(f"{address}/health", timeout=5):
                return
        except (URLError, OSError):
            if server.poll() is not None:
                assert server.stderr is not None
                raise AssertionError(server.stderr.read()) from None
            time.sleep(0.1)
    raise AssertionError("the server did not answer in time")


def of_the_policy(text: str) -> bool:
    return "Content Security Policy" in text or "Content-Security-Policy" in text


def faults(page: Any) -> list[str]:
    """Return what axe finds wrong with a page."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options={"runOnly": RULES, "resultTypes": ["violations"]})
    return [f"{one['id']}: {one['nodes'][0]['html'][:150]}" for one in found.response["violations"]]


def picture(page: Any, name: str) -> None:
    """Keep a picture of a page where ``EQUIPOISE_PICTURES`` names a folder."""
    if folder := os.environ.get("EQUIPOISE_PICTURES"):
        # the caret as it is: to hide it, Playwright adds a style, which the policy refuses
        path = str(Path(folder) / f"{name}.png")
        page.screenshot(path=path, full_page=True, caret="initial")
