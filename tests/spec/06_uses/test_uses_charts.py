"""Pictures: the same figures as the tables, in shapes and words, for every reader."""

import xml.etree.ElementTree as ET

import pytest

from equipoise.charts import Interval, bars, forest, funnel, love_plot
from equipoise.charts.svg import WIDTH, wrap

SVG = "{http://www.w3.org/2000/svg}"
STEPS = [
    ("had the service", "sent", 320),
    ("had the service", "analysed", None),
    ("had the service", "with a step whose name is far too long to stand on one line", 70),
    ("comparison", "others in the pool", 0),
]
BALANCE = [
    ("age", -0.31, 0.02, "green"),
    ("history", 1.76, -0.08, "amber"),
    ("sex: F <i>", 0.2, 0.31, "red"),
    ("rare", None, None, "red"),
]
FIGURES = [
    Interval("reoffending", -12.0, -23.0, -1.0),
    Interval("hidden", None, None, None),
    Interval("no change", 0.0, -0.4, 0.4, decimals=1),
]
PICTURES = {
    "bars": bars("How many met each rule", STEPS),
    "funnel": funnel("From sent to analysed", STEPS),
    "love": love_plot("How alike the groups were", BALANCE),
    "forest": forest("What changed", FIGURES, unit="percentage points", better="lower"),
    "bare": forest("How often right", [Interval("recall", 0.9, 0.8, 0.95, 3)], zero=None),
    "alone": forest("One point", [Interval("x", 3.0, 3.0, 3.0)], zero=None),
    "empty": forest("Nothing", []),
    "near": love_plot("Near", [("age", 0.01, 0.02, "green")]),
}


def words(svg: str) -> str:
    return " ".join("".join(t.itertext()) for t in ET.fromstring(svg).iter(f"{SVG}text"))


@pytest.mark.parametrize("name", PICTURES)
def test_every_picture_can_be_read_without_seeing_it(name):
    root = ET.fromstring(PICTURES[name])
    assert root.get("role") == "img"
    assert root.find(f"{SVG}title").text
    assert root.find(f"{SVG}desc") is not None


@pytest.mark.parametrize("name", PICTURES)
def test_no_picture_brings_script_font_or_address(name):
    svg = PICTURES[name].replace("http://www.w3.org/2000/svg", "")
    for word in ("script", "http", "@import", "href", "url("):
        assert word not in svg


@pytest.mark.parametrize("name", PICTURES)
def test_words_stay_on_the_sheet_and_are_no_smaller_than_12(name):
    root = ET.fromstring(PICTURES[name])
    height = float(root.get("viewBox").split()[3])
    for text in root.iter(f"{SVG}text"):
        size, x, y = (float(text.get(key)) for key in ("font-size", "x", "y"))
        wide = 0.5 * size * len("".join(text.itertext()))
        left = {"start": x, "middle": x - wide / 2, "end": x - wide}[text.get("text-anchor")]
        assert size >= 12
        assert left >= -1
        assert left + wide <= WIDTH + 1, text.text
        assert 0 < y < height


def test_the_description_holds_the_figures_and_says_what_is_hidden():
    desc = ET.fromstring(PICTURES["funnel"]).find(f"{SVG}desc").text
    assert "had the service, sent: 320; had the service, analysed: not shown" in desc
    assert "comparison, others in the pool: 0" in desc
    assert "\u221212 (\u221223 to \u22121) percentage points" in PICTURES["forest"]
    assert "hidden: not shown" in PICTURES["forest"]
    assert "0.0 (\u22120.4 to 0.4)" in PICTURES["forest"]
    assert "age: 0.31 before, 0.02 after (alike)" in PICTURES["love"]
    assert "rare: not shown before, not shown after (unlike)" in PICTURES["love"]


def test_bars_are_as_long_as_their_counts():
    root = ET.fromstring(bars("t", [("g", "all", 200), ("g", "half", 100), ("g", "hidden", None)]))
    boxes = [float(b.get("width")) for b in root.iter(f"{SVG}rect")][1:]
    assert boxes[0] == pytest.approx(2 * boxes[1], abs=0.11)
    assert len(boxes) == 2


def test_lights_differ_by_shape_and_word_as_well_as_colour():
    root = ET.fromstring(PICTURES["love"])
    assert {"alike", "nearly alike", "unlike"} <= {
        "".join(t.itertext()) for t in root.iter(f"{SVG}text")
    }
    corners = {len(p.get("points").split()) for p in root.iter(f"{SVG}polygon")}
    assert corners == {3, 4}
    assert list(root.iter(f"{SVG}circle"))


def test_a_difference_beyond_the_edge_is_marked():
    assert "\u203a" in words(PICTURES["love"])
    assert "\u203a" not in words(PICTURES["near"])


def test_the_side_of_a_benefit_is_named():
    assert "\u2190 better" in words(PICTURES["forest"])
    assert "better \u2192" in words(forest("t", FIGURES, better="higher"))
    assert "better" not in words(PICTURES["bare"])


def test_an_interval_lies_where_the_axis_says():
    svg = forest("t", [Interval("x", 0.0, -10.0, 10.0)])
    square = next(ET.fromstring(svg).iter(f"{SVG}polygon")).get("points").split()
    middle = sum(float(p.split(",")[0]) for p in square) / 4
    assert middle == pytest.approx(WIDTH / 2, abs=0.2)


def test_names_cannot_break_out_of_the_picture():
    assert "<i>" not in PICTURES["love"]
    assert "sex: F &lt;i&gt;" in PICTURES["love"]


def test_long_words_are_cut_and_lines_wrapped():
    assert wrap("one two three", 10, 45) == ["one two", "three"]
    assert wrap("abcdefghijkl", 10, 40) == ["abcdefg", "hijkl"]
