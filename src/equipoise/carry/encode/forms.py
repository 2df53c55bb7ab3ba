"""Standard forms for linking: one way to write what was meant, and never nothing for something.

``standardise`` makes the forms that exact tokens rest on: what is not of its type becomes missing
there, because a token that might mean two things links wrongly. Here values are compared by degree,
so a dirty value is still evidence: a postcode that is none keeps its letters, a date that no
calendar has keeps its digits, a name in another script keeps its signs. Only what says that nothing
is known (empty, no letter or digit, ``not known``) is missing. Every form is idempotent.

    forename, surname, name   capitals without accents; titles, initials after a forename out;
                              particles (van der, Mc, O') joined to the name that follows
    postcode                  British: outward, space, inward, or as much of it as is there; any
                              other code: capitals and digits without space
    sex                       M, F, X; another word stays as it is
    numbers                   letters and digits, without zeros in front; a phone's last nine digits
    address                   words in capitals, British abbreviations written out, postcode out
    organisation              words without the form of company
    text, place, category     words in capitals
    email                     lower case, without what follows a plus sign
"""

from __future__ import annotations

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from equipoise.carry.encode.folding import LETTERS, empty_to_null, rewrite, rewrite_lines
from equipoise.carry.encode.numbers import nhs_number, nino
from equipoise.carry.encode.standardise import SEX_UNKNOWN, SEXES
from equipoise.carry.encode.words import words_of

_ACCENTS: Final = r"[\x{0300}-\x{036F}]"
"""Marks on Latin, Greek and Cyrillic letters. Marks of other scripts are vowels, and stay."""

_EXACT: Final = float(1 << 53)
"""From here on a floating number stands for several whole ones."""

_NOT_KNOWN: Final = pa.array(
    sorted(
        SEX_UNKNOWN - {"0", "U"} | {"N A", "NOT GIVEN", "NOT RECORDED", "NOT AVAILABLE", "MISSING"}
    )
)
_TRIM: Final = ((r"^ +| +$", ""),)
_TITLES = (
    "MR|MRS|MISS|MS|MX|DR|PROF|PROFESSOR|REV|REVD|REVEREND|SIR|DAME|LORD|LADY|MASTER|CAPT|MAJOR|COL"
)
_LETTERS_AFTER = "JNR|JR|JUNIOR|SNR|SR|SENIOR|ESQ|OBE|MBE|CBE|II|III|PHD|MD"
_PARTICLES = (
    "MC|MAC|O|VAN|VON|DER|DEN|DE|DEL|DELLA|DI|DA|DAS|DO|DOS|DU|LA|LE|LOS|EL|AL|BIN|BINT|BINTI|"
    "IBN|ABU|BEN|TER|TEN|ST|SAN|SANTA|AP"
)
_WORDS: Final = ((r"['’‘ʼ`´]", ""), (r"[^\p{L}\p{M}\p{N}\n]+", " "), *_TRIM)
_TITLED: Final = (
    (rf"^(?:(?:{_TITLES}) )+([^ \n].*)$", r"\1"),
    (rf"^(.*[^ \n])(?: (?:{_LETTERS_AFTER}))+$", r"\1"),
)
_PARTICLE: Final = ((rf"\b({_PARTICLES}) (?:({_PARTICLES}) )?(?:({_PARTICLES}) )?", r"\1\2\3"),)
_INITIALS: Final = ((r"^(\p{L}{2,}(?: \p{L}{2,})*)(?: \p{L})+$", r"\1"),)

_OUTWARD = r"(?:[A-Z]{1,2}[0-9][A-Z0-9]?|GIR)"
_CODE_TIDY: Final = (
    (r"\.0$", ""),
    (r"^ *([0-9]{5})-[0-9]{4} *$", r"\1"),  # the last four say which side of a street
    (r"[^\p{L}\p{M}\p{N}]+", " "),
    *_TRIM,
)
_COMPANY: Final = (
    "LTD",
    "LIMITED",
    "PLC",
    "INC",
    "INCORPORATED",
    "LLP",
    "LLC",
    "CORP",
    "CORPORATION",
    "CO",
    "COMPANY",
    "THE",
    "AND",
    "OF",
    "CIC",
    "CIO",
    "GMBH",
    "SA",
    "NV",
    "BV",
    "PTY",
    "GROUP",
    "HOLDINGS",
    "UK",
)


def as_text(values: pa.Array) -> pa.Array:
    """Return any column as text: 12.0 is ``12``, true is ``YES``; text stays as it is."""
    if pa.types.is_boolean(values.type):
        return pc.if_else(values, "YES", "NO")
    text = values.cast(pa.string())
    if pa.types.is_floating(values.type):
        text = pc.if_else(_whole(values), _whole_as_text(values), text)
    if pa.types.is_floating(values.type) or pa.types.is_decimal(values.type):
        text = rewrite(text, ((r"^(-?[0-9]+)\.0*$", r"\1"), (r"^nan$", "")))
    return text


def _whole(values: pa.Array) -> pa.Array:
    """Return which floating numbers are whole, and small enough that every one of them is exact."""
    wide = values.cast(pa.float64())
    return pc.and_(pc.equal(pc.floor(wide), wide), pc.less(pc.abs(wide), _EXACT))


def _whole_as_text(values: pa.Array) -> pa.Array:
    """Return whole numbers in full: a column of long numbers of which some are missing is often
    read as floating, and Arrow writes its twelve digits as a power of ten."""
    wide = values.cast(pa.float64())
    return pc.if_else(_whole(values), wide, 0.0).cast(pa.int64()).cast(pa.string())


