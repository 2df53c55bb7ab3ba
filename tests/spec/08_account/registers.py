"""A register with everything in it that a register can hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from ledgers import BEN, CLEO, Key, sha, whole_site

from equipoise.account.receipts import Destroyed, make_receipt
from equipoise.account.register import (
    OpenPermit,
    Picture,
    PublicRefusal,
    PublicRelease,
    PublicTable,
    Register,
    RegisterEntry,
)
from equipoise.agree.canonical import digest
from equipoise.agree.document import Agreement
from equipoise.agree.parse import parse
from equipoise.agree.sign import sign_agreement
from equipoise.agree.summary import summarise
from equipoise.errors import Problem

ROOT = Path(__file__).parents[3]
AT = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)

SVG = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 180" role="img"
 font-family="sans-serif" font-size="16"><title>Reoffending</title>
<rect width="640" height="180" fill="#fff"/><text x="10" y="65">Mentored</text>
<rect x="150" y="40" width="296" height="40" fill="#123c4a"/><text x="456" y="65">37%</text>
<text x="10" y="145">Not mentored</text>
<rect x="150" y="120" width="312" height="40" fill="#77838f"/><text x="472" y="145">39%</text>
</svg>"""


@cache
def example(name: str) -> Agreement:
    return parse((ROOT / "examples" / name / "agreement.yaml").read_text()).agreement


@cache
def rebate_entry() -> RegisterEntry:
    agreement = example("fuel-poverty")
    refused = PublicRefusal(
        AT,
        "Using the answers for marketing (Bright Gas)",
        "gate",
        (
            Problem(
                "GATE031",
                "The agreement does not permit this use",
                "only the use 'entitled' is named",
                clause="uses",
                line=139,
            ),
            Problem("GATE040", "Marketing is prohibited", clause="prohibitions", line=158),
        ),
    )
    releases = tuple(
        PublicRelease(
            f"release-{number}",
            f"Rebate answers for {agreement.parties[to].name}",
            to,
            AT,
            "identifiable",
            ("hmrc/Amara Osei", "rebate-team/Grace Adeyemi"),
            sha(to),
            rows,
            ("account", "flag"),
            (f"{agreement.parties[to].name} was told yes or no for {rows:,} of its own accounts.",),
        )
        for number, (to, rows) in enumerate([("brightgas", 14210), ("northlight", 9875)], start=1)
    )
    signatures = tuple(
        sign_agreement(agreement, key, party.signatory.name, AT, Key(key))
        for key, party in agreement.parties.items()
    )
    receipt = make_receipt(
        id="erasure-1",
        site="City practice site",
        reference=agreement.reference,
        digest=digest(agreement),
        at=AT,
        by="rebate-team/Grace Adeyemi",
        destroyed=(
            Destroyed("sealed file", "file:a", "tax_credits", sha("a"), 10_000, 31_000),
            Destroyed("sealed file", "file:b", "properties", sha("b"), 10_000, 48_200),
            Destroyed("key", "key:room", fingerprint="cd" * 16),
        ),
        signer=Key("the site"),
    )
    return RegisterEntry(
        agreement,
        digest(agreement),
        "signed",
        summarise(agreement),
        signatures,
        releases,
        (refused,),
        (receipt,),
        (),
        tuple(whole_site().entries),
    )


def mentoring_entry() -> RegisterEntry:
    agreement = example("justice-data-lab")
    release = PublicRelease(
        "release-9",
        "Did mentoring change reoffending within one year?",
        "next-steps",
        AT,
        "aggregate",
        (BEN, CLEO),
        sha("jdl"),
        sentences=(
            "Of the people mentored, 37% offended again within a year; of similar people who were "
            "not, 39%. So small a difference can be chance.",
        ),
        tables=(
            PublicTable(
                "Reoffending within one year",
                ("Group", "People", "Offended again", "Share"),
                (("Mentored", "240", "90", "37%"), ("Not mentored", "1,180", "460", "39%")),
                "Counts are rounded to the nearest 5. Shares are of the rounded counts.",
            ),
        ),
        pictures=(
            Picture(
                "reoffending",
                SVG,
                "37% of mentored people offended again, and 39% of "
                "similar people who were not mentored",
            ),
        ),
        null_result=True,
    )
    refusal = PublicRefusal(
        AT,
        "A result for the second cohort",
        "result",
        (
            Problem(
                "USE021",
                "The cohort has fewer than 60 people",
                "a small group cannot be compared safely or reliably",
            ),
        ),
    )
    return RegisterEntry(
        agreement,
        digest(agreement),
        "final text",
        summarise(agreement),
        (),
        (release,),
        (refusal,),
        open_permits=(OpenPermit("p-7", "run", AT),),
    )


@cache
def full_register() -> Register:
    return Register(
        "City practice site",
        True,
        AT,
        Key("the site").public_key,
        sha("head"),
        1204,
        (rebate_entry(), mentoring_entry()),
        (
            PublicRefusal(
                AT,
                "Opening data under an agreement nobody signed",
                "gate",
                (Problem("GATE001", "There is no such agreement"),),
            ),
        ),
        "register@example.org",
    )


def hostile_entry(text: str) -> RegisterEntry:
    """The rebate agreement with the same text in every place where people may write."""
    entry = rebate_entry()
    said = entry.agreement.model_dump(mode="json", by_alias=True, exclude_none=True)
    said["title"] = said["public"]["summary"] = said["public"]["contact"] = text
    said["public"]["complaints"] = said["purpose"]["statement"] = text
    said["purpose"]["must not affect"] = said["weighing"]["reason"] = text
    for party in said["parties"].values():
        party["name"] = party["signatory"]["name"] = party["signatory"]["post"] = text
    for data in said["datasets"].values():
        data["about"] = text
        for field in data["fields"].values():
            field["why"] = text
    for line in said["weighing"]["red lines"]:
        line["line"] = line["held by"] = line["settled"] = text
    said["weighing"]["conditions"] = [{"condition": text, "set by": text, "answer": text}]
    said["weighing"]["departs"] = [{"people said": text, "because": text, "decided by": text}]
    said["weighing"]["passed over"] = [{"workshop": text, "because": text, "decided by": text}]
    for one in said["safeguards"]:
        one["what"] = one["evidence"] = text
    release = PublicRelease(
        "x",
        text,
        text,
        AT,
        "aggregate",
        (f"room/{text.replace('/', '')}",),
        sha("x"),
        sentences=(text,),
        tables=(PublicTable(text, (text,), ((text,),), text),),
        pictures=(Picture("x", SVG, text),),
    )
    refusal = PublicRefusal(AT, text, "gate", (Problem("GATE001", text, text, clause=text),))
    return replace(
        entry,
        agreement=Agreement.model_validate(said),
        summary=f"# {text}\n\n- {text}\n\n{text}",
        releases=(release,),
        refusals=(refusal,),
        open_permits=(OpenPermit(text, text, AT),),
    )
