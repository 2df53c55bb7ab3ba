"""What leaves: outputs, releases, what is kept and for how long, reveal and onward sharing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from equipoise.agree.checks.finding import Finding, Presence, find
from equipoise.agree.document import Agreement
from equipoise.agree.nearest import suggest
from equipoise.agree.parts import Release
from equipoise.agree.reads import split_path
from equipoise.agree.uses import EvaluateUse, FlagUse, LinkedUse
from equipoise.agree.words import Form

FORMS_OF_USES: Final[dict[str, tuple[tuple[Form, ...], str]]] = {
    "flag": (("identifiable", "de-personalised"), "about single people or places"),
    "linked": (("de-personalised",), "rows under a pseudonym"),
    "linked without keep": (("aggregate",), "counts that say how good the links are"),
    "evaluate": (("aggregate",), "figures about groups"),
}
"""Kind of use -> (the forms it can put out, why in words)."""

ROWS_OF_USES: Final[dict[str, tuple[str, ...]]] = {
    "flag": ("own", "all"),
    "linked": ("all",),
    "linked without keep": ("none",),
    "evaluate": ("none",),
}
"""Kind of use -> whose rows a release of it can hold."""


def _kind(use: LinkedUse | FlagUse | EvaluateUse) -> str:
    """Return the kind of use. A linked use that keeps no field only reports on its links."""
    return "linked without keep" if isinstance(use, LinkedUse) and not use.keep else use.use


def outputs(agreement: Agreement) -> Iterator[Finding]:
    """Each use has an output rule that fits it, and somebody checks."""
    for name in agreement.uses:
        if name not in agreement.outputs:
            yield find("AGR181", f"outputs.{name}", Presence("outputs"), name=name)
    for name, rule in agreement.outputs.items():
        use = agreement.uses.get(name)
        if use is None:
            yield _no_use(agreement, f"outputs.{name}", name)
            continue
        forms, fits = FORMS_OF_USES[_kind(use)]
        if rule.form not in forms:
            words = {"use": _kind(use), "form": rule.form, "fits": fits, "first": forms[0]}
            rests = (f"uses.{name}.use", f"uses.{name}.keep")
            yield find("AGR183", f"outputs.{name}.form", *rests, **words)
        if not rule.checked_by:
            clause = f"outputs.{name}.checked by"
            yield find("AGR184", clause, name=name)


def _no_use(agreement: Agreement, clause: str, name: str) -> Finding:
    next_ = suggest(name, agreement.uses)
    return find("AGR182", clause, Presence("uses"), name=name, next=next_)


def releases(agreement: Agreement) -> Iterator[Finding]:
    """Each release names what the use makes, for somebody who may have it."""
    seen: set[tuple[str, str]] = set()
    for index, release in enumerate(agreement.releases):
        clause = f"releases.{index}"
        if (release.of, release.to) in seen:
            rests = (f"{clause}.of", f"{clause}.to")
            yield find("AGR191", clause, *rests, of=release.of, name=release.to)
        seen.add((release.of, release.to))
        if release.of not in agreement.uses:
            yield _no_use(agreement, f"{clause}.of", release.of)
            continue
        yield from _rows(agreement, clause, release)
        yield from _fields(agreement, clause, release)


def _rows(agreement: Agreement, clause: str, release: Release) -> Iterator[Finding]:
    use = agreement.uses[release.of]
    kind_rests = tuple(f"uses.{release.of}.{part}" for part in ("use", "keep"))
    kind_rests += (f"{clause}.of",)
    allowed = ROWS_OF_USES[_kind(use)]
    if release.rows not in allowed:
        words = {"rows": release.rows, "use": _kind(use), "fits": " or ".join(allowed)}
        yield find("AGR189", f"{clause}.rows", *kind_rests, **words)
    elif release.rows == "own" and isinstance(use, FlagUse) and release.to in agreement.parties:
        known = [unit for unit in use.units if unit in agreement.datasets]
        controllers = {agreement.datasets[unit].controller for unit in known}
        if len(known) == len(use.units) and release.to not in controllers:
            rests = [f"uses.{release.of}.units", f"{clause}.to", *kind_rests]
            rests += [f"datasets.{unit}.from" for unit in known]
            words = {"name": release.to, "of": release.of, "units": ", ".join(use.units)}
            yield find("AGR190", f"{clause}.rows", *rests, **words)


def _produced(agreement: Agreement, release: Release) -> tuple[str, ...]:
    """Return the fields that a release of this use can name."""
    use = agreement.uses[release.of]
    if isinstance(use, FlagUse):
        return (use.key, "flag")
    if isinstance(use, LinkedUse):
        return tuple(dict.fromkeys((*use.keep, *(split_path(path)[1] for path in use.keep))))
    return ()


def _sound(agreement: Agreement, use: LinkedUse | FlagUse | EvaluateUse) -> bool:
    """Say whether what the use puts out is there: if not, that was told already."""
    paths = use.keep if isinstance(use, LinkedUse) else ()
    if isinstance(use, FlagUse):
        paths = tuple(f"{unit}.{use.key}" for unit in use.units)
    roles = [agreement.role_of(*split_path(path)) for path in paths]
    return all(roles) and (not isinstance(use, FlagUse) or set(roles) == {"reference"})


def _fields(agreement: Agreement, clause: str, release: Release) -> Iterator[Finding]:
    use = agreement.uses[release.of]
    makes = _produced(agreement, release)
    rests = [f"uses.{release.of}.{part}" for part in ("use", "key", "keep")]
    rests.append(f"{clause}.of")
    for index, name in enumerate(release.fields):
        if name not in makes and _sound(agreement, use):
            what = f"'{release.of}' does not put out a field '{name}'."
            next_ = suggest(name, makes) if makes else "Take 'fields' out: only figures leave."
            yield find("AGR187", f"{clause}.fields.{index}", *rests, what=what, next=next_)
    if makes and not release.fields and isinstance(use, FlagUse):
        what = f"The release of '{release.of}' names no field."
        next_ = f"Write 'fields: [{', '.join(makes)}]'."
        yield find("AGR187", f"{clause}.fields", *rests, what=what, next=next_)


def retention(agreement: Agreement) -> Iterator[Finding]:
    """Every dataset and every output ends, and ends once."""
    for name in (*agreement.datasets, *agreement.uses):
        if name not in agreement.retention:
            yield find("AGR192", f"retention.{name}", Presence("retention"), name=name)
    for name, kept in agreement.retention.items():
        clause = f"retention.{name}"
        if name not in agreement.datasets and name not in agreement.uses:
            known = dict.fromkeys((*agreement.datasets, *agreement.uses))
            rests = (Presence("datasets"), Presence("uses"))
            yield find("AGR193", clause, *rests, name=name, next=suggest(name, known))
        given = [kept.after_use, kept.days is not None, kept.until is not None]
        if sum(given) != 1:
            yield find("AGR194", clause, clause, name=name, count=sum(given))


def reveals(agreement: Agreement) -> Iterator[Finding]:
    """Only a flagged pseudonym is revealed."""
    for index, reveal in enumerate(agreement.reveal):
        clause = f"reveal.{index}.of"
        use = agreement.uses.get(reveal.of)
        if use is None:
            yield _no_use(agreement, clause, reveal.of)
        elif not isinstance(use, FlagUse):
            yield find("AGR195", clause, f"uses.{reveal.of}.use", name=reveal.of)


def onward(agreement: Agreement) -> Iterator[Finding]:
    """Onward sharing is of an output, and is not prohibited at the same time."""
    for index, further in enumerate(agreement.onward):
        if further.what not in agreement.uses:
            yield _no_use(agreement, f"onward.{index}.what", further.what)
        if "onward use" in agreement.prohibitions:
            yield find("AGR197", f"onward.{index}", "prohibitions")


def prohibitions(agreement: Agreement) -> Iterator[Finding]:
    """Re-identification is prohibited, or done by a clause that says who and how."""
    if "re-identify" not in agreement.prohibitions and not agreement.reveal:
        yield find("AGR198", "prohibitions", "prohibitions", "reveal")
    for index, word in enumerate(agreement.prohibitions):
        if word in agreement.prohibitions[:index]:
            yield find("AGR172", f"prohibitions.{index}", "prohibitions", name=word)


CHECKS: Final = (outputs, releases, retention, reveals, onward, prohibitions)
