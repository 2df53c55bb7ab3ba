"""Texts as words, so that a million addresses cost a few passes over some thousand words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from equipoise.carry.encode.folding import empty_to_null

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Words:
    """The words of n texts: ``codes`` point into ``vocabulary``; text i has those from
    ``offsets[i]`` to ``offsets[i + 1]``."""

    codes: npt.NDArray[np.int32]
    offsets: npt.NDArray[np.int64]
    vocabulary: pa.Array

    def rewritten(self, table: Mapping[str, str]) -> Words:
        """Return the same texts with whole words replaced; an empty replacement takes one out."""
        keys, values = pa.array(list(table)), pa.array(list(table.values()))
        found = values.take(pc.index_in(self.vocabulary, value_set=keys))
        changed = replace(self, vocabulary=pc.coalesce(found, self.vocabulary))
        return changed.only(flags(pc.not_equal(changed.vocabulary, "")))

    def respelt(self, vocabulary: pa.Array) -> Words:
        """Return the same texts with each word written as ``vocabulary`` has it, in its place: one
        word, several with spaces between, or none."""
        new = words_of(vocabulary)
        counts = new.counted()[self.codes]
        ends = np.cumsum(counts)
        within = np.arange(int(ends[-1]) if len(ends) else 0) - np.repeat(ends - counts, counts)
        codes = new.codes[np.repeat(new.offsets[self.codes], counts) + within]
        before = np.concatenate([[0], ends])
        return Words(codes, before[self.offsets], new.vocabulary)

    def only(self, keep: Flags) -> Words:
        """Return the texts with those words only that are true in ``keep`` (by vocabulary)."""
        if keep.all():
            return self
        return self.picked(keep[self.codes])

    def having(self, pattern: str) -> Flags:
        """Return which words of the vocabulary a regular expression (RE2) finds something in."""
        return flags(pc.match_substring_regex(self.vocabulary, pattern))

    def sorted(self) -> Words:
        """Return each text's distinct words in alphabetical order."""
        # Rewriting may have made two entries of the vocabulary equal: a dense rank makes them one.
        rank = pc.rank(self.vocabulary, sort_keys="ascending", tiebreaker="dense").to_numpy()
        ranks, owners = rank[self.codes], self._owners()
        order = np.lexsort((ranks, owners))
        fresh = np.ones(len(order), np.bool_)
        same_text = owners[order[1:]] == owners[order[:-1]]
        fresh[1:] = ~(same_text & (ranks[order[1:]] == ranks[order[:-1]]))
        return replace(self, codes=self.codes[order]).picked(fresh)

    def joined(self, between: str = " ") -> pa.Array:
        """Return the texts; null for one without words."""
        listed = pa.ListArray.from_arrays(
            pa.array(self.offsets, pa.int32()), self.vocabulary.take(pa.array(self.codes))
        )
        return empty_to_null(pc.binary_join(listed, between))

    def first(self) -> pa.Array:
        """Return each text's first word, null for none."""
        return self._at(self.offsets[:-1])

    def last(self) -> pa.Array:
        """Return each text's last word, null for none."""
        return self._at(self.offsets[1:] - 1)

    def counted(self) -> npt.NDArray[np.int64]:
        """Return how many words each text has."""
        return np.diff(self.offsets)

    def _at(self, places: npt.NDArray[np.int64]) -> pa.Array:
        there = self.counted() > 0
        codes = np.zeros(len(there), np.int32)
        codes[there] = self.codes[places[there]]
        return self.vocabulary.take(pa.array(codes, mask=~there))

    def _owners(self) -> npt.NDArray[np.int64]:
        return np.repeat(np.arange(len(self.offsets) - 1), self.counted())

    def picked(self, keep: Flags) -> Words:
        """Return the texts with those words only that are true in ``keep`` (by place)."""
        before = np.concatenate([[0], np.cumsum(keep)])
        return replace(self, codes=self.codes[keep], offsets=before[self.offsets])


def words_of(texts: pa.Array) -> Words:
    """Split texts at space of any sort; a null has no words."""
    split = pc.utf8_split_whitespace(texts.fill_null(""))
    coded = pc.dictionary_encode(split.flatten())
    offsets = split.offsets.to_numpy().astype(np.int64)
    codes = coded.indices.to_numpy(zero_copy_only=False).astype(np.int32)
    words = Words(codes, offsets - offsets[0], coded.dictionary)
    return words.only(flags(pc.not_equal(coded.dictionary, "")))


def flags(found: pa.Array) -> Flags:
    """Return a boolean array as numpy, null as false."""
    marked: Flags = pc.fill_null(found, False).to_numpy(zero_copy_only=False)
    return marked
