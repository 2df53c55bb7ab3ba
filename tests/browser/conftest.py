"""A real browser on a real server: Chromium driven by Playwright, and axe on what it shows.

Where there is no Chromium these tests are left out, and say so.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from watching import CHROMIUM, NewPage, of_the_policy


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave these tests out, in plain words, where no browser is found."""
    if CHROMIUM is None:
        left_out = pytest.mark.skip(reason="no browser was found: install chromium to run these")
        for item in items:
            if Path(__file__).parent in item.path.parents:
                item.add_marker(left_out)


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
        page.on(
            "console", lambda said: amiss.append(said.text) if of_the_policy(said.text) else None
        )
        return page

    yield open_one
    for context in opened:
        context.close()
    assert amiss == []
