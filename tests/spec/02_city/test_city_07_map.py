"""A map is readable by eye, by ear and by machine."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import pytest

from equipoise.city import Written, draw_map

SVG = "{http://www.w3.org/2000/svg}"
SQUARES = [[(x, 0.0), (x + 1, 0.0), (x + 1, 1.0), (x, 1.0)] for x in range(10)]
NAMES = [f"Area {number}" for number in range(10)]


def _drawn(values: list[float | None], **more: object) -> ElementTree.Element:
    text = draw_map(
        SQUARES,
        values,
        names=NAMES,
        title="A & B",
        measure="cases <each>",
        **more,  # type: ignore[arg-type]
    )
    return ElementTree.fromstring(text)


def test_the_citys_map_has_every_area_and_a_legend(written: Written) -> None:
    root = ElementTree.fromstring(written.map.read_text(encoding="utf-8"))
    areas = json.loads(written.areas.read_text(encoding="utf-8"))["features"]
    shapes = root.findall(f".//{SVG}polygon")
    assert len(shapes) == len(areas)
    assert len({shape.get("fill") for shape in shapes}) == 5
    told = {shape.findtext(f"{SVG}title") or "" for shape in shapes}
    for area in areas:
        name, score = area["properties"]["name"], area["properties"]["deprivation_score"]
        assert f"{name}: {score:g}" in told
    text = "".join(root.itertext())
    assert "fifth 1, most deprived" in text


def test_a_map_says_what_it_is_to_those_who_cannot_see_it() -> None:
    root = _drawn([float(n) for n in range(10)])
    assert root.get("role") == "img"
    label = root.get("aria-labelledby", "").split()
    said = {element.get("id"): element.text for element in root.iter() if element.get("id")}
    assert said[label[0]] == "A & B"
    assert "from 0 (Area 0) to 9 (Area 9)" in (said[label[1]] or "")


def test_fifths_hold_equal_numbers_and_equal_values_share_a_shade() -> None:
    even = _drawn([float(n) for n in range(10)]).findall(f".//{SVG}polygon")
    fills = [shape.get("fill") for shape in even]
    assert len(set(fills)) == 5 and all(fills.count(fill) == 2 for fill in fills)
    alike = _drawn([3.0] * 10).findall(f".//{SVG}polygon")
    assert len({shape.get("fill") for shape in alike}) == 1


def test_an_area_without_a_figure_is_hatched_and_counted() -> None:
    root = _drawn([None, None, *[float(n) for n in range(8)]])
    shapes = root.findall(f".//{SVG}polygon")
    assert [shape.get("fill") for shape in shapes[:2]] == ["url(#none)"] * 2
    assert shapes[0].findtext(f"{SVG}title") == "Area 0: not shown"
    text = "".join(root.itertext())
    assert "not shown2 areas" in text and "None" not in text


def test_a_map_with_no_figure_at_all_says_so() -> None:
    root = _drawn([None] * 10)
    assert "no figure is shown" in "".join(root.itertext())


def test_north_is_up_and_nothing_runs_off_the_picture() -> None:
    root = ElementTree.fromstring(
        draw_map([[(0, 0), (1, 0), (1, 4)]], [1.0], names=["x"], title="t", measure="m")
    )
    width, height = (float(root.get(side, "0")) for side in ("width", "height"))
    points = root.findall(f".//{SVG}polygon")[0].get("points", "").split()
    places = [tuple(map(float, point.split(","))) for point in points]
    assert all(0 <= x <= width and 0 <= y <= height for x, y in places)
    assert places[2][1] < places[0][1]  # the northern corner is higher on the page


def test_the_same_values_give_the_same_map() -> None:
    values = [float(n) for n in range(10)]
    one, two = (draw_map(SQUARES, values, names=NAMES, title="t", measure="m") for _ in range(2))
    assert one == two
    assert not re.search(r"<script|https?://(?!www\.w3\.org)", one)


def test_lists_of_unequal_length_are_refused() -> None:
    with pytest.raises(ValueError, match="one length"):
        draw_map(SQUARES, [1.0], names=NAMES, title="t", measure="m")
