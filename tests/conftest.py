"""Makes what tests of several folders share importable: this folder is on the path with it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from equipoise.store import connect

_HERE = Path(__file__).parent
_STRICT = ("test_account.py",)
"""Laws of the rooms of which every branch is measured."""
_UNMEASURED = {
    line
    for line in (_HERE / "unmeasured.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Measure no coverage in browsers, whose pages come from another process, nor where a law is
    tried on hundreds of drawn cases or a long walk passes lines that others measure: it costs half
    as much time again."""
    for item in items:
        place = item.path.relative_to(_HERE)
        drawn = place.parts[0] == "generative" and place.name not in _STRICT
        if drawn or place.parts[0] == "browser" or place.as_posix() in _UNMEASURED:
            item.add_marker(pytest.mark.no_cover)


@pytest.fixture(scope="session", autouse=True)
def _tables_made_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Give a new site's empty database a copy of the tables that migrations made in another one.

    To make them anew for each of a thousand sites took a tenth of the whole run. What starts in a
    process of its own makes them itself.
    """
    made = tmp_path_factory.mktemp("tables") / "made.sqlite3"
    is_behind = connect._is_behind

    def looked_at(alias: str) -> bool:
        path = Path(str(connect.connections[alias].settings_dict["NAME"]))
        is_file = path.suffix == ".sqlite3" and path.is_file()
        if path != made and is_file and not path.stat().st_size:
            if not made.exists():
                made.touch()
                connect.connections[connect.connect(f"sqlite:///{made}")].close()
            shutil.copyfile(made, path)
        return is_behind(alias)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connect, "_is_behind", looked_at)
        yield
