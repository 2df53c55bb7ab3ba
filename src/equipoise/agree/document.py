"""The agreement as a frozen document."""

from __future__ import annotations

from pydantic import Field

from equipoise.agree.parts import (
    Clause,
    Dataset,
    Day,
    Frozen,
    Gateway,
    Linkage,
    OnBreach,
    Onward,
    OutputRule,
    Party,
    Public,
    Purpose,
    Release,
    RetentionTerm,
    Reveal,
    Safeguard,
    Sentence,
    Slug,
)
from equipoise.agree.uses import Use
from equipoise.agree.weighing import Weighing
from equipoise.agree.words import FIELD_TYPE_BY_NAME, FieldRole, FieldType, Prohibition


class Agreement(Clause):
    """One version of one data-sharing agreement, as its parties sign it."""

    agreement: Slug
    version: int = Field(ge=1)
    title: Sentence
    starts: Day
    ends: Day
    review: Day | None = None
    parties: Frozen[Party] = Field(min_length=1)
    purpose: Purpose
    gateway: Frozen[Gateway]
    datasets: Frozen[Dataset] = Field(min_length=1)
    linkage: Linkage | None = None
    uses: Frozen[Use] = Field(min_length=1)
    outputs: Frozen[OutputRule] = Field(min_length=1)
    releases: tuple[Release, ...] = ()
    reveal: tuple[Reveal, ...] = ()
    prohibitions: tuple[Prohibition, ...] = ()
    onward: tuple[Onward, ...] = ()
    retention: Frozen[RetentionTerm]
    safeguards: tuple[Safeguard, ...] = ()
    weighing: Weighing
    public: Public
    on_breach: OnBreach = Field(alias="on breach")

    @property
    def reference(self) -> str:
        """Return ``id@version``, the name by which people and the ledger call this text."""
        return f"{self.agreement}@{self.version}"

    def parties_in(self, role: str) -> tuple[str, ...]:
        """Return the ids of the parties that hold ``role``, in the order of the text."""
        return tuple(key for key, party in self.parties.items() if role in party.roles)

    def datasets_of(self, party: str) -> tuple[str, ...]:
        """Return the ids of the datasets that ``party`` controls."""
        return tuple(key for key, data in self.datasets.items() if data.controller == party)

    def field_type(self, dataset: str, field: str) -> FieldType:
        """Return a field's type: as stated, or as its well-known name implies."""
        return self.datasets[dataset].fields[field].type or FIELD_TYPE_BY_NAME[field]

    def role_of(self, dataset: str, field: str) -> FieldRole | None:
        """Return a field's role, or None when there is no such field."""
        fields = self.datasets[dataset].fields if dataset in self.datasets else {}
        return fields[field].role if field in fields else None

    def entities_of(self, dataset: str) -> tuple[str, ...]:
        """Return the linkage entities in which ``dataset`` takes part."""
        if self.linkage is None:
            return ()
        return tuple(
            key
            for key, entity in self.linkage.entities.items()
            if dataset == entity.spine or dataset in entity.join
        )


__all__ = ["Agreement", "Sentence"]
