"""What people said of pairs of records, held in the secure room beside the records themselves."""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from equipoise.agree.reads import reviewed_by
from equipoise.gate.door import Door

_ROOM: Final = "secure-room"


def answers_name(entity: str) -> str:
    """Return the name under which answers are held. No dataset's or output's has a full stop."""
    return f"answers.{entity}"


class Answers(Door):
    """The part of a passage that deals with the answers of a review."""

    @property
    def _linking_act(self) -> str:
        """Return which of the acts that read what is linked this permit is for."""
        return "review-links" if self.permit.act == "review-links" else "link"

    def link_answers(self, entity: str) -> pa.Table | None:
        """Return what was answered so far, or None; row ids and answers, no value of a record."""
        self._only(self._linking_act)
        if entity not in reviewed_by(self.agreement):
            return None
        name = answers_name(entity)
        room = self._custody.room(_ROOM)
        if name not in {each.name for each in room.list(*self._name, _ROOM)}:
            return None
        return room.get(*self._name, _ROOM, name)

    def keep_link_answers(self, entity: str, table: pa.Table) -> None:
        """Hold the answers about an entity, in place of what they were. Refuses (GATE190) for an
        entity of which nobody may look at pairs."""
        self._only("review-links")
        if entity not in reviewed_by(self.agreement):
            self._refuse()
        self._hold(_ROOM, answers_name(entity), table)
