"""What the ledger may say of workshops and surveys: that they were held, and hashes of what came of
them. Nothing that anybody said or voted is on it, and no participant is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from equipoise.account.deed import Deed

OF_WORKSHOPS: Final[Mapping[str, Deed]] = {
    "workshop made": Deed(
        "workshop",
        "{who} made the workshop {it}[{synthetic?, with invented people:}].",
        must={"plan": "digest", "synthetic": "yes/no"},
        may={"substance": "digest", "catalogue": "digest", "reference": "reference"},
        binds=False,
    ),
    "workshop opened": Deed("workshop", "{who} opened the workshop {it}.", binds=False),
    "workshop closed": Deed("workshop", "{who} closed the workshop {it}.", binds=False),
    "workshop reported": Deed(
        "workshop",
        "{who} made the report of the workshop {it}.",
        must={"report": "digest", "cover": "digest"},
        may={"log": "digest", "information_pack": "digest"},
        binds=False,
    ),
    "words erased": Deed(
        "workshop", "{who} erased a text of the workshop {it} for good.", binds=False
    ),
    "survey made": Deed(
        "survey",
        "{who} made the survey {it}[{synthetic?, with invented people:}].",
        must={"plan": "digest", "synthetic": "yes/no"},
        binds=False,
    ),
    "survey opened": Deed("survey", "{who} opened the survey {it}.", binds=False),
    "survey closed": Deed(
        "survey", "{who} closed the survey {it}.", must={"report": "digest"}, binds=False
    ),
}
