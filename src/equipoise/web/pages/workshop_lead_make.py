"""Make a workshop: its cards, people and time on one form, and beside it the plan that fits."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any, Final

from django import forms
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from equipoise.acts.accounts.permission import may, require
from equipoise.acts.workshop_lead import lists, make_once, name_for
from equipoise.acts.workshop_make import Proposed, library, propose_workshop
from equipoise.errors import EquipoiseError, UsageRefused
from equipoise.web.form import Form, words
from equipoise.web.notices import tell
from equipoise.web.refusals import status_of
from equipoise.web.request import Request
from equipoise.web.templating import page
from equipoise.weigh.cards import Card
from equipoise.weigh.catalogue import Group, Item
from equipoise.weigh.workshop.criteria import JUDGED_BY
from equipoise.weigh.workshop.exercises import exercises
from equipoise.weigh.workshop.plan import Information, Plan, Variation
from equipoise.weigh.workshop.wish import USUAL_VARIATIONS, Wish, left_out

SETS: Final = {"1": "first set", "2": "second set", "3": "third set"}
VARIED: Final = ("who", "what", "purpose")
BREAK: Final = "A break, where it suits"
ROWS: Final = 2
"""Changes of each kind that the form has room for."""
_FIELDS: Final[Mapping[str, str]] = {
    "WGH120": "title", "WGH121": "people", "WGH122": "tables", "WGH123": "sectors",
    "WGH124": "sectors", "WGH125": "facilitators", "WGH126": "cards", "WGH127": "cards",
    "WGH128": "cards", "WGH129": "exercises", "WGH130": "exercises", "WGH131": "minutes",
}  # fmt: skip
"""At which field a reason against a plan is shown."""


@dataclass(frozen=True)
class Beginning:
    """A form filled in halfway, to begin from. ``cards`` is card -> what it is for."""

    words: str
    people: int
    minutes: int
    cards: Mapping[str, str]


BEGINNINGS: Final[Mapping[str, Beginning]] = {
    "day": Beginning(
        "A whole day with the cards and cases of the founding report, for 22 people",
        22,
        330,
        {
            **dict.fromkeys("ABCEF", "1"),
            **dict.fromkeys("12356", "2"),
            **dict.fromkeys(("case-1", "case-2", "case-3"), "case"),
        },
    ),
    "half": Beginning(
        "Half a day with four cards and a case, for 16 people",
        16,
        180,
        {**dict.fromkeys("ABCE", "1"), "case-1": "case"},
    ),
    "short": Beginning(
        "An hour and a quarter with three cards, for 10 people",
        10,
        75,
        dict.fromkeys("ABC", "1"),
    ),
}


def _number(needed: str) -> forms.IntegerField:
    return forms.IntegerField(
        min_value=1,
        max_value=9999,
        error_messages={
            "required": needed,
            "invalid": f"{needed}, in figures",
            "min_value": f"{needed}, 1 or more",
            "max_value": f"{needed}, smaller than that",
        },
    )


class Making(Form):
    """A workshop as it is wished for. ``cards`` and ``held`` take what is wrong with a group."""

    ticket = forms.CharField(max_length=40)
    title = words("Enter a title", max_length=120)
    about = words("", max_length=400, required=False)
    people = _number("Enter how many people you expect")
    tables = _number("Enter how many tables, or leave it empty")
    minutes = _number("Enter how many minutes you have")
    sectors = words("Enter the sectors, one in each line", max_length=1000)
    facilitators = forms.MultipleChoiceField(required=False)
    cards = forms.CharField(required=False, max_length=1)
    choose = forms.ChoiceField(
        choices=(("fit", ""), ("own", "")),
        error_messages={"required": "Say who chooses the exercises"},
    )
    exercises = forms.MultipleChoiceField(required=False)
    pack_title = words("", max_length=120, required=False)
    pack_words = words("", max_length=20000, required=False)
    offers = forms.CharField(required=False, max_length=10)
    substance = forms.RegexField(
        r"^sha256:[0-9a-f]{64}$",
        required=False,
        error_messages={"invalid": "Enter sha256: and 64 letters or figures, or leave it empty"},
    )

    def __init__(
        self,
        data: Any = None,
        *,
        known: Mapping[str, Card],
        others: tuple[tuple[str, str], ...] = (),
        initial: dict[str, Any] | None = None,
        judged_by: Mapping[Group, tuple[Item, ...]] | None = None,
    ) -> None:
        super().__init__(data, initial=initial)
        self.known = known
        self.fields["tables"].required = False
        self.chosen("exercises").choices = [(e.id, e.title) for e in exercises().values() if e.drop]
        self.chosen("facilitators").choices = others
        uses = [("", ""), *SETS.items(), ("case", "")]
        for name in known:
            self.fields[f"card_{name}"] = forms.ChoiceField(required=False, choices=uses)
        self.judged_by = judged_by or {}
        for group, items in self.judged_by.items():
            field = forms.MultipleChoiceField(
                required=False,
                choices=[(item.id, item.words) for item in items],
                error_messages={"invalid_choice": "Choose from the list"},
            )
            self.fields[field_of(group)] = field
            self.fields[f"own_{field_of(group)}"] = words("", required=False, max_length=3000)
        for kind in VARIED:
            for row in range(1, ROWS + 1):
                self.fields[f"{kind}_{row}"] = words(
                    "", required=False, min_length=3, max_length=300
                )

    def chosen(self, name: str) -> forms.MultipleChoiceField:
        """Return one of the fields of which several may be ticked."""
        field = self.fields[name]
        assert isinstance(field, forms.MultipleChoiceField)
        return field

    def clean_sectors(self) -> tuple[str, ...]:
        """Return the sectors, one for each line that is not empty."""
        lines = [line.strip() for line in self.cleaned_data["sectors"].splitlines()]
        found = tuple(line for line in lines if line)
        if any(not 2 <= len(line) <= 60 for line in found):
            raise forms.ValidationError("Use 2 to 60 characters for each sector")
        return found

    def clean(self) -> dict[str, Any]:
        """Refuse a workshop with nothing on its tables, and half an information pack."""
        if not any(self.cleaned_data.get(f"card_{name}") for name in self.known):
            self.add_error("cards", "Choose the cards that people weigh, one at least")
        given = {name: bool(self.cleaned_data.get(name)) for name in ("pack_title", "pack_words")}
        if sum(given.values()) == 1 and not {"pack_title", "pack_words"} & set(self.errors):
            missing = next(name for name, there in given.items() if not there)
            what = "a title for" if missing == "pack_title" else "the text of"
            self.add_error(missing, f"Enter {what} the information pack, or leave both empty")
        return self.cleaned_data

    def used_for(self, use: str) -> tuple[str, ...]:
        """Return the cards that were chosen for one use."""
        return tuple(
            name for name in self.known if self.cleaned_data.get(f"card_{name}", "") == use
        )

    def wish(self, by: str) -> Wish:
        """Return what a filled form wishes for."""
        said = self.cleaned_data
        pack = Information(title=said["pack_title"], words=said["pack_words"]) if (
            said["pack_title"]
        ) else None  # fmt: skip
        return Wish(
            id=name_for(said["title"], said["ticket"]),
            title=said["title"],
            about=said["about"],
            facilitators=(by, *said["facilitators"]),
            people=said["people"],
            tables=said["tables"],
            minutes=said["minutes"],
            sets={SETS[use]: held for use in SETS if (held := self.used_for(use))},
            cases=self.used_for("case"),
            sectors=said["sectors"],
            exercises=tuple(said["exercises"]) if said["choose"] == "own" else None,
            information=pack,
            variations=tuple(self._variations()),
            substance=said["substance"] or None,
            criteria=self._chosen_lists(),
            own_criteria={
                group: tuple(lines_of(said.get(f"own_{field_of(group)}", "")))
                for group in self.judged_by
            },
        )

    def _chosen_lists(self) -> dict[str, tuple[str, ...]]:
        """Return the lists that are not as usual. A form without them leaves them all as usual."""
        if not self.cleaned_data["offers"]:
            return {}
        return {
            group: tuple(self.cleaned_data[field_of(group)])
            for group, items in self.judged_by.items()
            if len(self.cleaned_data[field_of(group)]) < len(items)
        }

    def _variations(self) -> list[Variation]:
        found = []
        for kind in VARIED:
            for row in range(1, ROWS + 1):
                if text := self.cleaned_data[f"{kind}_{row}"]:
                    found.append(Variation(id=f"{kind}-{row}", changes=kind, words=text))
        return found

    def refuse(self, error: EquipoiseError) -> None:
        """Show each reason at the field that it is about."""
        placed = [
            replace(problem, clause=field_of(problem.clause or _FIELDS.get(problem.code, "")))
            for problem in error.problems
        ]
        super().refuse(UsageRefused(placed))


def field_of(group: str) -> str:
    """Return the field of one of the lists to judge by."""
    return group.replace(" ", "_")


def lines_of(text: str) -> list[str]:
    """Return the lines of a text that are not empty."""
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def beginning(asked: QueryDict) -> dict[str, Any]:
    """Return what a new form holds: what is usual, and what a link to it asks for."""
    begun = BEGINNINGS.get(asked.get("from", ""))
    found: dict[str, Any] = {
        "ticket": secrets.token_hex(5),
        "choose": "fit",
        "sectors": "public sector\nvoluntary sector",
        "substance": asked.get("substance", "")[:80],
        "title": asked.get("title", "")[:120],
    }
    rows = dict.fromkeys(VARIED, 0)
    for variation in USUAL_VARIATIONS:
        rows[variation.changes] += 1
        found[f"{variation.changes}_{rows[variation.changes]}"] = variation.words
    if begun:
        found |= {"people": begun.people, "minutes": begun.minutes}
        found |= {f"card_{name}": use for name, use in begun.cards.items()}
    # One card alone has no order: it is what everybody is polled on.
    linked = asked.getlist("card")[:8]
    return found | {f"card_{name}": "1" if len(linked) > 1 else "case" for name in linked}


def programme(plan: Plan) -> list[tuple[str, int, str, str]]:
    """Return the exercises with their minutes, when each begins and when it has ended, counted
    from the beginning."""
    found: list[tuple[str, int, str, str]] = []
    at = 0
    for chosen in plan.exercises:
        ended = at + chosen.minutes
        title = exercises()[chosen.exercise].title
        found.append((title, chosen.minutes, _clock(at), _clock(ended)))
        at = ended
    if plan.break_minutes:
        found.append((f"{BREAK}; later times move by it", plan.break_minutes, "", ""))
    return found


def running(plan: Plan) -> list[tuple[str, int, int]]:
    """Return the exercises with their minutes and what they add up to so far."""
    rows = [(exercises()[one.exercise].title, one.minutes) for one in plan.exercises]
    if plan.break_minutes:
        rows.append((BREAK, plan.break_minutes))
    totals = accumulate(minutes for _, minutes in rows)
    return [(title, minutes, total) for (title, minutes), total in zip(rows, totals, strict=True)]


def _clock(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02}"


def _proposed(request: Request, form: Making) -> Proposed | None:
    """Return the plan that fits a form, or put into the form why there is none."""
    if not form.is_valid():
        return None
    try:
        return propose_workshop(request.site, form.wish(request.person.key))
    except EquipoiseError as error:
        form.refuse(error)
        return None


def _others(request: Request) -> tuple[tuple[str, str], ...]:
    """Return the other facilitators of the site, as they are known and as they are shown."""
    return tuple(
        (one.key, f"{one.name} ({one.party})")
        for one in request.site.people()
        if one.key != request.person.key and may(one, "facilitate workshops")
    )


@require_http_methods(["GET", "HEAD", "POST"])
def make(request: Request) -> HttpResponse:
    """Show the form, the plan that fits what it says, and make the workshop when asked."""
    by = require(request.person, "facilitate workshops")
    known = {name: card for name, card in library(request.site)[0].items() if card.described}
    others, every = _others(request), lists(request.site)
    judged_by = {group: every[group] for group in JUDGED_BY}
    posted = request.method == "POST"
    form = Making(
        request.POST if posted else None,
        known=known,
        others=others,
        initial=beginning(request.GET) | _all_of(judged_by),
        judged_by=judged_by,
    )
    proposed = _proposed(request, form) if posted else None
    if request.htmx and request.POST.get("do") == "look":
        return page(request, "workshop_lead_plan.html.jinja", **_shown(form, proposed))
    status = 422 if posted and proposed is None else 200
    if proposed and request.POST.get("do") == "make":
        try:
            name = make_once(request.site, by.key, proposed.plan)
        except EquipoiseError as error:
            form.refuse(error)
            status = status_of(error)
        else:
            made = HttpResponseRedirect(reverse("workshop", kwargs={"name": name}))
            said = "The workshop is made. Print its packs, and open it when people arrive."
            return tell(made, said, secure=request.is_secure())
    return page(
        request,
        "workshop_lead_make.html.jinja",
        status=status,
        beginnings=BEGINNINGS,
        known=known,
        others=others,
        uses=[("", "Not used"), *((u, w.capitalize()) for u, w in SETS.items()), ("case", "Case")],
        choices=[e for e in exercises().values() if e.drop],
        judged_by=[(group, field_of(group), items) for group, items in judged_by.items()],
        avoided=every["avoided"],
        **_shown(form, proposed),
    )


def _all_of(judged_by: Mapping[Group, tuple[Item, ...]]) -> dict[str, Any]:
    """Return the lists to judge by with everything ticked, as they stand in a new form."""
    return {field_of(group): [item.id for item in items] for group, items in judged_by.items()}


def _shown(form: Making, proposed: Proposed | None) -> dict[str, Any]:
    plan = proposed.plan if proposed else None
    return {
        "form": form,
        "proposed": proposed,
        "left_out": left_out(form.wish(plan.facilitators[0]), plan) if plan else (),
        "running": running(plan) if plan else [],
        "total": running(plan)[-1][-1] if plan else 0,
    }
