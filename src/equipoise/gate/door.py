"""The door of one act: what every passage holds, and how it refuses what no permit names."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NoReturn

from equipoise.agree.document import Agreement
from equipoise.errors import GateRefused, Problem
from equipoise.gate.custody import Custody
from equipoise.gate.permit import Permit


@dataclass
class Door:
    """An agreement, a permit under it and the site's keepers. ``hashes`` is what the ledger records
    when the permit is closed."""

    agreement: Agreement
    permit: Permit
    _custody: Custody
    hashes: dict[str, str] = field(default_factory=dict)
    open: bool = True

    def _only(self, act: str, *datasets: str, role: str = "", party: str = "") -> None:
        """Refuse (GATE190) what the permit does not name: act, datasets, role or party."""
        request = self.permit.request
        named = (
            request.act == act
            and set(datasets) <= set(request.datasets)
            and role in ("", request.role)
            and party in ("", request.party)
        )
        if not (self.open and named):
            self._refuse()

    def _refuse(self) -> NoReturn:
        raise GateRefused(
            Problem(
                "GATE190",
                f"the permit to {self.permit.request.act} does not open this",
                why="a permit opens what it names and nothing else, and only until it is closed",
                next="report this as a fault of the program",
            )
        )

    @property
    def _name(self) -> tuple[str, int]:
        return self.agreement.agreement, self.agreement.version

    def _hold(self, room: str, name: str, table: object) -> None:
        held = self._custody.room(room).put(*self._name, room, name, table, replace_held=True)
        self.hashes[f"{room}/{name}"] = held.sha256
