"""What the ledger may say: each act, the thing it is done to, and the details it may carry.

The table is the guard against row values. A detail that is not named here, or that has not the
shape named here, is refused; there is no kind for free text. A person's reason for a decision
may hold anything, so it stays in the site's records, where it can be corrected and erased, and the
ledger holds its digest only.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from equipoise.account.deed import Deed, Kind
from equipoise.account.deeds_among_sites import AMONG_SITES
from equipoise.account.deeds_of_accounts import OF_ACCOUNTS
from equipoise.account.deeds_of_drafting import OF_DRAFTING
from equipoise.account.deeds_of_weighing import OF_WEIGHING
from equipoise.account.deeds_of_workshops import OF_WORKSHOPS

_WHY: Final[Mapping[str, Kind]] = {"reason": "digest"}
_CAUSE: Final[Kind] = ("expired", "never used", "interrupted", "refused", "failed")
_HOLDS: Final[Kind] = ("encodings", "identifiers", "payload", "links")
_PARCEL: Final[Mapping[str, Kind]] = {"dataset": "name", "holds": _HOLDS}
_INTAKE: Final[Mapping[str, Kind]] = {
    "read": "count",
    "rejected": "count",
    "without_consent": "count",
    "opted_out": "count",
}

_SITE: Final[dict[str, Deed]] = {
    "site made": Deed(
        "site",
        "{who} made the site {it}[{practice?, for practice with invented data:}].",
        may={"practice": "yes/no", "program": "version", "fingerprint": "fingerprint"},
        binds=False,
    ),
    "practice noted": Deed(
        "site",
        "This is practice: {note}.",
        must={
            "note": (
                "the people who sign are invented",
                "the data are invented",
                "one person acts for every party",
                "all rooms are on one machine",
            )
        },
        binds=False,
    ),
    "control named": Deed(
        "site",
        "{who} named the control that stands in for the {lock} lock; its text has the digest "
        "{control}.",
        must={"lock": "name", "control": "digest"},
        binds=False,
    ),
    "key made": Deed(
        "key",
        "{who} made the key {it}[ for {use}][, fingerprint {fingerprint}].",
        may={
            "use": ("signing", "sealing", "encoding", "pseudonyms", "holdings"),
            "fingerprint": "fingerprint",
            "reference": "reference",
        },
        binds=False,
    ),
    "key trusted": Deed(
        "key",
        "{who} accepted the key of {person}, fingerprint {fingerprint}.",
        must={"person": "person", "fingerprint": "fingerprint"},
        may={"practice": "yes/no"},
        binds=False,
    ),
    "key ended": Deed(
        "key",
        "{who} ended the key of {person}, fingerprint {fingerprint}, which was {because}: nothing "
        "signed with it later counts.",
        must={
            "person": "person",
            "fingerprint": "fingerprint",
            "because": ("lost", "seen by others", "changed"),
            "reason": "digest",
        },
        binds=False,
    ),
    "key offered": Deed(
        "key",
        "{who} offered a key for {person}, fingerprint {fingerprint}, for another to confirm.",
        must={"person": "person", "fingerprint": "fingerprint"},
        binds=False,
    ),
    "role given": Deed(
        "key",
        "{who} gave {person} the role: {role}.",
        must={"person": "person", "role": "words"},
        binds=False,
    ),
    "role taken": Deed(
        "key",
        "{who} took the role from {person}: {role}.",
        must={"person": "person", "role": "words"},
        binds=False,
    ),
    "key destroyed": Deed(
        "key",
        "{who} destroyed the key {it}, fingerprint {fingerprint}.",
        must={"fingerprint": "fingerprint"},
        may={"reference": "reference"},
        binds=False,
    ),
    "register published": Deed(
        "register",
        "{who} published the register: {agreements|agreement}, ledger up to entry {entries}.",
        must={"agreements": "count", "entries": "count"},
        may={"head": "digest", "sha256": "digest"},
        binds=False,
    ),
    "ledger exported": Deed(
        "ledger",
        "{who} exported the ledger up to entry {entries}.",
        must={"entries": "count"},
        may={"head": "digest", "sha256": "digest"},
        binds=False,
    ),
    "complaint received": Deed(
        "complaint",
        "A complaint arrived and was given the number {it}.",
        may={"reference": "reference"},
        binds=False,
    ),
    "complaint answered": Deed(
        "complaint",
        "{who} answered complaint {it}: {outcome}.",
        must={"outcome": ("upheld", "upheld in part", "not upheld")},
        may=_WHY,
        binds=False,
    ),
}

_AGREEMENT: Final[dict[str, Deed]] = {
    "agreement proposed": Deed("agreement", "{who} proposed the agreement {it}."),
    "weighed": Deed(
        "agreement",
        "{it} was weighed by the {route} route[+; {red_lines|red line} recorded]"
        "[+; {conditions|condition} set][+; decided against what people said, with reasons: "
        "{departs|time}][+; {passed_over|workshop} passed over, with reasons].",
        must={"route": ("full", "light")},
        may={
            "assessment": "digest",
            "workshop": "digest",
            "information_pack": "digest",
            "red_lines": "count",
            "conditions": "count",
            "departs": "count",
            "passed_over": "count",
        },
    ),
    "text final": Deed(
        "agreement",
        "The text of {it} became final[; {signatories|person|people} must sign it].",
        may={"signatories": "count"},
    ),
    "signed": Deed(
        "agreement",
        "{person} signed {it}[ with the key {fingerprint}].",
        must={"person": "person", "signature": "digest"},
        may={"fingerprint": "fingerprint"},
    ),
    "signature refused": Deed(
        "agreement",
        "{who} declined to sign {it}.",
        may={**_WHY, "codes": "codes"},
    ),
    "suspended": Deed(
        "agreement",
        "{who} suspended {it}[ because of {cause}]; nothing may be done under it until it is "
        "resumed.",
        may={**_WHY, "cause": ("breach", "request", "complaint", "security")},
    ),
    "resumed": Deed("agreement", "{who} resumed {it}.", may=_WHY),
    "withdrawn": Deed("agreement", "{who} withdrew {it}.", may=_WHY),
    "superseded": Deed(
        "agreement",
        "{it} was superseded by {by}.",
        must={"by": "reference"},
    ),
    "ended": Deed(
        "agreement",
        "{it} ended[ because of {cause}].",
        may={**_WHY, "cause": ("its last day", "request", "breach")},
    ),
    "agreement erased": Deed(
        "agreement",
        "Everything held under {it} has been erased.",
        may={"receipts": "count"},
    ),
}

_GATE: Final[dict[str, Deed]] = {
    "refused": Deed(
        "gate",
        "The gate refused {who}, who asked to {step}[ {use}], for {reasons|reason}: {codes}.",
        must={"step": "name", "reasons": "count", "codes": "codes"},
        may={"use": "name", "recipient": "name", "reference": "reference", "run": "id"},
        binds=False,
    ),
    "permit issued": Deed(
        "permit",
        "The gate gave {who} the permit {it} to {step}[ {use}]; it can be used once, "
        "before {expires}.",
        must={"step": "name", "request": "digest", "expires": "moment"},
        may={"use": "name", "run": "id", "entity": "name", "recipient": "name"},
    ),
    "permit used": Deed(
        "permit",
        "Permit {it} was used, and the data opened.",
        may={"run": "id"},
    ),
    "permit closed": Deed(
        "permit",
        "Permit {it} was closed[ with the results' digest {result}].",
        may={"result": "digest", "outputs": "count", "run": "id"},
    ),
    "permit abandoned": Deed(
        "permit",
        "Permit {it} was abandoned: {cause}.",
        must={"cause": _CAUSE},
        may={"codes": "codes", "run": "id"},
    ),
}

_CARRY: Final[dict[str, Deed]] = {
    "parcel packed": Deed(
        "parcel",
        "{who} packed about {rows|row} of {dataset} ({holds}) into the parcel {it}.",
        must={**_PARCEL, "rows": "count", "sha256": "digest"},
        may={**_INTAKE, "receiver": "name"},
    ),
    "parcel received": Deed(
        "parcel",
        "{who} received the parcel {it}: about {rows|row} of {dataset} ({holds}).",
        must={**_PARCEL, "rows": "count", "sha256": "digest"},
        may={"sender": "name", "room": "name"},
    ),
    "parcel refused": Deed(
        "parcel",
        "{who} turned a parcel[ of {dataset}] away: {codes}.",
        must={"codes": "codes"},
        may={**_PARCEL, "sender": "name", "sha256": "digest"},
        binds=False,
    ),
    "linked": Deed(
        "linkage",
        "{who} linked about {rows|row} by {entity}[: {linked} found their match and {unlinked} did "
        "not][+, {ambiguous} left apart as uncertain].",
        must={"entity": "name", "rows": "count"},
        may={
            "linked": "count",
            "unlinked": "count",
            "ambiguous": "count",
            "entities": "count",
            "datasets": "names",
            "report": "digest",
            "permit": "id",
        },
    ),
    "links reviewed": Deed(
        "linkage",
        "{who} looked at pairs of records of {entity}, blind to any score: about {answers|answer} "
        "so far.",
        must={"entity": "name", "answers": "count"},
        may={"permit": "id"},
    ),
    "identities decided": Deed(
        "identities",
        "{who} decided about identities of {it}: {what}, event {event} of the register.",
        must={"what": ("merged", "split", "kept apart", "undone"), "event": "count"},
        may={"permit": "id"},
    ),
    "run requested": Deed(
        "run",
        "{who} asked for {use} (run {it}).",
        must={"use": "name"},
        may={"role": "words", "request": "digest"},
    ),
    "run permitted": Deed("run", "The gate permitted run {it}.", may={"permit": "id"}),
    "run started": Deed(
        "run",
        "Run {it} started alone in its own process[, held by: {locks}].",
        may={"locks": "names", "permit": "id", "rows": "count"},
    ),
    "run computed": Deed(
        "run",
        "Run {it} computed {outputs|output}[ in {seconds|second}]"
        "[+; {reasons|reason} to report no result].",
        must={"outputs": "count"},
        may={
            "result": "digest",
            "seconds": "seconds",
            "peak_memory_mb": "count",
            "reasons": "count",
            "codes": "codes",
            "warnings": "count",
        },
    ),
    "run checked": Deed(
        "run",
        "The disclosure check of run {it} said: {verdict}[+; {suppressed|figure} held back].",
        must={"verdict": ("pass", "review", "fail"), "checked": "digest"},
        may={
            "outputs": "count",
            "findings": "count",
            "failed": "count",
            "suppressed": "count",
            "codes": "codes",
        },
    ),
    "run interrupted": Deed(
        "run",
        "Run {it} was interrupted[: {codes}].",
        may={"codes": "codes", "cause": ("killed", "memory", "time", "failed", "disk")},
    ),
    "run refused": Deed(
        "run",
        "Run {it} may report nothing, for {reasons|reason}: {codes}.",
        must={"reasons": "count", "codes": "codes"},
        may={"checked": "digest"},
    ),
    "review approved": Deed(
        "run",
        "{who} approved the outputs of run {it}.",
        must={"checked": "digest"},
        may=_WHY,
    ),
    "review rejected": Deed(
        "run",
        "{who} rejected the outputs of run {it}.",
        must={"checked": "digest"},
        may=_WHY,
    ),
    "released": Deed(
        "release",
        "{who} released {output} to {to}[: about {rows|row}][, {files|file}].",
        must={
            "run": "id",
            "to": "name",
            "output": "name",
            "checked": "digest",
            "manifest": "digest",
        },
        may={"rows": "count", "files": "count", "sha256": "digest", "form": "words"},
    ),
    "release opened": Deed(
        "release",
        "{who} opened the release {it}.",
        must={"sha256": "digest"},
    ),
    "erased": Deed(
        "receipt",
        "{who} destroyed {files|sealed file} and {keys|key}[: {datasets}]; the receipt is {it}.",
        must={"receipt": "digest", "files": "count", "keys": "count"},
        may={"rows": "count", "datasets": "names", "run": "id"},
    ),
    "run erased": Deed("run", "What run {it} left has been erased.", may={"receipt": "digest"}),
}

ACTS: Final[Mapping[str, Deed]] = MappingProxyType(
    {
        **_SITE,
        **_AGREEMENT,
        **_GATE,
        **AMONG_SITES,
        **_CARRY,
        **OF_ACCOUNTS,
        **OF_DRAFTING,
        **OF_WEIGHING,
        **OF_WORKSHOPS,
    }
)
"""Every act that the ledger can hold. Add a row here, not an exception elsewhere."""

__all__ = ["ACTS", "Deed", "Kind"]
