"""The plan of one workshop: its cards, tables and time, the exercises chosen, and every question.

A plan never changes once the workshop is made; its digest says what was planned.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from equipoise.agree.canonical import canonical_bytes, digest_of
from equipoise.weigh.questions import evaluation
from equipoise.weigh.shipped import Entry
from equipoise.weigh.workshop.exercises import Asked, By, Exercise, Kind, exercises, scales

Title = Annotated[str, Field(min_length=3, max_length=120)]
Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
Changes = Literal["who", "what", "purpose"]

NOT_SAID: Final = "not said"
"""The sector of whoever does not want to say; it is there in every workshop."""


class Laid(Entry):
    """One card as it is laid on the table, by the digest of its text."""

    title: Title
    digest: Digest


class Variation(Entry):
    """One thing that is different in a case, all else being as it was."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
    changes: Changes
    words: Annotated[str, Field(min_length=3, max_length=300)]


class Information(Entry):
    """What people read between the two rounds of a poll. The shift is tied to this very text."""

    title: Title
    words: Annotated[str, Field(min_length=3, max_length=20000)]

    @property
    def digest(self) -> str:
        """Return the digest of title and text: the agreement's *information pack*."""
        return digest_of(canonical_bytes(self.model_dump(mode="json")))


class Chosen(Entry):
    """One exercise in the plan, with the minutes it was given."""

    exercise: str
    minutes: Annotated[int, Field(ge=1, le=600)]


class Question(Entry):
    """One question as it is asked here.

    ``about`` is the card or variation it is asked of; ``scale`` the words of its points from the
    lowest; ``since`` the question that was its first round; ``on`` the one whose texts are the
    statements; ``step`` the place in the day where it is open.
    """

    id: str
    exercise: str
    step: int
    kind: Kind
    by: By
    words: str
    about: str = ""
    scale: tuple[str, ...] = ()
    group: str = ""
    since: str = ""
    on: str = ""


class Step(Entry):
    """One step of the day: a stage of an exercise."""

    number: int
    exercise: str
    stage: int
    title: str
    minutes: int
    questions: tuple[str, ...]
    information: bool


class Plan(Entry):
    """One workshop as planned. ``sets`` are cards ranked together; table 1 has the first set,
    table 2 the second and so on in turn, and does benefit *and* risk on it. ``substance`` is the
    digest of the agreement that is weighed, where there is one yet. ``criteria`` are the items of
    the catalogue that stand on a list to judge by, list -> ids, where not all do; ``own_criteria``
    what the facilitator added to it, in words."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{2,62}$")]
    title: Title
    about: Annotated[str, Field(max_length=400)] = ""
    substance: Digest | None = None
    facilitators: tuple[str, ...] = Field(min_length=1, max_length=20)
    synthetic: bool = False
    people: int
    tables: int
    minutes: int
    sectors: tuple[Annotated[str, Field(min_length=2, max_length=60)], ...]
    sets: Mapping[str, tuple[str, ...]]
    cases: tuple[str, ...]
    cards: Mapping[str, Laid]
    variations: tuple[Variation, ...] = ()
    information: Information | None = None
    exercises: tuple[Chosen, ...]
    break_minutes: int = 0
    catalogue: str
    catalogue_digest: Digest
    criteria: Mapping[str, tuple[str, ...]] = {}
    own_criteria: Mapping[str, tuple[str, ...]] = {}

    @cached_property
    def digest(self) -> str:
        """Return the digest of the whole plan. Lists that are as usual go without saying."""
        told = self.model_dump(mode="json")
        usual = [name for name in ("criteria", "own_criteria") if not told[name]]
        return digest_of(canonical_bytes({k: v for k, v in told.items() if k not in usual}))

    @cached_property
    def questions(self) -> Mapping[str, Question]:
        """Return every question by id, in the order in which they are asked."""
        return {question.id: question for question in self._asked()}

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Return the steps of the day, in order."""
        return tuple(self._steps())

    @property
    def all_sectors(self) -> tuple[str, ...]:
        """Return the sectors to choose from, *not said* among them."""
        return (*self.sectors, NOT_SAID)

    def set_of(self, table: int) -> tuple[str, ...]:
        """Return the cards that a table ranks, or none where nothing is ranked."""
        names = [*self.sets]
        return self.sets[names[(table - 1) % len(names)]] if names else ()

    def _stages(self) -> Iterator[tuple[int, Chosen, Exercise, int]]:
        number = 0
        for chosen in self.exercises:
            exercise = exercises()[chosen.exercise]
            for stage in range(len(exercise.stages)):
                yield number, chosen, exercise, stage
                number += 1

    def _steps(self) -> Iterator[Step]:
        by_step: dict[int, list[str]] = {}
        for question in self.questions.values():
            by_step.setdefault(question.step, []).append(question.id)
        for number, chosen, exercise, stage in self._stages():
            share, over = divmod(chosen.minutes, len(exercise.stages))
            yield Step(
                number=number,
                exercise=exercise.id,
                stage=stage,
                title=exercise.stages[stage].title,
                minutes=share + (stage < over),
                questions=tuple(by_step.get(number, ())),
                information=exercise.information and stage == 1,
            )

    def _asked(self) -> Iterator[Question]:
        for number, _, exercise, stage in self._stages():
            for name, asked in exercise.stages[stage].questions.items():
                for made in self._expanded(name, asked, exercise):
                    yield Question(exercise=exercise.id, step=number, **made)

    def _expanded(self, name: str, asked: Asked, exercise: Exercise) -> Iterator[dict[str, Any]]:
        plain: dict[str, Any] = {
            "kind": asked.kind,
            "by": asked.by,
            "words": asked.words,
            "group": asked.group,
        }
        plain |= {"scale": scales().get(asked.scale, ()), "since": asked.since, "on": asked.on}
        if asked.kind == "evaluation":
            yield from _of_the_day()
        elif asked.each == "variation":
            for variation in self.variations:
                yield {**plain, "id": f"{name}.{variation.id}", "about": variation.id}
        elif asked.each == "card":
            for card in self._cards_for(exercise):
                since = f"{asked.since}.{card}" if asked.since else ""
                yield {**plain, "id": f"{name}.{card}", "about": card, "since": since}
        else:
            about = self.cases[0] if exercise.variations and self.cases else ""
            yield {**plain, "id": name, "about": about}

    def _cards_for(self, exercise: Exercise) -> tuple[str, ...]:
        if exercise.cards == "cases":
            return self.cases
        return tuple(dict.fromkeys(card for cards in self.sets.values() for card in cards))


def _of_the_day() -> Iterator[dict[str, Any]]:
    """Yield the seven questions about the day; the closed ones are marked from 1 to 6."""
    for question in evaluation().values():
        made: dict[str, Any] = {"id": question.id, "by": "person", "words": question.words}
        if question.kind == "open":
            yield {**made, "kind": "words"}
            continue
        points = [str(point) for point in range(question.least, question.most + 1)]
        points[0] += f" ({question.low})" if question.low else ""
        points[-1] += f" ({question.high})" if question.high else ""
        yield {**made, "kind": "vote", "scale": tuple(points)}
