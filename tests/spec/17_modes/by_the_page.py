"""Another program that writes filters and tokens to meet by, from the published page alone.

It imports nothing of the product. The table of kinds it reads from the page itself, so that a page
that is no longer right makes another filter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from hashlib import blake2s
from itertools import accumulate, combinations, pairwise
from pathlib import Path

PAGE = Path(__file__).parents[3] / "docs" / "explanation" / "encodings.md"
LOW = (1 << 64) - 1
PLACED = {"nhs number", "nino", "uprn", "number", "phone", "code"}
Part = tuple[str, str]
Number = Callable[[str, tuple[str, ...]], int]


def digest(key: bytes, label: str, text: str) -> bytes:
    """The hash of the test vectors."""
    made = blake2s(label.encode(), key=key).digest()
    return blake2s(text.encode(), key=made, digest_size=16).digest()


def kinds() -> dict[str, tuple[float, dict[str, float], bool]]:
    """Kind -> weight, parts with bits, whether it is of a home; as the page says."""
    found = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if row := re.fullmatch(r"\| `([a-z ]+)` \| ([0-9.]+) \| (.*?) ?\| (yes|no) \|", line):
            kind, weight, parts, home = row.groups()
            bits = {n: float(b) for n, b in re.findall(r"`([a-z ]+)` ([0-9.]+)", parts)}
            found[kind] = (float(weight), bits, home == "yes")
    return found


def mixed(x: int) -> int:
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9 & LOW
    x = (x ^ x >> 27) * 0x94D049BB133111EB & LOW
    return x ^ x >> 31


def answers_to(field: str, kind: str) -> str:
    return "personal name" if kind in ("forename", "surname") else field


class Record:
    """One record: kinds of its fields, standard forms, and the parts that the page names."""

    def __init__(self, key: bytes, reference: str, entity: str, fields: dict[str, str]) -> None:
        self._head = ("equipoise encoding 1", reference, entity)
        self._key, self.fields, self.use = key, fields, kinds()
        self.called = {name: answers_to(name, kind) for name, kind in fields.items()}

    def number(self, text: str, label: tuple[str, ...], *, raw: bool = False) -> int:
        made = digest(self._key, "\n".join((*self._head, *label)), text)[:8]
        return int.from_bytes(made, "little") or (0 if raw else 1)

    # -- the plan --------------------------------------------------------------------------------

    def bits(self, part: Part) -> float:
        return self.use[self.fields[part[0]]][1][part[1]]

    def personal(self, part: Part) -> bool:
        return not self.use[self.fields[part[0]]][2] and self.bits(part) >= 6

    def parts_of(self, *names: str) -> list[Part]:
        return [(name, part) for name in names for part in self.use[self.fields[name]][1]]

    def salts(self, field: str) -> list[tuple[Part, ...]]:
        others = self.parts_of(*(name for name in self.fields if name != field))
        found: list[tuple[Part, ...]] = [(one,) for one in others if self.bits(one) >= 7]
        for two in combinations(others, 2):
            if two[0][0] != two[1][0] and 8.5 <= self.bits(two[0]) + self.bits(two[1]) <= 15:
                found.append(tuple(sorted(two, key=lambda p: (self.called[p[0]], p[1]))))
        if not any(map(self.personal, self.parts_of(field))):
            found = [salt for salt in found if any(map(self.personal, salt))] or found
        if not found:
            found = [tuple(sorted(others, key=lambda p: -self.bits(p))[:1])]
        return found

    def lines(self, positions: int) -> Iterator[tuple[str, tuple[Part, ...], int]]:
        every = [
            (field, salt, self.use[kind][0] / len(salts))
            for field, kind in self.fields.items()
            if self.use[kind][0]
            for salts in [self.salts(field)]
            for salt in salts
        ]
        sums = list(accumulate(share for _, _, share in every))
        ends = [int(positions * each / sums[-1] + 0.5) for each in sums]
        for (field, salt, _), start, end in zip(every, [0, *ends], ends, strict=False):
            if end > start:
                yield field, salt, end - start

    # -- the filter ------------------------------------------------------------------------------

    def filter(
        self, forms: dict[str, str], parts: dict[Part, str], bits: int, inner: int, into: int
    ) -> bytes:
        head = "equipoise record filter 2"
        set_: set[int] = set()
        for field, salt, count in self.lines(240):
            if field not in forms or any(part not in parts for part in salt):
                continue
            name = "\n".join([self.called[field], *(f"{self.called[f]}:{p}" for f, p in salt)])
            salted = self.number(name, (head, "line"))
            for part in salt:
                label = (head, "salt", self.called[part[0]], part[1])
                salted = mixed(salted ^ self.number(parts[part], label))
            under = partial(self.number, label=(head, "gram", self.called[field]))
            grams = sorted({under(gram) for gram in grams_of(self.fields[field], forms[field])})
            for j in range(count):
                turn, at = divmod(j, len(grams))
                slot = mixed(grams[at] + turn * 0x9E3779B97F4A7C15 & LOW)
                set_.add(mixed(slot ^ salted) >> 64 - (inner.bit_length() - 1))
        order: list[int] = []
        for turn in range(-(-bits * into // inner)):
            drawn = [self.number(str(at), (head, "diffusion", str(turn)), raw=True)
                     for at in range(inner)]  # fmt: skip
            order += sorted(range(inner), key=drawn.__getitem__)
        made = 0
        for bit in range(bits):
            made |= len(set_.intersection(order[bit * into : (bit + 1) * into])) % 2 << bit
        return made.to_bytes(bits // 8, "little")

    # -- tokens to meet by -----------------------------------------------------------------------

    def token_sets(self) -> list[tuple[Part, ...]]:
        every = self.parts_of(*self.fields)
        open_ = [
            some
            for count in range(1, 5)
            for some in combinations(every, count)
            if len({name for name, _ in some}) == count
            and 22 <= sum(map(self.bits, some)) <= 34
            and any(map(self.personal, some))
        ]
        cases = [set(wrong) for count in range(4) for wrong in combinations(self.fields, count)]
        chosen: list[tuple[Part, ...]] = []

        def served(some: tuple[Part, ...]) -> int:
            read = {name for name, _ in some}
            return sum(10 ** (3 - len(wrong)) for wrong in cases if not wrong & read)

        while open_ and len(chosen) < 12:
            best = max(open_, key=lambda some: (served(some), -len(some), -open_.index(some)))
            if not served(best):
                break
            open_.remove(best)
            chosen.append(best)
            cases = [wrong for wrong in cases if wrong & {name for name, _ in best}]
        return chosen

    def tokens(self, parts: dict[Part, str]) -> bytes:
        made = b""
        for some in self.token_sets():
            said = tuple(f"{name}:{part}" for name, part in some)
            number = 0
            if all(part in parts for part in some):
                label = ("equipoise record token 2", *said)
                number = sum(self.number(parts[p], (*label, p[0])) for p in some) & LOW
            made += number.to_bytes(8, "little")
        return made


def grams_of(kind: str, form: str) -> list[str]:
    if kind == "date":
        year, month, day = form.split("-")
        if (month, day) == ("01", "01"):
            return [f"y-{year}"]
        low, high = sorted((month, day))
        return [
            f"y-{year}", f"m-{month}", f"d-{day}", f"ym-{year}-{month}", f"md-{month}-{day}",
            f"yd-{year}-{day}", f"either-{low}-{high}", f"either of-{year}-{low}-{high}",
            f"decade-{year[:3]}-{month}-{day}", f"unit-{year[3]}-{month}-{day}",
        ]  # fmt: skip
    if kind == "postcode":
        return [f"0-{form}", f"1-{form[:-1]}", f"2-{form[-4:]}", f"3-{form[-3:]}",
                f"4-{form[-4:-1]}"]  # fmt: skip
    if kind in ("sex", "category", "year"):
        return [form]
    signs = [0x1F, *map(ord, form[:64]), 0x1F]
    pairs = enumerate(pairwise(signs), 1)
    return [f"{a:x}-{b:x}" + (f"-{place}" if kind in PLACED else "") for place, (a, b) in pairs]
