"""The public register: pages and JSON that anybody can read."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from ledgers import Key, sha
from registers import (
    AT,
    SVG,
    example,
    full_register,
    hostile_entry,
    mentoring_entry,
    rebate_entry,
)

from equipoise.account import wording
from equipoise.account.pages import render
from equipoise.account.prose import html
from equipoise.account.receipts import fingerprint
from equipoise.account.register import Picture, PublicTable, receipt_file, write_register
from equipoise.account.verify import verify_receipt
from equipoise.agree.parts import Retention
from equipoise.errors import DataRefused, EnvironmentFailed, UsageRefused

VOID = {"meta", "link", "br", "img"}


class Page(HTMLParser):
    """A page taken apart, as a browser or a screen reader would."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.levels: list[int] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == [], f"left open: {self.open}"

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)
        if re.fullmatch(r"h[1-6]", tag):
            self.levels.append(int(tag[1]))

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, f"</{tag}> closes {self.open[-1:]}"
        self.open.pop()

    def handle_data(self, data):
        self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attrs for name, attrs in self.tags if name == tag]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@cache
def pages() -> dict[str, str]:
    return {
        name: data.decode()
        for name, data in render(full_register()).items()
        if name.endswith(".html")
    }


def read(name: str) -> Page:
    return Page(pages()[name])


REBATE, MENTORING = (
    "agreements/fuel-poverty-rebate-v1.html",
    "agreements/justice-data-lab-next-steps-v1.html",
)


@pytest.mark.parametrize("name", sorted(pages()))
class TestEveryPageCanBeReadByEverybody:
    def test_it_states_its_language_and_fits_a_phone(self, name):
        page = read(name)
        assert page.all("html")[0]["lang"] == "en-GB"
        assert "width=device-width" in str(page.all("meta"))
        assert "user-scalable" not in str(page.all("meta"))

    def test_it_has_a_title_one_main_heading_and_no_level_left_out(self, name):
        page = read(name)
        assert len(page.all("title")) == 1
        assert page.levels.count(1) == 1
        assert all(
            after <= before + 1 for before, after in zip(page.levels, page.levels[1:], strict=False)
        )

    def test_it_has_landmarks_and_a_way_past_the_head(self, name):
        page = read(name)
        for landmark in ("header", "main", "footer"):
            assert len(page.all(landmark)) == 1
        first = page.all("a")[0]
        assert first["class"] == "skip" and first["href"] == "#content"
        assert page.all("main")[0]["id"] == "content"
        names = [nav.get("aria-label") or nav.get("aria-labelledby") for nav in page.all("nav")]
        assert all(names) and len(set(names)) == len(names)

    def test_every_id_is_there_once_and_every_reference_finds_it(self, name):
        page = read(name)
        ids = Counter(attrs["id"] for _, attrs in page.tags if "id" in attrs)
        assert set(ids.values()) == {1}
        for _, attrs in page.tags:
            if "aria-labelledby" in attrs:
                assert attrs["aria-labelledby"] in ids
            if attrs.get("href", "").startswith("#"):
                assert attrs["href"][1:] in ids

    def test_every_table_has_a_caption_and_scoped_heads(self, name):
        page = read(name)
        assert len(page.all("caption")) == len(page.all("table"))
        assert all(head.get("scope") in {"col", "row"} for head in page.all("th"))

    def test_every_picture_is_also_told_in_words(self, name):
        assert all(picture["alt"].strip() for picture in read(name).all("img"))

    def test_it_asks_nothing_of_another_machine_and_runs_nothing(self, name):
        page = read(name)
        assert page.all("script") == page.all("iframe") == page.all("form") == []
        assert "default-src 'none'" in str(page.all("meta"))
        for _, attrs in page.tags:
            assert not any(key.startswith("on") or key == "style" for key in attrs)
        for attrs in (*page.all("img"), *page.all("link")):
            assert "://" not in attrs.get("src", "") + attrs.get("href", "")

    def test_every_link_within_the_register_leads_somewhere(self, name):
        files = render(full_register())
        for attrs in (*read(name).all("a"), *read(name).all("img"), *read(name).all("link")):
            target = attrs.get("href") or attrs.get("src") or ""
            if not target.startswith(("#", "http", "mailto:")):
                path = os.path.normpath(str(Path(name).parent / target))
                assert path in files, target

    def test_it_says_that_it_is_practice_on_every_page(self, name):
        assert "Practice site." in read(name).text
        true = render(replace(full_register(), practice=False))[name].decode()
        assert "Practice site." not in true


