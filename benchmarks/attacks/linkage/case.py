"""One scene encoded under one scheme, with what the attacker prepares for it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from equipoise.carry.encode.record import STRENGTHS

from .align import Bits, Guess, Side, Sides
from .expected import Expected
from .graph import align_graphs
from .people import Scene
from .schemes import SCHEMES, SeededKey, Words
from .similarity import NEIGHBOURS, Floats, Whole, profiles

_SECRET = 1_000_000


@dataclass(frozen=True)
class Case:
    """What is attacked. Nothing here reads the truth but the scoring; ``keys`` of his own are what
    the attacker averages over."""

    scene: Scene
    scheme: str
    keys: int = 4
    rounds: int = 100

    def under(self, number: int, *, register: bool = False) -> Words:
        """Return the encoded file (or the register) under one key, by its number."""
        table = self.scene.register_table() if register else self.scene.encoded_table()
        return SCHEMES[self.scheme](table, SeededKey(number))

    @property
    def secret(self) -> int:
        """Return the number of the owners' key."""
        return _SECRET + self.scene.seed

    @cached_property
    def seen(self) -> Words:
        """Return what the linkage unit sees."""
        return self.under(self.secret)

    @cached_property
    def own(self) -> tuple[Words, ...]:
        """Return the register under the attacker's own keys."""
        return tuple(self.under(1 + k, register=True) for k in range(self.keys))

    @cached_property
    def truth(self) -> Whole:
        """Return each encoded row's row in the register, -1 for strangers."""
        return self.scene.truth

    @cached_property
    def bits(self) -> tuple[Bits, Bits]:
        """Return both sides by their bits."""
        return Bits(self.seen), Bits(*self.own)

    @cached_property
    def sides(self) -> Sides:
        """Return both sides, the register as well as the attacker can know it."""
        register: Side = self.bits[1]
        if self.scheme in STRENGTHS:
            register = Expected(self.scene.register_table(), STRENGTHS[self.scheme])
        return Sides(self.bits[0], register)

    @cached_property
    def profiles(self) -> tuple[Floats, Floats]:
        """Return what each record of both sides looks like."""
        count = min(NEIGHBOURS, len(self.seen) - 1, len(self.scene.register) - 1)
        return profiles(self.seen, count=count), profiles(*self.own, count=count)

    @cached_property
    def graph(self) -> Guess:
        """Return the outcome of the graph attack; several attacks build on it."""
        spectra = self.bits[0].rows, self.bits[1].rows
        return align_graphs(self.sides, spectra, self.profiles, self.rounds)

    def draw(self, name: int) -> np.random.Generator:
        """Return a stream of chance for one attack."""
        return np.random.default_rng([self.scene.seed, name])
