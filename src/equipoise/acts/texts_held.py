"""Every text of an agreement that a site holds: versions put forward, and drafts as ever saved."""

from __future__ import annotations

from collections.abc import Iterator

from equipoise.acts.site import Site
from equipoise.agree.canonical import substance
from equipoise.agree.document import Agreement
from equipoise.agree.parse import parse
from equipoise.errors import DocumentRefused
from equipoise.store.assessments import Assessments
from equipoise.store.drafts import Drafts


def texts_of(site: Site, name: str) -> Iterator[Agreement]:
    """Yield every text of an agreement that is held here: versions, and each text that a draft of
    it ever had, also while it went by another name."""
    for record in site.store.agreements():
        if record.reference.partition("@")[0] == name:
            yield parse(record.text).agreement
    drafts = Drafts(site.store.alias)
    for draft in drafts.drafts():
        texts = [each.text for each in drafts.history(draft.name)]
        if any(name in text for text in texts):
            read = [found for text in texts if (found := read_text(text)) is not None]
            if any(found.agreement == name for found in read):
                yield from read


def read_text(text: str) -> Agreement | None:
    """Return the agreement that a draft's text is, or nothing while it has problems."""
    try:
        return parse(text).agreement
    except DocumentRefused:
        return None


def reference_weighed(site: Site, weighed: str) -> str:
    """Return the reference of the text with a substance, where the site holds one; else nothing."""
    for one in Assessments(site.store.alias).assessments():
        if one.reference and one.content["subject"].get("substance") == weighed:
            return one.reference
    texts = [draft.text for draft in Drafts(site.store.alias).drafts()]
    texts += [record.text for record in site.store.agreements()]
    read = (read_text(text) for text in texts)
    return next((a.reference for a in read if a and substance(a) == weighed), "")
