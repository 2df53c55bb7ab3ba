"""A release package: what a recipient gets, and can hold against the secure room's key."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from parcels import Post, post, refused

from equipoise.agree.parts import OutputRule, Release
from equipoise.carry.disclose import Checked, Finding, disclose
from equipoise.carry.outputs import Output, OutputColumn
from equipoise.carry.package import About, Approval, make_package, open_package
from equipoise.charts.svg import Sheet

RULE = OutputRule(form="aggregate", min_count=10, round_to=5)
APPROVALS = (
    Approval.of("Helen Marsh", "justice-office", "2026-03-01T12:00:00Z", "counts are large"),
    Approval.of("Idris Khan", "next-steps", "2026-03-01T12:05:00Z", "nobody can be found"),
)
ABOUT = About(
    title="Did <mentoring> help?", reference="jobs@1", digest="sha256:" + "ab" * 32, run="run-1",
    use="reoffending", recipient="next-steps", form="aggregate", min_count=10, round_to=5,
    created="2026-03-02T09:00:00Z", approvals=APPROVALS,
)  # fmt: skip
SENTENCES = ("43% against 50%: a *difference* of <7> points.", "Nothing about any person.")


def picture(title: str = "A <picture>") -> str:
    return Sheet(title).render("what it shows")


def counts(labels: tuple[str, ...] = ("a", "b", "c")) -> Checked:
    output = Output(
        "rates", "How many <had> each outcome", "counts",
        (OutputColumn("area", "label"), OutputColumn("people", "count"),
         OutputColumn("had_it", "count"),
         OutputColumn("rate", "rate", "had_it", "people", decimals=0)),
        pa.table({"area": labels, "people": [102, 2031, 41], "had_it": [40, 51, 3],
                  "rate": [0.0, 0.0, 0.0]}),
    )  # fmt: skip
    return disclose(output, RULE, releases=())


def estimates() -> Checked:
    output = Output(
        "effect_1", "What changed", "estimates",
        (OutputColumn("what", "label"), OutputColumn("people", "count"),
         OutputColumn("value", "measure", denominator="people", decimals=2)),
        pa.table({"what": ["effect", "other"], "people": [500, 400], "value": [-7.123, None]}),
    )  # fmt: skip
    return disclose(output, RULE, releases=())


def answers(party: str = "brightgas", accounts: tuple[str, ...] = ("A1", "=B2", "C3")) -> Checked:
    output = Output(
        "answers", "Answers", "rows",
        (OutputColumn("account", "reference"), OutputColumn("flag", "flag")),
        pa.table({"account": pa.array(accounts).dictionary_encode(), "flag": ["yes", "no", "no"]}),
        party=party,
    )  # fmt: skip
    release = Release(of="entitled", to=party, fields=("account", "flag"), rows="own")
    return disclose(output, OutputRule(form="identifiable"), releases=[release])


@pytest.fixture
def mail(tmp_path: Path) -> Post:
    return post(tmp_path)


def made(mail: Post, *outputs: Checked, **words: Any) -> bytes:
    words = {"statement": SENTENCES, "pictures": {"effect.svg": picture()}, **words}
    about = words.pop("about", ABOUT)
    return make_package(
        about, outputs or (counts(), estimates()), signer=mail.keys.signer("secure-room"), **words
    )


def opened(mail: Post, data: bytes, **words: Any) -> Any:
    return open_package(data, public_key=mail.keys.public_key("secure-room"), **words)


def test_what_was_released_is_what_is_opened(mail: Post) -> None:
    package = opened(mail, made(mail))
    assert set(package.files) == {
        "data/rates.csv", "data/effect_1.csv", "pictures/effect.svg", "report.html", "statement.md",
    }  # fmt: skip
    assert not package.sealed
    about = package.manifest["about"]
    assert (about["reference"], about["digest"], about["recipient"]) == (
        "jobs@1", ABOUT.digest, "next-steps",
    )  # fmt: skip
    assert [each["name"] for each in about["approvals"]] == ["Helen Marsh", "Idris Khan"]
    assert package.manifest["produced_by"].startswith("equipoise ")


def test_a_reason_is_bound_by_its_hash_and_not_told(mail: Post) -> None:
    data = made(mail)
    assert b"nobody can be found" not in data
    assert APPROVALS[1].reason_sha256.encode() in data


def test_the_manifest_says_what_the_check_did(mail: Post) -> None:
    outputs = opened(mail, made(mail)).manifest["outputs"]
    assert [each["verdict"] for each in outputs] == ["pass", "pass"]
    assert {"DIS018", "DIS010"} <= {finding["code"] for finding in outputs[0]["findings"]}


def test_the_same_release_gives_the_same_bytes(mail: Post) -> None:
    pictures = {"b.svg": picture("b"), "a.svg": picture("a")}
    other = dict(reversed(pictures.items()))
    assert made(mail, pictures=pictures) == made(mail, pictures=other)


def test_an_ordinary_program_opens_it(mail: Post) -> None:
    with zipfile.ZipFile(io.BytesIO(made(mail))) as archive:
        assert archive.testzip() is None
        assert archive.namelist()[:2] == ["manifest.json", "signature.json"]


def test_tables_are_read_back_as_they_were_shown(mail: Post) -> None:
    text = opened(mail, made(mail)).files["data/rates.csv"].decode()
    assert list(csv.reader(io.StringIO(text))) == [
        ["area", "people", "had_it", "rate"],
        ["a", "100", "40", "40"],
        ["b", "2030", "50", "2"],
        ["c", "40", "[c]", "[c]"],
    ]
    text = opened(mail, made(mail)).files["data/effect_1.csv"].decode()
    assert list(csv.reader(io.StringIO(text)))[1:] == [
        ["effect", "500", "-7.12"], ["other", "400", "[z]"],
    ]  # fmt: skip


def test_a_spreadsheet_runs_no_label(mail: Post) -> None:
    data = made(mail, counts(("=1+1", "@x", "-a")))
    rows = list(csv.reader(io.StringIO(opened(mail, data).files["data/rates.csv"].decode())))
    assert [row[0] for row in rows[1:]] == ["'=1+1", "'@x", "'-a"]
    assert b'<th scope="row">=1+1</th>' in opened(mail, data).files["report.html"]


def sealed(mail: Post, **words: Any) -> bytes:
    about = replace(ABOUT, recipient="brightgas", form="identifiable")
    return made(mail, answers(), about=about, seal=mail.keys.seal_to(mail.room), **words)


def test_references_stay_byte_for_byte_and_are_counted(mail: Post) -> None:
    package = opened(mail, sealed(mail), unseal=mail.keys.unseal_with("room"))
    assert package.sealed
    assert package.files["data/answers.csv"] == (
        b'"account","flag"\n"=B2","no"\n"A1","yes"\n"C3","no"\n'
    )
    assert package.manifest["outputs"][0]["cells_like_formulas"] == 1
    assert b"A1" not in package.files["report.html"]
    assert b"3 rows" in package.files["report.html"]


def test_rows_leave_under_their_recipients_seal_only(mail: Post) -> None:
    about = replace(ABOUT, recipient="brightgas")
    with refused("PKG012"):
        made(mail, answers(), about=about)
    with refused("PKG013"):
        made(mail, answers("northlight"), about=about, seal=mail.keys.seal_to(mail.room))
    data = sealed(mail)
    with refused("PKG002"):
        opened(mail, data)
    with refused("PKG008"):
        opened(mail, data, unseal=mail.keys.unseal_with("unit"))
    for at in range(0, len(data), 211):
        with refused("PKG008"):
            broken = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
            if not broken.startswith(b"age-encryption.org/"):
                broken = data[:-1]
            opened(mail, broken, unseal=mail.keys.unseal_with("room"))


def test_what_failed_its_check_is_never_packed(mail: Post) -> None:
    failed = Checked(counts().output, (Finding("DIS001", "fail", "no rule"),), "fail")
    with refused("PKG011"):
        made(mail, failed)


def test_two_people_must_have_approved(mail: Post) -> None:
    for approvals in ((), APPROVALS[:1], (APPROVALS[0], APPROVALS[0])):
        with refused("PKG014"):
            made(mail, about=replace(ABOUT, approvals=approvals))


def test_names_that_no_file_can_bear_are_refused(mail: Post) -> None:
    bad = replace(counts(), output=replace(counts().output, name="../x"))
    for outputs, pictures in (
        ((bad,), {}), ((counts(), counts()), {}), ((counts(),), {"../../x.svg": picture()}),
    ):  # fmt: skip
        with refused("PKG015"):
            made(mail, *outputs, pictures=pictures)


def test_every_changed_byte_and_every_cut_is_refused(mail: Post) -> None:
    whole = made(mail)
    for at in {*range(0, len(whole), 61), *range(len(whole) - 150, len(whole)), *range(120)}:
        broken = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
        with pytest.raises(Exception, match=r"PKG00[1-7]"):
            opened(mail, broken)
    for cut in (0, 3, 30, len(whole) // 2, len(whole) - 1):
        with pytest.raises(Exception, match=r"PKG00[14]"):
            opened(mail, whole[:cut])
    with refused("PKG007"):
        opened(mail, whole + b"\0")


def repacked(data: bytes, change: Any, compression: int = zipfile.ZIP_STORED) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    files = change(files) or files
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", compression) as archive:
        for name, each in files.items():
            archive.writestr(name, each)
    return sink.getvalue()


def test_a_file_changed_added_or_taken_away_is_refused(mail: Post) -> None:
    whole = made(mail)
    for change in (
        lambda files: files.update({"data/rates.csv": b"area,people\n"}),
        lambda files: files.update({"data/more.csv": b"x"}),
        lambda files: files.pop("statement.md") and None,
        lambda files: files.pop("signature.json") and None,
    ):
        with refused("PKG006"):
            opened(mail, repacked(whole, change))
    with refused("PKG007"):  # the same files, packed by another program
        opened(mail, repacked(whole, lambda files: files))
    with refused("PKG004"):
        opened(mail, repacked(whole, lambda files: files, zipfile.ZIP_DEFLATED))


def test_a_signature_by_another_key_is_refused(mail: Post) -> None:
    with refused("PKG005"):
        open_package(made(mail), public_key=mail.keys.public_key("hmrc"))

    def other_text(files: dict[str, bytes]) -> None:
        manifest = json.loads(files["manifest.json"])
        manifest["about"]["recipient"] = "police"
        files["manifest.json"] = json.dumps(manifest).encode()

    with refused("PKG005"):
        opened(mail, repacked(made(mail), other_text))


def test_another_format_or_no_manifest_is_told_as_such(mail: Post) -> None:
    for text, code in ((b'{"format": 2}', "PKG003"), (b"{", "PKG004"), (b"[]", "PKG004")):
        with refused(code):
            opened(mail, repacked(made(mail), lambda f, t=text: {**f, "manifest.json": t}))
    for text in (b'{"format": 1}', b'{"format": 1, "files": {"report.html": 3}}'):
        with refused("PKG005", "PKG006"):
            opened(mail, repacked(made(mail), lambda f, t=text: {**f, "manifest.json": t}))


@pytest.mark.parametrize("data", [b"", b"EQPARCEL", b"PK\x05\x06" + bytes(18)])
def test_another_file_is_not_a_package(mail: Post, data: bytes) -> None:
    with refused("PKG001"):
        opened(mail, data)


def test_two_files_of_one_name_are_refused(mail: Post) -> None:
    sink = io.BytesIO(made(mail))
    with zipfile.ZipFile(sink, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("statement.md", b"other")
    with refused("PKG006"):
        opened(mail, sink.getvalue())


class Page(HTMLParser):
    """Collects what a browser would make of the page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_fetches_nothing_runs_nothing_and_can_be_read_aloud(mail: Post) -> None:
    page = Page(opened(mail, made(mail)).files["report.html"].decode())
    names = [tag for tag, _ in page.tags]
    assert not {"script", "iframe", "object", "img", "link", "form"} & set(names)
    for _, attributes in page.tags:
        assert not [name for name in attributes if name.startswith("on")]
        for name in ("src", "href"):
            assert (attributes.get(name) or "#").startswith("#")
    assert ("html", {"lang": "en-GB"}) in page.tags
    assert names.count("h1") == 1
    assert names.count("table") == names.count("caption") == 2
    assert all("scope" in attributes for tag, attributes in page.tags if tag == "th")
    assert "Did <mentoring> help?" in page.text
    assert "43% against 50%: a *difference* of <7> points." in page.text
    assert "How many <had> each outcome" in page.text
    assert "[c]" in page.text
    assert [a["role"] for tag, a in page.tags if tag == "svg"] == ["img"]


