"""Status: where everything stands, and what waits for whom."""

from __future__ import annotations

from typing import Any

from equipoise.acts.erase import due
from equipoise.acts.review import approvals_wanted
from equipoise.acts.site import Site
from equipoise.agree.sign import missing_signatures


def status(site: Site) -> dict[str, Any]:
    """Return the site's agreements, runs, permits and duties; never a row."""
    return {
        "site": site.name,
        "practice": site.practice,
        "people": [
            {"name": p.name, "party": p.party, "post": p.post, "roles": list(p.roles)}
            for p in site.store.people()
        ],
        "agreements": [_agreement(site, record.reference) for record in site.store.agreements()],
        "open permits": [
            {"permit": p["permit"], "act": p["request"]["act"], "agreement": p["reference"]}
            for p in site.store.open_permits()
        ],
        "ledger entries": last.sequence if (last := site.store.last_entry()) else 0,
    }


def _agreement(site: Site, reference: str) -> dict[str, Any]:
    record = site.store.agreement(reference)
    agreement = site.frozen(reference).agreement
    missing = missing_signatures(agreement, record.signatures, site.trusted(reference))
    today = site.clock().date()
    term = (
        "not begun" if today < agreement.starts
        else "ended" if today > agreement.ends
        else "in force" if record.state == "signed"
        else "not in force"
    )  # fmt: skip
    return {
        "agreement": reference,
        "title": agreement.title,
        "state": record.state,
        "term": term,
        "still to sign": [f"{who} ({party})" for party, who in missing],
        "held": sorted({d.dataset for d in site.store.deliveries(reference)}),
        "erasure due": list(due(site, agreement)),
        "runs": [
            {
                "run": run.run,
                "use": run.use,
                "state": run.state,
                "waits for": list(approvals_wanted(site, run)) if run.state == "in review" else [],
            }
            for run in site.store.runs(reference)
        ],
    }
