"""What the site itself has measured of an agreement, for whoever weighs it anew."""

from __future__ import annotations

from collections.abc import Iterator

from equipoise.acts.site import Site
from equipoise.agree.document import Agreement
from equipoise.weigh.assess.assessment import Figure


def figures_of(site: Site, agreement: Agreement) -> tuple[Figure, ...]:
    """Return figures of earlier versions of an agreement: how well records were linked, and what
    the disclosure checks said. Rounded, as for everybody; there are none before the first run."""
    same = [
        each.reference
        for each in site.store.agreements()
        if each.reference.partition("@")[0] == agreement.agreement
    ]
    return tuple(figure for reference in same for figure in _of(site, reference))


def _of(site: Site, reference: str) -> Iterator[Figure]:
    for link in site.store.links(reference):
        told = link.report.get("for others", {}).get("numbers", {})
        source = f"the linkage by {link.entity} under {reference}, {link.made:%Y-%m-%d}"
        for dataset in told.get("datasets", ()):
            name = dataset.get("dataset", "")
            rate = dataset.get("rate")
            if isinstance(rate, int | float):
                what = f"rows of {name} that found their match"
                yield Figure(what=what, value=f"{rate:.0%}", source=source)
            compared = dataset.get("compared") or {}
            for figure in ("precision", "recall"):
                value = compared.get(figure)
                if isinstance(value, int | float):
                    what = f"estimated {figure} of links of {name}"
                    yield Figure(what=what, value=f"{value:.0%}", source=source)
    for run in site.store.runs(reference):
        verdict = run.facts.get("verdict")
        if verdict:
            yield Figure(
                what=f"disclosure check of {run.use}",
                value=f"{verdict}, {len(run.findings)} findings",
                source=f"run {run.run} under {reference}",
            )