def contrast(one: str, other: str) -> float:
    """Contrast as WCAG 2.2 defines it, from relative luminance."""

    def light(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        ]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    bright, dark = sorted((light(one), light(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def test_words_stand_out_from_their_ground():
    style = render(full_register())["style.css"].decode()
    colour = dict(re.findall(r"--(\w[\w-]*): (#[0-9a-f]{6});", style))
    pairs = [
        ("ink", "ground"),
        ("ink", "wash"),
        ("quiet", "ground"),
        ("quiet", "wash"),
        ("link", "ground"),
        ("link", "wash"),
        ("go", "go-wash"),
        ("stop", "stop-wash"),
        ("warn", "warn-wash"),
    ]
    for word, ground in pairs:
        assert contrast(colour[word], colour[ground]) >= 7, (word, ground)
    assert contrast("#ffffff", colour["deep"]) >= 7
    assert contrast(colour["line"], colour["ground"]) >= 3
    assert contrast("#000000", "#ffdf6b") >= 7


def test_the_style_has_focus_print_and_nothing_from_outside():
    style = render(full_register())["style.css"].decode()
    assert ":focus-visible" in style and "@media print" in style
    assert "url(" not in style and "@import" not in style and "@font-face" not in style


def test_the_first_page_lists_every_agreement_and_its_standing():
    text = read("index.html").text
    assert "Automatic energy rebates" in text and "In force" in text
    assert "Did the Next Steps mentoring scheme reduce reoffending?" in text
    assert "Awaiting signatures" in text
    assert "Opening data under an agreement nobody signed" in text


def test_the_first_page_shows_how_to_check_the_ledger():
    text = read("index.html").text
    assert sha("head")[7:11] in text and "1,204" in text
    assert fingerprint(Key("the site").public_key)[:4] in text
    assert "equipoise verify" in text


def test_an_agreements_page_says_who_shares_what_with_whom_why_and_in_which_form():
    text = read(REBATE).text
    for told in (
        "Give the energy rebate to every household entitled to it",
        "Revenue Office of the City: adults named on a tax credit award",
        "Identifiable: it can be told who a row is about",
        "Until it has been used, then destroyed",
        "The entitlement itself",
        "Only the rows that the receiver itself sent in. “Not found” is answered as “no”",
        "Act of Parliament, 2017 chapter 30, section 36",
        "No supplier may learn why an account is not entitled.",
        "The data may not be used to sell anything.",
        "Amara Osei",
        "rebate@example.org",
        "example.org/rebate/complaints",
    ):
        assert told in text, told


def test_it_says_what_was_released_to_whom_and_who_checked_it():
    text = read(REBATE).text
    assert "Bright Gas was told yes or no for 14,210 of its own accounts." in text
    assert "Amara Osei (hmrc) and Grace Adeyemi (rebate-team)" in text


def test_a_null_result_is_shown_as_a_result():
    text = read(MENTORING).text
    assert "No clear difference found" in text and "That is a result too" in text
    assert "1,180" in text


def test_a_refusal_is_shown_with_every_reason_clause_and_code():
    text = read(REBATE).text
    assert "Using the answers for marketing (Bright Gas)" in text
    for told in ("GATE031", "GATE040", "prohibitions , line 158", "Marketing is prohibited."):
        assert told in text, told
    assert "The cohort has fewer than 60 people." in read(MENTORING).text


def test_an_erasure_is_shown_with_its_limits_and_its_receipt():
    text = read(REBATE).text
    assert "2 files and 1 key destroyed" in text and "79,200 rows" in text
    assert "The bytes on the disk were not overwritten" in text
    data = render(full_register())["receipts/erasure-1.json"]
    assert verify_receipt(data, key=Key("the site").public_key).id == "erasure-1"


def test_what_is_open_is_shown():
    assert "Permit p-7 for run" in read(MENTORING).text
    assert "Every permit that opened the data has been closed." in read(REBATE).text


def test_who_has_not_signed_is_shown():
    assert read(MENTORING).text.count("Not yet") == 3
    assert "Not yet" not in read(REBATE).text


def test_the_ledger_is_told_step_by_step():
    assert "The text of tea@1 became final" in read(REBATE).text
    assert "Every step" not in read(MENTORING).text


def test_an_agreement_that_has_done_nothing_says_so():
    bare = replace(rebate_entry(), releases=(), refusals=(), receipts=(), history=())
    page = render(replace(full_register(), entries=(bare,)))[REBATE].decode()
    for told in ("Nothing has been released", "Nothing has been refused", "Nothing has been eras"):
        assert told in page


def test_an_empty_register_says_that_nothing_is_shared():
    empty = replace(full_register(), entries=(), refusals=(), contact="")
    page = Page(render(empty)["index.html"].decode())
    assert "There are no agreements yet." in page.text


def test_what_people_asked_for_and_where_they_were_not_followed_is_published():
    said = example("fuel-poverty").model_dump(mode="json", by_alias=True, exclude_none=True)
    said["weighing"]["conditions"] = [
        {
            "condition": "Nobody is sold anything.",
            "set by": "The tables",
            "clause": "prohibitions.2",
        },
        {"condition": "Tenants are asked.", "set by": "A panel", "answer": "By letter, in May."},
        {"condition": "It ends in a year.", "set by": "A panel"},
    ]
    said["weighing"]["departs"] = [
        {"people said": "One table in three would not.", "because": "Winter comes.",
         "decided by": "The council"},
    ]  # fmt: skip
    said["weighing"]["passed over"] = [
        {"workshop": "spring", "because": "It rained.", "decided by": "The unit"}
    ]
    agreement = type(example("fuel-poverty")).model_validate(said)
    entry = replace(rebate_entry(), agreement=agreement)
    text = Page(render(replace(full_register(), entries=(entry,)))[REBATE].decode()).text
    for told in (
        "Set by The tables. It is in the agreement, at: the prohibition 'marketing'.",
        "The answer: By letter, in May.",
        "Not answered.",
        "One table in three would not.",
        "It was decided otherwise by The council. The reasons: Winter comes.",
        "People met there, and it was passed over by The unit. The reasons: It rained.",
    ):
        assert told in text, told


def test_parts_an_agreement_leaves_out_are_left_out():
    said = example("fuel-poverty").model_dump(mode="json", by_alias=True, exclude_none=True)
    said |= {"releases": [], "prohibitions": [], "safeguards": []}
    del said["linkage"]
    said["weighing"] = {"route": "light"}
    said["gateway"]["hmrc"]["disputed"] = True
    said["datasets"]["tax_credits"]["consent"] = {"field": "on_credit"}
    said["datasets"]["properties"]["opt out"] = {"check": "national"}
    said["datasets"]["properties"]["fields"]["cost_score"]["coarsen"] = "band of 10"
    agreement = type(example("fuel-poverty")).model_validate(said)
    entry = replace(rebate_entry(), agreement=agreement)
    text = Page(render(replace(full_register(), entries=(entry,)))[REBATE].decode()).text
    for told in (
        "Nothing may leave the secure room.",
        "By the light route.",
        "Disputed",
        "Only people who said yes are included.",
        "People who opted out are left out.",
        "(only the band of 10)",
    ):
        assert told in text, told
    assert "Red lines" not in text and "Protections" not in text


HOSTILE = "<script>alert('x')</script>\" onload=\"y & </td><!--"


def test_nothing_that_people_write_becomes_part_of_a_page():
    entry = hostile_entry(HOSTILE)
    register = replace(full_register(), site=HOSTILE, contact=HOSTILE, entries=(entry,))
    for name, data in render(register).items():
        if name.endswith(".html"):
            page = Page(data.decode())
            assert page.all("script") == []
            assert all("onload" not in attrs for _, attrs in page.tags)
            assert HOSTILE.replace("  ", " ") in page.text


def test_the_same_facts_are_there_for_programs():
    files = render(full_register())
    index = json.loads(files["register.json"])
    assert index["ledger"]["head"] == sha("head") and index["practice"] is True
    assert [one["reference"] for one in index["agreements"]] == [
        "fuel-poverty-rebate@1",
        "justice-data-lab-next-steps@1",
    ]
    for one in index["agreements"]:
        assert one["page"] in files and one["data"] in files
    rebate = json.loads(files["agreements/fuel-poverty-rebate-v1.json"])
    assert rebate["refusals"][0]["reasons"][0]["code"] == "GATE031"
    assert rebate["receipts"][0]["id"] == "erasure-1"
    assert rebate["agreement"]["title"] == "Automatic energy rebates"
    assert rebate["history"][4]["told"].startswith("The text of tea@1")
    mentoring = json.loads(files["agreements/justice-data-lab-next-steps-v1.json"])
    assert mentoring["releases"][0]["null_result"] is True
    assert mentoring["releases"][0]["pictures"][0]["file"] in files
    assert mentoring["open_permits"][0]["id"] == "p-7"


# --- words -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "day", "label"),
    [
        ("signed", "2025-12-31", "Signed"),
        ("signed", "2026-01-01", "In force"),
        ("signed", "2027-12-31", "In force"),
        ("signed", "2028-01-01", "Expired"),
        ("suspended", "2026-06-01", "Suspended"),
        ("dreaming", "2026-06-01", "Dreaming"),
    ],
)
def test_standing_follows_from_state_and_dates(state: str, day: str, label: str):
    when = AT.date().fromisoformat(day)
    assert wording.standing(example("fuel-poverty"), state, when)[0] == label


def test_every_state_an_agreement_can_be_in_has_words():
    states = pytest.importorskip("equipoise.agree.states", reason="the table is not there yet")
    named = set(states.AGREEMENT) | {
        after for moves in states.AGREEMENT.values() for after in moves.values()
    }
    assert named <= set(wording.STATE) | {"signed"}


def test_how_long_things_are_kept_is_told():
    assert wording.kept(None) == "Not stated"
    assert wording.kept(Retention(days=90)) == "90 days, then destroyed"
    assert wording.kept(Retention(until=AT.date())) == "Until 20 November 2026, then destroyed"


def test_a_law_is_named():
    base = "https://www.legislation.gov.uk/ukpga"
    assert wording.power(f"{base}/2018/12") == "Act of Parliament, 2018 chapter 12"
    assert wording.power(f"{base}/2018/12/schedule/2") == (
        "Act of Parliament, 2018 chapter 12, schedule 2"
    )
    assert wording.power("https://www.example.org/law") == "example.org/law"


def test_an_address_becomes_a_link_only_if_it_is_one():
    assert wording.link("https://a.org/x") == '<a href="https://a.org/x">a.org/x</a>'
    assert wording.link("a@b.org") == '<a href="mailto:a@b.org">a@b.org</a>'
    assert wording.link("javascript:alert(1)") == "javascript:alert(1)"
    assert wording.link("Room <4>") == "Room &lt;4&gt;"


def test_a_reason_reads_as_a_sentence():
    assert wording.stop("too few people ") == "Too few people."
    assert wording.stop("Why?") == "Why?"


def test_a_summary_in_markdown_becomes_safe_html():
    assert html("# Title\n## One\n\ntext\nmore\n\n#### Deep\n### Two\n## Three") == (
        "<h3>One</h3>\n<p>text more</p>\n<h4>Deep</h4>\n<h4>Two</h4>\n<h3>Three</h3>"
    )
    assert html("- a\n  b\n* c\n1. d\n2) e\nplain") == (
        "<ul><li>a b</li><li>c</li></ul>\n<ol><li>d</li><li>e plain</li></ol>"
    )
    assert html("text\n- a\n\nmore") == "<p>text</p>\n<ul><li>a</li></ul>\n<p>more</p>"
    assert html("**b** *i* _i_ `c` snake_case_name 2*3*4") == (
        "<p><strong>b</strong> <em>i</em> <em>i</em> <code>c</code> snake_case_name 2*3*4</p>"
    )
    assert html("[ok](https://a.org) [no](javascript:x) <b>") == (
        '<p><a href="https://a.org">ok</a> [no](javascript:x) &lt;b&gt;</p>'
    )
    assert html("", top=2) == ""


def test_what_can_and_cannot_be_said_stands_under_its_heading():
    said = ("What you can say: fewer came back", "What you cannot say: why.", "Note: all is well")
    assert wording.said(said) == [
        ("What you can say", ["Fewer came back."]),
        ("What you cannot say", ["Why."]),
        ("", ["Note: all is well."]),
    ]
    register = released(sentences=said)
    page = render(register)[MENTORING].decode()
    assert "<h4>What you cannot say</h4>" in page and Page(page).levels


def test_many_tables_are_folded_away_and_one_is_not():
    one = mentoring_entry().releases[0].tables
    assert "<details open>" in render(released(tables=one))[MENTORING].decode()
    many = render(released(tables=one * 3))[MENTORING].decode()
    assert "3 tables of figures" in many and "<details open>" not in many


def test_names_of_the_document_are_spoken_plainly():
    assert wording.spoken("hot_spots") == "Hot spots"
    named = replace(rebate_entry(), refusals=(replace(rebate_entry().refusals[0], what="release"),))
    page = render(replace(full_register(), entries=(named,)))[REBATE].decode()
    assert "<h3>A request to hand over a result</h3>" in page


# --- what must not be published --------------------------------------------------------------


def refused(register) -> list[str]:
    with pytest.raises(DataRefused) as caught:
        write_register(register, Path("never-written"))
    assert not Path("never-written").exists()
    return [problem.code for problem in caught.value.problems]


def released(**changes: object):
    entry = mentoring_entry()
    return replace(
        full_register(),
        entries=(replace(entry, releases=(replace(entry.releases[0], **changes),)),),
    )


def test_no_agreement_and_no_receipt_is_there_twice():
    entry = rebate_entry()
    assert refused(replace(full_register(), entries=(entry, entry))) == ["REG004", "REG004"]


def test_a_receipt_that_does_not_hold_is_not_published():
    entry = rebate_entry()
    entry = replace(entry, receipts=(replace(entry.receipts[0], site="Another"),))
    assert refused(replace(full_register(), entries=(entry,))) == ["LED202"]


def test_a_receipt_with_an_odd_id_gets_a_plain_file_name():
    receipt = rebate_entry().receipts[0]
    assert receipt_file(receipt) == "erasure-1.json"
    odd = replace(receipt, id="../../etc")
    assert re.fullmatch(r"[0-9a-f]{16}\.json", receipt_file(odd))


@pytest.mark.parametrize(
    "svg",
    [
        "<b>",
        "<svg><script>x</script></svg>",
        '<svg onload="x"/>',
        '<svg><image href="x"/></svg>',
        '<svg><path fill="url(http://x)"/></svg>',
        "<svg><!-- x --></svg>",
        '<svg><g xlink:href="https://x"/></svg>',
        "<svg><style>@import 'x'</style></svg>",
    ],
)
def test_a_picture_is_a_drawing_and_nothing_else(svg: str):
    assert refused(released(pictures=(Picture("x", svg, "bars"),))) == ["REG002"]


def test_a_drawing_may_refer_to_its_own_parts():
    svg = '<svg><defs><pattern id="p"/></defs><path fill="url(#p)"/></svg>'
    register = released(pictures=(Picture("x", svg, "bars"),))
    assert "pictures/justice-data-lab-next-steps-v1-x.svg" in render(register)


def test_a_picture_has_words_and_a_name_of_its_own():
    assert refused(released(pictures=(Picture("x", SVG, " "),))) == ["REG003"]
    assert refused(released(pictures=(Picture("../x", SVG, "bars"),))) == ["REG003"]
    twice = (Picture("x", SVG, "bars"), Picture("x", SVG, "bars"))
    assert refused(released(pictures=twice)) == ["REG004"]


def test_a_table_is_whole():
    table = PublicTable("People", ("Group", "People"), (("Mentored",),))
    assert refused(released(tables=(table,))) == ["REG005"]


def test_rows_about_people_are_never_shown():
    assert refused(released(form="identifiable")) == ["REG006"]
    assert refused(released(form="de-personalised", tables=())) == ["REG006"]


# --- writing ---------------------------------------------------------------------------------


def test_writing_makes_every_file_and_returns_the_first_page(tmp_path: Path):
    first = write_register(full_register(), tmp_path / "public" / "register")
    assert first == tmp_path / "public" / "register" / "index.html"
    written = {
        str(path.relative_to(first.parent)) for path in first.parent.rglob("*") if path.is_file()
    }
    assert written == set(render(full_register()))
    assert [path.name for path in first.parent.parent.iterdir()] == ["register"]
    assert oct(first.parent.stat().st_mode)[-3:] == "755"


def test_a_newer_register_replaces_the_whole_old_one(tmp_path: Path):
    folder = tmp_path / "register"
    write_register(full_register(), folder)
    (tmp_path / ".register-old-crashed").mkdir()
    write_register(replace(full_register(), entries=(rebate_entry(),)), folder)
    assert [path.name for path in (folder / "agreements").glob("*.html")] == [
        "fuel-poverty-rebate-v1.html"
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["register"]


def test_an_empty_folder_may_become_the_register(tmp_path: Path):
    assert write_register(full_register(), tmp_path).is_file()


def test_a_folder_with_other_things_in_it_is_left_alone(tmp_path: Path):
    (tmp_path / "thesis.txt").write_text("years of work")
    for folder in (tmp_path, tmp_path / "thesis.txt"):
        with pytest.raises(UsageRefused, match="REG001"):
            write_register(full_register(), folder)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_when_the_disk_refuses_the_old_register_stays(tmp_path: Path, monkeypatch):
    folder = tmp_path / "register"
    write_register(full_register(), folder)
    before = (folder / "index.html").read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(EnvironmentFailed, match=r"REG010.*No space left"):
        write_register(replace(full_register(), entries=()), folder)
    assert (folder / "index.html").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["register"]


@pytest.mark.parametrize("had", [True, False])
def test_when_the_last_step_fails_the_old_register_comes_back(tmp_path, monkeypatch, had: bool):
    folder = tmp_path / "register"
    if had:
        write_register(full_register(), folder)
    rename = Path.rename

    def fail(self, target):
        if "-new-" in self.name:
            raise OSError
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(EnvironmentFailed, match=r"REG010.*OSError"):
        write_register(replace(full_register(), entries=()), folder)
    assert [path.name for path in tmp_path.iterdir()] == (["register"] if had else [])


def test_the_same_register_is_the_same_to_the_byte():
    assert render(full_register()) == render(full_register())
