"""The sheet that a rater fills in, as YAML with every question above its answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from equipoise.weigh.assess.assessment import Assessment
from equipoise.weigh.assess.sheet import BEARERS, Judgement, Sheet
from equipoise.weigh.assess.written import flow, text
from equipoise.weigh.catalogue import Catalogue
from equipoise.weigh.questions import Questions, questions

_HEAD: Final = """\
# Your answers. Everybody answers for themselves; nobody's answer is averaged away.
# 1 to 5, or: don't know. Say why each time. Size: 1 hardly to be felt, 5 changes lives.
# Likelihood: 1 hardly, 5 almost certain. On whom: {bearers}.
# A control says how likely the risk is with it. It makes nothing less sensitive.
# A benefit or risk is an 'item' of the catalogue, or 'words' of your own.
"""
_REDO: Final = "  # answer anew: the text changed under it"


def template(
    assessment: Assessment,
    items: Catalogue,
    earlier: Sheet | None = None,
    stale: frozenset[str] = frozenset(),
    asked: Questions | None = None,
) -> str:
    """Return an empty sheet; or ``earlier`` again, with the answers in ``stale`` left to redo.

    ``stale`` names clauses of a sheet, as ``tests.purposeful-1`` and ``risks.0``.
    """
    pool = questions() if asked is None else asked
    return "\n".join(_lines(assessment, items, earlier, stale, pool)) + "\n"


def _lines(
    assessment: Assessment,
    items: Catalogue,
    earlier: Sheet | None,
    stale: frozenset[str],
    asked: Questions,
) -> Iterator[str]:
    yield _HEAD.format(bearers=", ".join(BEARERS)).rstrip()
    yield f"assessment: {assessment.name}"
    rater = earlier.rater if earlier else None
    yield "rater:"
    for key in ("name", "sector", "role"):
        yield f"  {key}: {text(getattr(rater, key)) if rater else ''}"
    yield from _red_lines(assessment, items, earlier, stale)
    for part, group in (("benefits", "benefits"), ("risks", "risks"), ("not sharing", "risks")):
        yield from _effects(part, group, items, earlier, stale)
    yield from ("", "factors:")
    for item in items.of("factors"):
        said = earlier.factors.get(item.id) if earlier else None
        yield from _asked(item.id, item.words, said, f"factors.{item.id}" in stale)
    yield from ("", "tests:")
    for key, question in asked.items():
        words = f"{question.words}  1: {question.low}  5: {question.high}"
        said = earlier.tests.get(key) if earlier else None
        yield from _asked(key, words, said, f"tests.{key}" in stale)
    yield from ("", "# What must be so before you would agree.")
    yield from _listed(
        "conditions", [_dump(wish) for wish in earlier.conditions] if earlier else []
    )
    yield from ("", "view:  # share, share with conditions, do not share, don't know")
    redo = "view" in stale
    view = None if earlier is None or redo else earlier.view
    yield f"  answer: {view.answer if view else ''}{_REDO if redo else ''}"
    yield f"  because: {text(view.because) if view else ''}"


def _red_lines(
    assessment: Assessment, items: Catalogue, earlier: Sheet | None, stale: frozenset[str]
) -> Iterator[str]:
    yield from ("", "# Red lines first. What the text itself answers:")
    for line in assessment.subject.lines:
        yield f"#   {line.line} {line.verdict}: {items[line.line].words}"
        for finding in line.findings:
            if finding.verdict == line.verdict != "pass":
                yield f"#      {finding.clause}: {finding.reason}"
    yield "# Lines that you, or somebody you speak for, would not see crossed:"
    kept = [
        _dump(line)
        for number, line in enumerate(earlier.red_lines if earlier else ())
        if f"red lines.{number}" not in stale
    ]
    yield from _listed("red lines", kept)
    yield "#  - {line: …, held by: …, scope: …, about: X3, because: …}"


def _effects(
    part: str, group: str, items: Catalogue, earlier: Sheet | None, stale: frozenset[str]
) -> Iterator[str]:
    yield ""
    if part == "not sharing":
        yield "# What people lose if nothing is shared, in the same form, with words of your own."
    else:
        yield f"# {part.capitalize()} of the catalogue:"
        yield from (f"#   {item.id}  {item.words}" for item in items.of(group))  # type: ignore[arg-type]
    said = getattr(earlier, part.replace(" ", "_")) if earlier else ()
    yield from _listed(
        part, [_dump(each) for n, each in enumerate(said) if f"{part}.{n}" not in stale]
    )
    redo = [each for n, each in enumerate(said) if f"{part}.{n}" in stale]
    yield from (f"#  - {flow(_dump(each))}{_REDO}" for each in redo)
    if part == "risks":
        yield "#  - item: R02"
        yield "#    on: people in the data"
        yield "#    size: 4"
        yield "#    likelihood: 3"
        yield "#    controls: [{what: …, likelihood becomes: 2, evidence: …}]"
        yield "#    because: …"
    elif not said:
        what = "item: B01" if part == "benefits" else "words: …"
        yield f"#  - {{{what}, on: people in the data, size: 4, likelihood: 3, because: …}}"


def _asked(key: str, words: str, said: Judgement | None, redo: bool) -> Iterator[str]:
    yield f"  # {words}"
    if said is None or redo:
        yield f"  {key}: {{answer: , because: }}{_REDO if redo else ''}"
    else:
        yield f"  {key}: {flow(_dump(said))}"


def _listed(key: str, entries: list[dict[str, Any]]) -> Iterator[str]:
    if not entries:
        yield f"{key}: []"
        return
    yield f"{key}:"
    yield from (f"  - {flow(each)}" for each in entries)


def _dump(part: Any) -> dict[str, Any]:
    said: dict[str, Any] = part.model_dump(mode="json", by_alias=True, exclude_none=True)
    return {key: value for key, value in said.items() if value not in ("", [], False)}
