"""Free text is read here before any person reads it: cleaned, cut off, and asked about.

What looks like it names somebody goes back to whoever wrote it, to change or to confirm. Numbers
that exist to identify one person (NHS, National Insurance, bank card) cannot be confirmed, only
taken out. No finding ever holds the text; it tells where it stands. Screening is a net with
holes: a facilitator can still hide and erase what came through.

Sources: NHS Data Dictionary, NHS NUMBER (check digit modulo 11); HMRC NIM39110 (National Insurance
numbers); BS 7666 (postcodes); ISO/IEC 7812 (card numbers, Luhn).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from equipoise.agree.canonical import digest_of
from equipoise.agree.characters import without_unseen
from equipoise.errors import DataRefused, Problem

LONGEST: Final = 500
"""Letters in one text."""
_READ_AT_MOST: Final = 4 * LONGEST
"""A text longer than this is refused before anything looks into it."""


@dataclass(frozen=True)
class Finding:
    """What a part of a text looks like, and where it stands; ``sure`` cannot be confirmed."""

    code: str
    what: str
    start: int
    end: int
    sure: bool


def _digits(text: str) -> list[int]:
    return [int(digit) for digit in re.sub(r"\D", "", text)]


def _is_nhs(text: str) -> bool:
    digits = _digits(text)
    check = (
        11 - sum(weight * d for weight, d in zip(range(10, 1, -1), digits, strict=False)) % 11
    ) % 11
    return len(digits) == 10 and check == digits[9] and len(set(digits)) > 1


def _is_card(text: str) -> bool:
    digits = _digits(text)[::-1]
    if not 13 <= len(digits) <= 19 or len(set(digits)) == 1:
        return False
    doubled = (2 * d - 9 * (d > 4) if at % 2 else d for at, d in enumerate(digits))
    return sum(doubled) % 10 == 0


def _always(_: str) -> bool:
    return True


_MONTHS: Final = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_TITLES: Final = (
    "mr|mrs|ms|miss|mx|dr|prof|professor|sir|dame|lord|lady|rev|reverend|father|sister|imam|rabbi|"
    "cllr|councillor|pc|sgt|sergeant|constable|inspector|nurse|doctor|auntie|aunt|uncle"
)
_SPELLED_AT: Final = r"(?:@|\s?[\[(]\s?at\s?[\])]\s?|\sat\s)"
_SPELLED_DOT: Final = r"(?:\.|\s?[\[(]\s?dot\s?[\])]\s?|\sdot\s)"


@dataclass(frozen=True)
class _Look:
    code: str
    what: str
    pattern: re.Pattern[str]
    holds: Callable[[str], bool] = _always
    sure: bool = False


def _any_case(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_LOOKS: Final[tuple[_Look, ...]] = (
    _Look(
        "WGH140", "an NHS number", re.compile(r"(?<!\d)\d(?:[ .\-/]?\d){9}(?!\d)"), _is_nhs, True
    ),
    _Look(
        "WGH141",
        "a National Insurance number",
        _any_case(r"\b[a-z][ .\-]?[a-z][ .\-]?\d\d[ .\-]?\d\d[ .\-]?\d\d[ .\-]?[a-d]?\b"),
        sure=True,
    ),
    _Look(
        "WGH142", "a card number", re.compile(r"(?<!\d)\d(?:[ \-]?\d){12,18}(?!\d)"), _is_card, True
    ),
    _Look(
        "WGH143",
        "an e-mail address",
        _any_case(rf"[\w.+\-]{{1,64}}{_SPELLED_AT}[\w\-]{{1,60}}(?:{_SPELLED_DOT}[a-z]{{2,24}})+"),
    ),
    _Look(
        "WGH144",
        "a telephone number",
        re.compile(r"(?<![\d.])(?:\+|00|\(?0)\(?\d(?:[ .\-()/]{0,2}\d){8,13}(?!\d)"),
    ),
    _Look(
        "WGH145",
        "a postcode",
        _any_case(r"\b(?:[a-z]{1,2}\d[a-z\d]?|gir)\s{0,2}\d[abd-hjlnp-uw-z]{2}\b"),
    ),
    _Look(
        "WGH146",
        "somebody's name",
        re.compile(rf"\b(?i:{_TITLES})\.?\s+(?:[A-Z]\.?\s+)*[A-Z][\w'’\-]+"),
    ),
    _Look(
        "WGH146",
        "somebody's name",
        re.compile(
            r"\b(?i:my name is|i am called|i'm called|called|named|his name is|her name is|"
            r"their name is|my name's)\s+[A-Z][\w'’\-]+"
        ),
    ),
    _Look(
        "WGH147",
        "a date of birth",
        _any_case(
            r"\b(?:born|d\.?o\.?b\.?|date of birth|birthday)\b[^.\n]{0,20}?\d{1,4}"
            r"(?:[ ./\-](?:\d{1,2}|[a-z]{3,9})[ ./\-]?\d{0,4})?"
        ),
    ),
    _Look(
        "WGH147",
        "a date of birth",
        _any_case(
            r"(?<!\d)(?:\d{1,2}[./\-]\d{1,2}[./\-](?:19|20)?\d\d|(?:19|20)\d\d-\d{2}-\d{2}|"
            rf"\d{{1,2}}(?:st|nd|rd|th)?\s+(?:{_MONTHS})[a-z]{{0,6}},?\s+(?:19|20)\d\d)(?!\d)"
        ),
    ),
    _Look(
        "WGH148",
        "an address",
        _any_case(
            r"\b(?:flat\s+)?\d{1,4}[a-d]?,?\s+(?:[a-z'’]+\s+){1,3}"
            r"(?:street|st|road|rd|avenue|ave|lane|close|drive|crescent|terrace|way|court|gardens|"
            r"grove|place|square|walk|mews|row|hill)\b"
        ),
    ),
    _Look(
        "WGH149",
        "an account on a network",
        re.compile(r"(?<![\w.@])@[A-Za-z]\w{2,30}\b|\b(?i:https?://|www\.)\S{3,}"),
    ),
)


def cleaned(text: str) -> str:
    """Return text in one form, without what nobody can see and without anything like a tag.

    Newlines become spaces. ``<`` before a letter becomes ``‹``, so that a page that forgot to
    escape would still show words and run nothing; ``<5`` stays as it is.
    """
    flat = re.sub(r"\s+", " ", unicodedata.normalize("NFC", text))
    flat = "".join(c for c in without_unseen(flat) if c.isprintable() and c not in "\u200c\u200d")
    flat = re.sub(r"<(?=[A-Za-z/!?])", "‹", flat)
    return re.sub(r"\s+", " ", flat).strip()


def findings(text: str) -> tuple[Finding, ...]:
    """Return what parts of a cleaned text look like, in order; overlapping ones keep the first.

    Wide and styled digits and letters count as the plain ones that they look like.
    """
    plain = "".join(_narrow(character) for character in text)
    found = [
        Finding(look.code, look.what, match.start(), match.end(), look.sure)
        for look in _LOOKS
        for match in look.pattern.finditer(plain)
        if look.holds(match.group())
    ]
    kept: list[Finding] = []
    for finding in sorted(found, key=lambda f: (not f.sure, f.start, f.start - f.end)):
        if all(finding.end <= other.start or other.end <= finding.start for other in kept):
            kept.append(finding)
    return tuple(sorted(kept, key=lambda f: f.start))


def _narrow(character: str) -> str:
    folded = unicodedata.normalize("NFKC", character)
    return folded if len(folded) == 1 else character


def mark(text: str) -> str:
    """Return the mark by which a person confirms one text, and no other."""
    return digest_of(cleaned(text).encode())


def screened(text: str, field: str, *, confirmed: Iterable[str] = (), name: bool = False) -> str:
    """Return a text that may be kept. ``field`` says in a problem which box it stood in.

    ``confirmed`` holds marks of texts that their writer was asked about and let stand; ``name``
    says that a name is what was asked for.

    Raises ``DataRefused`` with WGH138 for an empty text, WGH139 for one too long, and WGH140 to
    WGH149 for what looks personal, all at once.
    """
    if problems := tuple(_faults(text, field, frozenset(confirmed), name)):
        raise DataRefused(problems)
    return cleaned(text)


def _faults(text: str, field: str, confirmed: frozenset[str], name: bool) -> Iterator[Problem]:
    if len(text) > _READ_AT_MOST or len(clean := cleaned(text)) > LONGEST:
        yield Problem(
            "WGH139",
            f"this is longer than {LONGEST} letters",
            why="everybody has to be able to read it",
            next="say it shorter, or in two parts",
            clause=field,
        )
        return
    if not clean:
        yield Problem("WGH138", "nothing was written", next="write a few words", clause=field)
        return
    for finding in findings(clean):
        if name and finding.code == "WGH146":
            continue
        if finding.sure or mark(text) not in confirmed:
            yield _asked(finding, field)


def _asked(finding: Finding, field: str) -> Problem:
    """Ask about one finding. The code is told from the table, and the text is not repeated."""
    return Problem(
        finding.code,
        f"letters {finding.start + 1} to {finding.end} look like {finding.what}",
        why="what you write is shown to everybody here and kept; it must not tell who somebody is",
        next="take it out"
        if finding.sure
        else "change it; or confirm, if it tells nothing about any person",
        clause=field,
    )


def needs_answer(problem: Problem) -> bool:
    """Say whether a problem is a question that its writer may answer with *confirm*."""
    return "WGH143" <= problem.code <= "WGH149"
