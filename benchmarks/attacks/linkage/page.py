"""The published page, drawn from the JSON of a run and from nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from . import tables
from .figure import clear, curve, first_set, percent, schemes
from .verdict import HELPED, JOINING, REAL, TRAVELS, Row, worst_named

DEFAULT: Final = "standard"


def page(results: Mapping[str, Any], picture: str) -> str:
    """Return the page. ``picture`` is the figure's address from the page."""
    rows = results["rows"]
    lines = [
        "# What a linkage unit could find out", "",
        "<!-- Written by `python -m benchmarks.attacks.linkage`; do not edit. -->", "",
        _WHO, "", *_answer(results), "",
        "## Accuracy against attack", "",
        f"![F1 against the worst attack, for each strength]({picture})", "",
        *tables.accuracy(results), _COUNTED, "",
        "## Which strength for which file", "", _ADVICE, "",
        *tables.by_size(results), _REACH, "",
        "## What stays visible", "", *_visible(results), "", *tables.apart(results),
        "## How much of the register", "", _OVERLAP, "", *tables.by_overlap(results),
        _SIZES, "", *tables.graph_by_size(results),
        "## Every attack", "", _EVERY, "",
    ]  # fmt: skip
    for scheme in _ordered(results):
        lines += [f"### `{scheme}`", "", *tables.each_attack(rows, scheme)]
    plain, hard = (
        max((r["size"] for r in rows if r["attack"] == "graph" and r["scheme"] in of), default=0)
        for of in (("none",), REAL)
    )
    ran = _RUN.format(plain=plain, hard=hard)
    lines += ["## What was run, and what was not", "", ran, "", *tables.run(results), _LIMITS]
    return "\n".join(lines) + "\n"


def _ordered(results: Mapping[str, Any]) -> list[str]:
    met = schemes(results)
    first = [name for name in (*REAL, TRAVELS) if name in met]
    return [*first, *(name for name in met if name not in first)]


def _answer(results: Mapping[str, Any]) -> list[str]:
    """Return the findings about the default and its neighbours, one sentence each."""
    rows, points = results["rows"], {point.scheme: point for point in curve(results)}
    splink = clear(results)
    lines = []
    for scheme in REAL:
        if scheme not in points:
            continue
        point = points[scheme]
        behind = "" if splink is None else (
            f", {splink - point.f1['f1']:.4f} behind Splink on the same records in the clear"
        )  # fmt: skip
        lines.append(
            f"- `{scheme}`{' (the default)' if scheme == DEFAULT else ''}: F1 "
            f"{point.f1['f1']:.4f} on {first_set(results)}{behind}. The worst that the register "
            f"alone did was to name {percent(point.alone['value'])} of people"
            + _with(worst_named(rows, scheme, HELPED), ", with a tenth of them known {}")
            + _with(worst_named(rows, scheme, JOINING), "; two agreements were joined for {}")
            + "."
        )
    plain = worst_named(rows, "none")
    if plain:
        lines.append(
            f"- Plain keyed filters, as many linkage projects have used them (`none`): "
            f"{percent(plain['value'])}."
        )
    return lines


def _with(row: Row | None, words: str) -> str:
    return "" if row is None else words.format(percent(row["value"]))


def _visible(results: Mapping[str, Any]) -> Sequence[str]:
    rows = [row for row in results["rows"] if row["scheme"] == DEFAULT]
    home = [row["value"] for row in rows if row["variant"] == "who lives together"]
    pairs = [row["value"] for row in rows if row["variant"] == "the most similar pairs"]
    tokens = worst_named(results["rows"], TRAVELS, ("equal codes",))
    text = _VISIBLE
    if home and pairs and tokens:
        text += (
            f" With `{DEFAULT}` the area under the curve for telling who lives together was at "
            f"most {max(home):.3f} (0.5 is guessing). Of the pairs that look most alike, as many "
            f"as there are real ones, at most {percent(max(pairs))} did live together. The "
            f"tokens alone named at most {percent(tokens['value'])}."
        )
    return [text]


_WHO: Final = """In the mode `encoded` a linkage unit holds one filter for each record, some
tokens to meet by, and nothing else. We do not trust it. We assume that it knows everything about
the scheme but the key, that it holds a register of the population in plain text, without a
mistake in it, and that it tries. This page shows how far it got. What it could learn from the
other modes is at the end: equal codes show, which is why codes of single fields never leave the
secure room."""