def plain(values: pa.Array) -> pa.Array:
    """Return capitals without accents; scripts whose marks are letters keep them."""
    text = pc.replace_substring(as_text(values), pattern="\n", replacement=" ")
    if pc.all(pc.string_is_ascii(text)).as_py() in (True, None):
        return pc.utf8_upper(text)
    text = pc.utf8_normalize(text, form="NFKD")
    text = pc.replace_substring_regex(text, pattern=_ACCENTS + r"|\p{Cf}", replacement="")
    text = pc.utf8_upper(text)
    for letter, other in LETTERS:
        text = pc.replace_substring(text, pattern=letter, replacement=other)
    # A capital can come apart once more (a dotted I into letter and dot).
    text = pc.utf8_normalize(text, form="NFKD")
    return pc.replace_substring_regex(text, pattern=_ACCENTS, replacement="")


def known(values: pa.Array) -> pa.Array:
    """Return values in standard form with those that say ``not known``, or nothing, as null."""
    said = pc.is_in(values, value_set=_NOT_KNOWN)
    return empty_to_null(pc.if_else(said, pa.scalar(None, pa.string()), values))


def text(values: pa.Array) -> pa.Array:
    """Return words in capitals, with single spaces."""
    return known(rewrite_lines(plain(values), _WORDS))


def surname(values: pa.Array) -> pa.Array:
    """Return a name in capitals, particles joined to what follows them."""
    return known(rewrite_lines(plain(values), (*_WORDS, *_PARTICLE, *_TITLED)))


def forename(values: pa.Array) -> pa.Array:
    """Return forenames in capitals, without the initials of later ones."""
    return known(rewrite_lines(plain(values), (*_WORDS, *_TITLED, *_INITIALS)))


def full_name(values: pa.Array) -> pa.Array:
    """Return a whole name; ``SMITH, JOHN`` is turned round first."""
    turned = rewrite(plain(values), ((r"^ *([^,]*[^, ]) *, *([^,]*[^, ]) *$", r"\2 \1"),))
    return known(rewrite_lines(turned, (*_WORDS, *_PARTICLE, *_TITLED)))


def sex(values: pa.Array) -> pa.Array:
    """Return M, F or X where the word is known, the word itself where not."""
    words = rewrite(plain(values), ((r"\.0+$", ""), *_WORDS))
    found = pa.array(list(SEXES.values())).take(pc.index_in(words, value_set=pa.array(list(SEXES))))
    unknown = pc.is_in(words, value_set=pa.array(sorted(SEX_UNKNOWN)))
    return known(pc.if_else(unknown, "", pc.coalesce(found, words)))


def postcode(values: pa.Array) -> pa.Array:
    """Return a British postcode with one space, or its part, or any other code without space."""
    spaced = rewrite(plain(values), _CODE_TIDY)
    # A district and the digit of a sector can be told from a long district only by the space.
    sector = pc.match_substring_regex(spaced, rf"^{_OUTWARD} [0-9]$")
    bare = rewrite(spaced, ((" ", ""), (rf"^({_OUTWARD})O([A-Z]{{2}})$", r"\10\2")))
    british = rewrite(bare, ((rf"^({_OUTWARD})([0-9][A-Z]{{2}})$", r"\1 \2"),))
    nobody = pc.starts_with(british, "ZZ99")
    return known(pc.if_else(nobody, "", pc.if_else(sector, spaced, british)))


def number(values: pa.Array) -> pa.Array:
    """Return letters and digits only, without zeros in front; zeros alone are no number."""
    kept = rewrite(
        plain(values), ((r"^([0-9]+)\.0*$", r"\1"), (r"[^\p{L}\p{M}\p{N}]+", ""), ("^0+", ""))
    )
    return known(kept)


def code(values: pa.Array) -> pa.Array:
    """Return capitals without space; other signs stay."""
    return known(rewrite(plain(values), ((r"\s", ""),)))


def health_number(values: pa.Array) -> pa.Array:
    """Return an NHS number that holds, or the digits of one that does not."""
    shown = number(values)
    return pc.coalesce(nhs_number(as_text(values)), shown)


def insurance_number(values: pa.Array) -> pa.Array:
    """Return a National Insurance number without its suffix, or what stands there instead."""
    return pc.coalesce(nino(as_text(values)), number(values))


def phone(values: pa.Array) -> pa.Array:
    """Return the last nine digits, which neither a country's code nor a leading zero changes."""
    shown = number(values)
    digits = rewrite(shown, ((r"[^0-9]", ""), (r"^.*([0-9]{9})$", r"\1"), ("^0+", "")))
    return known(pc.coalesce(empty_to_null(digits), shown))


def email(values: pa.Array) -> pa.Array:
    """Return an address in lower case, without a tag after a plus sign."""
    lower = pc.utf8_lower(plain(values))
    return known(rewrite(lower, ((r"\s", ""), (r"\+[^@]*@", "@"), ("^[-@.]+$", ""))))


def organisation(values: pa.Array) -> pa.Array:
    """Return a body's name without its form of company, unless nothing else is there."""
    whole = text(rewrite(as_text(values), (("&", " and "),)))
    words = words_of(whole)
    bare = words.rewritten(dict.fromkeys(_COMPANY, "")).joined()
    return pc.coalesce(bare, whole)
