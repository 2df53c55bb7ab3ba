"""The pictures of weighing: for every reader, in black and white, with their table beside them."""

import xml.etree.ElementTree as ET

import pytest

from equipoise.charts import (
    ProfileLine,
    bearing,
    bump,
    consensus_bars,
    profile,
    shift_diagram,
    split_bars,
)
from equipoise.charts.svg import WIDTH
from equipoise.weigh.rank import as_ranking

SVG = "{http://www.w3.org/2000/svg}"
LONG = "Information sharing between the ambulance trust and the police to tackle violence by night"
SCALE = ["very uncomfortable", "uncomfortable", "neither", "comfortable", "very comfortable"]
TWELVE = {f"B{number:02d}": LONG[: 20 + 5 * number] for number in range(1, 13)}
PICTURES = {
    "bump": bump(
        "How places change <with> the criterion",
        ["numbers", "impact on individuals", "root causes"],
        [as_ranking("CEAF"), as_ranking([["C", "F"], "E", "A"]), as_ranking("EC")],
        {"A": "Kent", "C": "Fuel poverty", "E": "Justice", "F": LONG},
    ),
    "bump of two": bump(
        "Two", ["before", "after"], [as_ranking(["one thing", "other"]), as_ranking(["other"])],
        {"one thing": "One", "other": "Other"},
    ),
    "bump of twelve": bump(
        "Twelve", [f"table {n}" for n in range(8)],
        [as_ranking([*TWELVE][n:] + [*TWELVE][:n]) for n in range(8)], TWELVE,
    ),
    "bump of seven for a hall": bump(
        "Which brings most?", [*(f"Table {n}" for n in range(6)), "All"],
        [as_ranking("ABCDE"[n % 5:] + "ABCDE"[: n % 5]) for n in range(7)],
        dict.fromkeys("ABCDE", LONG), hall=True,
    ),
    "bump of twelve for a hall": bump(
        "Twelve", ["As ranked", "If it counted"], [as_ranking(TWELVE), as_ranking([*TWELVE][::-1])],
        TWELVE, hall=True,
    ),
    "bump for a hall": bump(
        "Which brings most?", ["Table 1", "Table 3", "Together"],
        [as_ranking("CEAF"), as_ranking([["C", "F"], "E"]), as_ranking("ECAF")],
        {"A": "Kent", "C": "Fuel poverty", "E": "Justice", "F": LONG}, hall=True,
    ),
    "bump of nothing": bump("Nothing", [], [], {}),
    "split": split_bars(
        "How comfortable", [*SCALE[:4], LONG],
        [("before", [5, 6, None, 8, 0]), ("after", [9, 1234567, None, None, 0])],
        ["Mean before 2.9, after 2.3."],
    ),
    "split of nobody": split_bars("Nobody", ["yes", "no"], [("before", [0, None])]),
    "consensus": consensus_bars(
        "All sectors",
        [
            (
                LONG, 0.61,
                [("public", 9, 1, 2), ("voluntary " * 6, 6, 0, 0), ("trade", None, None, None)],
            ),
            ("Publish every use", None, [("public", 0, 0, 0)]),
        ],
    ),
    "shift": shift_diagram(
        "Who moved", [("moved towards the left", -1), (LONG, 0), ("moved towards the right", 1)],
        [("everybody", [1234567, 0, 1234567]), (LONG, [5, 9, 1200]), ("nobody", [0, 0, 0])],
    ),
    "shift withheld": shift_diagram(
        "Few", [("moved down", -1), ("not moved down", 0)], [("everybody", [6, 16])]
    ),
    "shift without a middle": shift_diagram("Odd", [("up", 1)], [("everybody", [None])]),
    "profile": profile(
        "Benefits and risks",
        [
            ProfileLine("Support", "benefit", (0, 0, 5, 9, 8), None),
            ProfileLine(LONG, "risk", (None, None, 5, 7, 8), 6),
            ProfileLine("Hidden", "risk", None),
            ProfileLine("Silent", "risk", (0, 0, 0, 0, 0)),
        ],
        ("very small", "small", "middling", "large", "very large"),
    ),
    "bearing": bearing(
        "Who bears what",
        ["people in the data", "residents", "the council"],
        [("Right support", "benefit", {"people in the data": 3, "residents": 1}),
         (LONG, "risk", {"people in the data": 2, "the council": None})],
    ),
    "bearing of twelve": bearing(
        "Twelve", [f"group {n}" for n in range(12)],
        [("x", "risk", {f"group {n}": n % 4 or None for n in range(12)})],
    ),
}  # fmt: skip


