"""Invented people with planted errors, for linking: who is who is known because we made them."""

from __future__ import annotations

import random
from dataclasses import dataclass

import pyarrow as pa

_FORENAMES = (
    "Olivia Amelia Isla Ava Ivy Freya Lily Florence Mia Willow Rosie Sophia Isabella Grace Daisy "
    "Oliver George Noah Arthur Harry Leo Muhammad Jack Charlie Oscar Jacob Henry Thomas Freddie"
)
_SURNAMES = (
    "Smith Jones Taylor Brown Williams Wilson Johnson Davies Robinson Wright Thompson Evans Walker "
    "White Roberts Green Hall Wood Jackson Clarke Patel Khan Lewis James Phillips Mason Mitchell "
    "Rose Davidson Okafor Kowalski Hughes Edwards Carter Begum Singh Murphy Kelly Fraser Campbell"
)
FORENAMES, SURNAMES = _FORENAMES.split(), _SURNAMES.split()
FIELDS = {
    "forename": "forename",
    "surname": "surname",
    "birth_date": "date",
    "sex": "sex",
    "postcode": "postcode",
}


@dataclass(frozen=True)
class Files:
    """Two tables and the pairs of record ids that are one person."""

    left: pa.Table
    right: pa.Table
    truth: frozenset[tuple[str, str]]


def two_files(homes: int, *, seed: int = 1, shared: float = 0.6, wrong: float = 0.15) -> Files:
    """Return two files of people who live two to a home; ``shared`` of them stand in both.

    Housemates share surname and postcode. In the second file each value is wrong with a chance of
    ``wrong``: a letter dropped, day and month turned round (or a year added), a house moved.
    """
    draw = random.Random(seed)
    people = [one for home in range(homes) for one in _home(home, draw)]
    lefts = [p for p in people if draw.random() < shared + (1 - shared) / 2]
    rights = [p for p in people if draw.random() < shared + (1 - shared) / 2]
    draw.shuffle(rights)
    ids = {p["person"]: f"L{n}" for n, p in enumerate(lefts)}
    truth = {(ids[p["person"]], f"R{n}") for n, p in enumerate(rights) if p["person"] in ids}
    return Files(
        _table(lefts, "L"), _table([_spoilt(p, draw, wrong) for p in rights], "R"), frozenset(truth)
    )


def _home(number: int, draw: random.Random) -> list[dict[str, str]]:
    surname = draw.choice(SURNAMES)
    postcode = (
        f"LS{draw.randint(1, 29)} {draw.randint(1, 9)}{draw.choice('ABDEFG')}{draw.choice('HJLNP')}"
    )
    return [
        {
            "person": f"{number}-{who}",
            "forename": draw.choice(FORENAMES),
            "surname": surname,
            "birth_date": (
                f"{draw.randint(1930, 2015)}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}"
            ),
            "sex": draw.choice("MF"),
            "postcode": postcode,
        }
        for who in range(2)
    ]


def _spoilt(person: dict[str, str], draw: random.Random, wrong: float) -> dict[str, str]:
    found = dict(person)
    for name in ("forename", "surname"):
        if draw.random() < wrong:
            at = draw.randrange(len(found[name]))
            found[name] = found[name][:at] + found[name][at + 1 :]
    if draw.random() < wrong:
        year, month, day = found["birth_date"].split("-")
        turned = f"{year}-{day}-{month}"
        found["birth_date"] = turned if int(day) <= 12 else f"{int(year) + 1}-{month}-{day}"
    if draw.random() < wrong:
        found["postcode"] = f"BD{draw.randint(1, 24)} {draw.randint(1, 9)}XZ"
    return found


def _table(people: list[dict[str, str]], letter: str) -> pa.Table:
    columns = {name: [p[name] for p in people] for name in FIELDS}
    return pa.table({"record_id": [f"{letter}{n}" for n in range(len(people))], **columns})


def precision_and_recall(found: pa.Table, truth: frozenset[tuple[str, str]]) -> tuple[float, float]:
    """Return the two for a table of links."""
    pairs = set(zip(found["left_id"].to_pylist(), found["right_id"].to_pylist(), strict=True))
    return len(pairs & truth) / max(1, len(pairs)), len(pairs & truth) / len(truth)