def test_the_statement_is_plain_text_whatever_the_data_say(mail: Post) -> None:
    text = opened(mail, made(mail)).files["statement.md"].decode()
    assert text.startswith("# Did \\<mentoring\\> help?\n")
    assert "- 43% against 50%: a \\*difference\\* of \\<7\\> points.\n" in text
    assert "jobs@1" in text
    assert re.search(r"no count below 10; counts rounded to 5", text)


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        '<rect onclick="x()"/>',
        '<image href="https://example.org/x.png"/>',
        '<a href="https://example.org"><text>x</text></a>',
        "<foreignObject><p>x</p></foreignObject>",
        '<rect fill="url(https://example.org/x)"/>',
        "<style>@import 'x'</style>",
        '<use xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="https://example.org"/>',
        "<g><![CDATA[<script>]]></g>",
        "<g>",
    ],
)
def test_a_picture_that_may_fetch_or_run_is_refused(mail: Post, inside: str) -> None:
    svg = f'<svg xmlns="http://www.w3.org/2000/svg">{inside}</svg>'
    with refused("PKG010"):
        made(mail, pictures={"effect.svg": svg})


@pytest.mark.parametrize(
    "svg",
    [
        '<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg">&a;</svg>',
        "<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>",
        "<html><svg/></html>",
        "<svg/>",
        "",
    ],
)
def test_a_picture_is_one_svg_element(mail: Post, svg: str) -> None:
    with refused("PKG010"):
        made(mail, pictures={"effect.svg": svg})


def test_marks_inside_a_picture_may_point_at_each_other(mail: Post) -> None:
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg"><defs><pattern id="p"/></defs>'
        '<!-- dots --><rect fill="url(#p)"/><text>1</text></svg>'
    )
    with refused("PKG010"):  # a comment is not drawn, so it has no place in a report
        made(mail, pictures={"effect.svg": svg})
    still = svg.replace("<!-- dots -->", "")
    assert (
        still.encode() in opened(mail, made(mail, pictures={"e.svg": still})).files["report.html"]
    )