def texts(svg):
    return [(t, "".join(t.itertext())) for t in ET.fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize("name", PICTURES)
def test_each_picture_can_be_read_without_seeing_it(name):
    root = ET.fromstring(PICTURES[name].svg)
    assert root.get("role") == "img"
    assert root.find(f"{SVG}title").text
    described = root.find(f"{SVG}desc").text or ""
    for row in PICTURES[name].rows:
        for cell in (row[0], *row[2:]):
            assert cell in described or cell in {"0", "not shown"}, cell


@pytest.mark.parametrize("name", PICTURES)
def test_no_picture_of_weighing_brings_script_font_or_address(name):
    svg = PICTURES[name].svg.replace("http://www.w3.org/2000/svg", "")
    for word in ("<script", "http", "@import", "href", "url("):
        assert word not in svg


@pytest.mark.parametrize("name", PICTURES)
def test_its_words_stay_on_the_sheet_and_do_not_lie_on_each_other(name):
    svg = PICTURES[name].svg
    height = float(ET.fromstring(svg).get("viewBox").split()[3])
    boxes = []
    for text, words in texts(svg):
        size, x, y = (float(text.get(key)) for key in ("font-size", "x", "y"))
        wide = 0.48 * size * len(words)
        left = {"start": x, "middle": x - wide / 2, "end": x - wide}[text.get("text-anchor")]
        assert size >= 12
        assert left >= -1 and left + wide <= WIDTH + 1, words
        assert 0 < y < height
        boxes.append((left, left + wide, y - 0.7 * size, y, words))
    for number, one in enumerate(boxes):
        for other in boxes[number + 1 :]:
            apart = (
                one[1] <= other[0] or other[1] <= one[0] or one[3] <= other[2] or other[3] <= one[2]
            )
            assert apart, (one[4], other[4])


@pytest.mark.parametrize("name", PICTURES)
def test_every_row_of_the_table_has_a_cell_for_each_head(name):
    drawn = PICTURES[name]
    assert {len(row) for row in drawn.rows} <= {len(drawn.heads)}


def test_the_table_of_a_bump_chart_says_level_and_unranked():
    drawn = PICTURES["bump"]
    assert drawn.heads == ("", "numbers", "impact on individuals", "root causes")
    assert ("Fuel poverty", "1", "1=", "2") in drawn.rows
    assert (LONG, "4", "1=", "not ranked") in drawn.rows


def test_a_bump_chart_shows_things_from_the_top_down():
    spots = {}
    for text, words in texts(PICTURES["bump"].svg):
        if words in {"A", "C", "E", "F"}:
            spots.setdefault(float(text.get("x")), []).append((float(text.get("y")), words))
    columns = ["".join(word for _, word in sorted(spots[x])) for x in sorted(spots)]
    assert columns == ["CEAF", "CFEA", "ECAF"]


def test_bars_are_as_long_as_their_counts_and_a_withheld_one_has_none():
    drawn = split_bars("t", ["a", "b", "c"], [("before", [200, 100, None])])
    wide = [float(box.get("width")) for box in ET.fromstring(drawn.svg).iter(f"{SVG}rect")]
    bars = [each for each in wide if each not in {float(WIDTH), 24.0}]
    assert len(bars) == 2
    assert bars[0] == pytest.approx(2 * bars[1], abs=0.2)
    assert drawn.rows[2] == ("c", "not shown")


def test_shares_of_a_group_fill_its_bar():
    drawn = consensus_bars("t", [("s", 0.5, [("g", 6, 2, 2)])])
    wide = [float(box.get("width")) for box in ET.fromstring(drawn.svg).iter(f"{SVG}rect")][4:]
    assert wide == [pytest.approx(share * (WIDTH - 24), abs=0.1) for share in (0.6, 0.2, 0.2)]
    assert drawn.rows == (("s", "0.50", "g", "6", "2", "2"),)


def test_who_moved_stands_on_their_side_and_what_is_not_told_says_so():
    """A missing bar would be read as nobody."""
    drawn = PICTURES["shift withheld"]
    assert drawn.heads == ("", "moved down", "not moved down")
    assert drawn.rows == (("everybody", "6", "16"),)
    words = {words: float(text.get("x")) for text, words in texts(drawn.svg)}
    assert words["6"] < words["16"] == WIDTH / 2 < words["not told"]
    assert "Right: not told by itself" in words
    (arm,) = [
        box for box in ET.fromstring(drawn.svg).iter(f"{SVG}rect")
        if float(box.get("height")) == 13 and float(box.get("width")) > 1
    ]  # fmt: skip
    full = shift_diagram("t", [("moved down", -1)], [("everybody", [9])]).svg
    whole = max(
        float(box.get("width")) for box in ET.fromstring(full).iter(f"{SVG}rect")
        if float(box.get("height")) == 13
    )  # fmt: skip
    assert float(arm.get("width")) == pytest.approx(whole * 6 / 22, abs=0.1)


def test_who_bears_what_is_said_in_words():
    assert PICTURES["bearing"].rows == (
        ("Right support", "benefit", "large", "small", "none"),
        (LONG, "risk", "medium", "none", "not known"),
    )


def test_nothing_is_said_by_colour_alone():
    """A benefit and a risk have other shapes; agreeing and disagreeing other fills."""
    risk = profile("t", [ProfileLine("x", "risk", (0, 5), 0)], ("1", "2")).svg
    gain = profile("t", [ProfileLine("x", "benefit", (0, 5), 0)], ("1", "2")).svg
    assert "<polygon" in risk and "<polygon" not in gain
    lines = [
        consensus_bars("t", [("s", 0.5, [("g", yes, 9 - yes, 0)])]).svg.count("<line")
        for yes in (9, 0)
    ]
    assert lines[1] > lines[0]


LETTERS_AT_THE_BACK = 24
"""Pixels of 720 that a letter must have to be read from the back of a hall: one in thirty."""


@pytest.mark.parametrize(
    ("name", "room"), [("bump for a hall", 590), ("bump of seven for a hall", 480)]
)
def test_letters_of_a_bump_chart_can_be_read_from_the_back_of_a_hall(name, room):
    """``room`` is how wide a wall of 1280 by 720 shows it; it is 470 high at most."""
    drawn = PICTURES[name]
    wide, high = map(float, ET.fromstring(drawn.svg).get("viewBox").split()[2:])
    marks = [t for t, words in texts(drawn.svg) if t.get("font-weight") == "bold"]
    least = min(float(t.get("font-size")) for t in marks)
    assert least * min(room / wide, 470 / high) >= LETTERS_AT_THE_BACK


def test_a_bump_chart_for_a_hall_leaves_title_and_key_to_the_page():
    drawn = PICTURES["bump for a hall"]
    said = " ".join(words for _, words in texts(drawn.svg))
    assert "Which brings" not in said and "Kent" not in said
    assert ET.fromstring(drawn.svg).find(f"{SVG}title").text == "Which brings most?"
    assert [row[0] for row in drawn.rows[:2]] == ["A Kent", "C Fuel poverty"]
