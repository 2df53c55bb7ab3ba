"""The notebook of the documentation runs, and finds what it says."""

import json
from pathlib import Path

NOTEBOOK = Path(__file__).parents[3] / "docs" / "notebooks" / "link-tables.ipynb"


def test_every_cell_runs_and_the_people_are_found(capsys):
    cells = json.loads(NOTEBOOK.read_text())["cells"]
    names: dict[str, object] = {}
    for cell in cells:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)
    said = capsys.readouterr().out.splitlines()
    shares = [
        float(part) for line in said[1:2] for part in line.replace("%", "").split() if "." in part
    ]
    assert shares[0] > 97 and shares[1] > 95
    filters = [float(part) for part in said[3].replace("%", "").split() if "." in part]
    assert filters[0] > 93 and filters[1] > 97, "a drawn key moves them by a point or two"
    assert 1400 < int(said[-1].split()[3]) < 1600
