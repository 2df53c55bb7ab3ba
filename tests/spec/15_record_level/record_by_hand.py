"""Filters written a second time, from the published layout alone: slow, plain, row by row.

It shares nothing with the product but the plan of lines and the standard forms of values, and is
what another program would do. ``key`` gives a keyed hash for a label: text to 16 bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

Keyed = Callable[[str], Callable[[str], bytes]]
WORD = (1 << 64) - 1
LAYOUT = "equipoise record filter 2"


def number(made: bytes) -> int:
    return max(int.from_bytes(made[:8], "little"), 1)


def mixed(x: int) -> int:
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9 & WORD
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB & WORD
    return x ^ (x >> 31)


def label(*parts: str) -> str:
    return "\n".join([LAYOUT, *parts])


def bigrams(text: str) -> list[str]:
    signs = [0x1F, *map(ord, text[:64]), 0x1F]
    return [f"{one:x}-{two:x}" for one, two in pairwise(signs)]


def date_words(text: str) -> list[str]:
    year, month, day = text.split("-")
    low, high = sorted((month, day))
    return [
        f"y-{year}", f"m-{month}", f"d-{day}", f"ym-{year}-{month}", f"md-{month}-{day}",
        f"yd-{year}-{day}", f"either-{low}-{high}", f"either of-{year}-{low}-{high}",
        f"decade-{year[:3]}-{month}-{day}", f"unit-{year[3]}-{month}-{day}",
    ]  # fmt: skip


def postcode_words(text: str) -> list[str]:
    return [f"0-{text}", f"1-{text[:-1]}", f"2-{text[-4:]}", f"3-{text[-3:]}", f"4-{text[-4:-1]}"]


def filter_by_hand(grams, parts, lines, key: Keyed, bits: int, inner: int, diffusion: int) -> int:
    """Return one filter as a number. ``grams``: field -> texts. ``parts``: (field, part) -> text.
    ``lines``: (field, ((field, part), ...), positions)."""
    called = {field: "personal name" if "name" in field else field for field in grams}
    positions = set()
    for field, salts, count in lines:
        if field not in grams or any(salt not in parts for salt in salts):
            continue
        name = "\n".join([called[field], *(f"{called[one]}:{part}" for one, part in salts)])
        salt = number(key(label("line"))(name))
        for one, part in salts:
            salt = mixed(salt ^ number(key(label("salt", called[one], part))(parts[one, part])))
        made = sorted({number(key(label("gram", called[field]))(gram)) for gram in grams[field]})
        for j in range(count):
            turn, at = divmod(j, len(made))
            slot = mixed((made[at] + turn * 0x9E3779B97F4A7C15) & WORD)
            positions.add(mixed(slot ^ salt) >> (64 - (inner.bit_length() - 1)))
    found = 0
    for bit, inputs in enumerate(wiring(key, bits, inner, diffusion)):
        if len(positions.intersection(inputs)) % 2:
            found |= 1 << bit
    return found


def wiring(key: Keyed, bits: int, inner: int, diffusion: int) -> list[list[int]]:
    order: list[int] = []
    turn = 0
    while len(order) < bits * diffusion:
        keyed = key(label("diffusion", str(turn)))
        drawn = [int.from_bytes(keyed(str(at))[:8], "little") for at in range(inner)]
        order += sorted(range(inner), key=lambda at: drawn[at])
        turn += 1
    return [order[bit * diffusion : (bit + 1) * diffusion] for bit in range(bits)]