_COUNTED: Final = """In brackets: 95 % intervals. F1 is the mean over three keys. *Named* is the
share of the people who are in both the file and the register whom the attacker gave their right
name, in the worst scene of all that were run: from the scheme's own filters, from the tokens
that travel with them, or from both at once, whichever gave away most. *Joined*: the same
people's records found in two agreements' files, under two keys. Scenes in which fewer than 400
people could be found are left to the tables further down, since one found by luck would count too
much. The worst of many scenes errs towards the attacker. By guessing one names one in a thousand
people of a file of 1,000, and fewer of a larger one."""

_ADVICE: Final = """- **`standard`** for files of up to some 50,000 records. Of the strengths of
  its length it is the nearest to linkage in the clear at which every attack that we could carry
  out stays below 5 %, even by somebody who has been told who a tenth of the records are.
- **`high`** for files of up to some 200,000, for people who must not be found, or where somebody
  might know many of the people in the file.
- **`highest`** beyond that, or when encodings will be kept for long.
- **`light`** for up to some 10,000 records where every link counts and the unit is bound by
  contract. Its filters are twice as long as those of `standard`.

A larger file is weaker: each further person is one more landmark by which to find the others,
and what is within reach grows in step with the number of records. The figures for 200,000 and
beyond follow from that; such files were not attacked."""

_REACH: Final = """*Within reach* is not an attack. It is arithmetic: how many people could be
named by somebody who knew a tenth, or all, of the *other* people in the file, and made the most
that can be made of the filters. "And whoever follows" supposes that he could also tell which of
his finds are right and go on from there: where that runs away to most of the file, the strength
is too low for the size. With all others known it bounds what any attack on likeness can do, as
an attack at its best has found everybody else. To get there an attack needs a start. In hardened
filters none of ours found one. The tokens are one, since twins and namesakes show in them; with
the register alone filters add little to it, with people known more (`filters and tokens`)."""

_VISIBLE: Final = """Filters are made so that the same person's two records resemble each other.
People whose records truly are alike do so too, at every strength: twins, parent and child of one
name at one address, two people of one name and one birthday. About one person in a hundred is in
such a pair. A linkage unit sees that there is a pair, and whoever knows from elsewhere that
there is only one such pair can name it. The tokens to meet by show the same pairs, and which
parts of a record are missing; a record that lacks several fields also has a filter of unusual
weight. These are the people who can be joined across two agreements, and nearly all of whom the
register alone can name. No strength changes that."""

_OVERLAP: Final = """The same figures by the share of the encoded people who are in the
attacker's register. Here small scenes count as well: of 1,000 records and an overlap of 5 %,
fifty people could be found, and one found by luck is 2 %. Look at the intervals, and at the
column of plain filters (`none`) first. Where these stand, the attack finds no start, and that
hardened filters stand too says nothing about them. With a tenth known, plain filters fall at a
quarter already, and hardened ones do not."""

_SIZES: Final = """Graph matching with the register and nothing else, by the size of the file.
Size helps the attacker of plain filters: of 1,000 records he needs nearly all in his register to
find a start, of 5,000 a quarter is enough, and then he names everybody. Hardened filters of the
same people give him next to nobody, the less the larger the file."""

_EVERY: Final = """The highest figure of each attack over all scenes, with its interval, beside
guessing and, where it differs, beside the best guess that looks at no bits. AUC: 0.5 is
guessing, 1 is certainty. `none` and `salted` cannot be chosen in an agreement: the first is a
plain filter, which must fall or the suite is broken; the second is what somebody would hold who
had undone the diffusion. `random` bits say nothing and must give nothing away. `tokens` are what
the mode `exact` shows, `fields` what the room of the mode `enclave` sees."""

_RUN: Final = """People are those of the invented city (families, twins, students, care homes),
of the fictional census made at the Office for National Statistics (`ons`), and people long dead
from an open knowledge base (`historical`; two in five without a day of birth). Each row says
which attacks ran in which scenes; what is not in the table was not run. Above 5,000 records
known people are used at once, without growing an alignment from them, and a sample of 2,000
people is attacked.
Graph matching was run on plain filters of up to {plain:,} records and on hardened ones of up to
{hard:,}; its growth is given fewer rounds in files above 2,000, most of which plain files did not
need."""

_LIMITS: Final = """## What this does not show

- Nothing here is a proof. It shows what these attacks, ours, did; somebody may find a better
  one. Each module of `benchmarks/attacks/linkage` names the paper that it follows.
- With the owners' key every scheme falls at once: a register is encoded and looked up. The
  linkage unit must not have the key.
- `known people` and `known plain text` give the attacker people of whom he knows which rows are
  theirs. A linkage unit gets no such list; an owner who worked with it could make one.
- The attacker's register has no mistakes and the encoded file none either. Real files have,
  which makes things harder for him.
- Encodings are pseudonyms, not anonymous data. The rest of the protection is the agreement, the
  separate unit, and their destruction after use."""
