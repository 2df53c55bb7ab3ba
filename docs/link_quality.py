"""Draw the pictures of ``docs/explanation/link-quality.md`` from two invented files.

python docs/link_quality.py
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import numpy as np

ROOT: Final = Path(__file__).resolve().parent.parent
IMAGES: Final = ROOT / "docs" / "images"
sys.path.insert(0, str(ROOT / "tests" / "spec" / "20_quality"))

from planted_links import FEW, Case, case  # noqa: E402

from equipoise.carry.link.explain import explain, waterfall_rows  # noqa: E402
from equipoise.carry.link.kernel import levels_in  # noqa: E402
from equipoise.carry.link.levels import DIFFER  # noqa: E402
from equipoise.carry.link.pictures import pictures_of, tables_of  # noqa: E402
from equipoise.carry.link.quality import quality_of  # noqa: E402
from equipoise.charts import waterfall  # noqa: E402


def main() -> None:
    """Write the pictures, and print the figures that the page quotes."""
    made = case(1200, 1, 0.1, FEW)
    for name, picture in pictures_of(made.found).items():
        (IMAGES / f"link-{name}.svg").write_text(picture, encoding="utf-8")
    told = explain(made.found, made.left, made.right, _telling(made))
    drawn = waterfall("Why two rows are linked", waterfall_rows(told), ends=told.words)
    (IMAGES / "link-waterfall.svg").write_text(drawn, encoding="utf-8")
    quality = quality_of(made.found, made.left, made.right)
    print("precision", quality.precision, "truly", made.precision)
    print("recall", quality.recall, "truly", made.recall)
    for rows in tables_of(made.found).values():
        print("\n".join(" | ".join(row) for row in rows))
    print("\n".join(told.lines()))


def _telling(made: Case) -> int:
    """Return a linked pair of which a name is spelt in two ways."""
    model, scored = made.found.learned.model, made.found.scored
    levels = levels_in(scored.pattern, [len(match) for match in model.match])
    surname = levels[:, model.fields.index("surname")]
    spelt = (surname > DIFFER) & (surname < len(model.match[1]) - 1)
    return int(np.flatnonzero(made.found.linked & spelt & (made.found.chance > 0.9))[0])


if __name__ == "__main__":
    main()
