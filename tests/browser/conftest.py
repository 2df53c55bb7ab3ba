"""A real browser on a real server: Chromium driven by Playwright, and axe on what it shows.

Where there is no Chromium these tests are left out, and say so.
"""

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

import pytest

ROOT = Path(__file__).parents[2]
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave these tests out, in plain words, where no browser is found."""
    if CHROMIUM is None:
        left_out = pytest.mark.skip(reason="no browser was found: install chromium to run these")
        for item in items:
            if Path(__file__).parent in item.path.parents:
                item.add_marker(left_out)


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


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One browser for all tests, without a window."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver, pytest.MonkeyPatch.context() as patched:
        # Playwright runs a loop beneath these tests; nothing of theirs runs beside anything.
        patched.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        # Containers give no namespaces of their own, and a small /dev/shm.
        flags = ["--no-sandbox", "--disable-dev-shm-usage"]
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield browser
        browser.close()


NewPage = Callable[..., Any]


@pytest.fixture
def new_page(chromium: Any) -> Iterator[NewPage]:
    """Open pages, each as somebody else; fail when one said that something was amiss."""
    opened = []
    amiss: list[str] = []

    def open_one(**options: Any) -> Any:
        context = chromium.new_context(**{"viewport": {"width": 1200, "height": 900}, **options})
        opened.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: amiss.append(str(error)))
        page.on("console", lambda said: amiss.append(said.text) if _policy(said.text) else None)
        return page

    yield open_one
    for context in opened:
        context.close()
    assert amiss == []


def _policy(text: str) -> bool:
    return "Content Security Policy" in text or "Content-Security-Policy" in text


def faults(page: Any) -> list[str]:
    """Return what axe finds wrong with a page."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options={"runOnly": RULES})
    return [f"{one['id']}: {one['nodes'][0]['html'][:150]}" for one in found.response["violations"]]


def picture(page: Any, name: str) -> None:
    """Keep a picture of a page where ``EQUIPOISE_PICTURES`` names a folder."""
    if folder := os.environ.get("EQUIPOISE_PICTURES"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)
