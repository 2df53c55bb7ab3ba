"""Red lines first: what the text answers, what people hold, and how each is settled."""

from __future__ import annotations

from typing import Any

import pytest
from weighers import (
    DRAFT,
    ITEMS,
    LINE,
    closing,
    closing_data,
    draft,
    ended,
    sheet,
    text_of,
    weighed,
)

from equipoise.agree.document import Agreement
from equipoise.agree.parse import parse
from equipoise.errors import DocumentRefused, StateRefused
from equipoise.weigh.assess.assessment import Assessment, closed, cover, lines_of
from equipoise.weigh.assess.binding import clause_of_binding
from equipoise.weigh.assess.closing import Closing
from equipoise.weigh.assess.lines import RULES, ComputedLine, computed, high_sensitivity
from equipoise.weigh.assess.reading import read_part

from datetime import UTC, datetime  # isort: skip

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)


def line(name: str, agreement: Agreement) -> ComputedLine:
    return next(each for each in computed(agreement) if each.line == name)


def changed(**parts: Any) -> Agreement:
    """The draft with parts replaced, as no text that was read could have them."""
    return draft().model_copy(update=parts)


def test_the_lines_that_a_text_answers_are_those_that_the_catalogue_calls_computed() -> None:
    kinds = {item.id: item.kind for item in ITEMS.of("red lines")}
    assert set(RULES) == {name for name, kind in kinds.items() if kind == "computed"}


def test_a_careful_text_gives_no_reason_to_doubt() -> None:
    assert {each.verdict for each in computed(draft())} == {"pass"}
    assert all(each.findings for each in computed(draft()))


def test_a_party_is_told_by_its_name_and_how_the_agreement_calls_it() -> None:
    first = line("X1", draft()).findings[0]
    assert first.reason.startswith("Revenue Office of the City (hmrc) shares as ")


def test_without_a_gateway_or_with_one_in_dispute_it_is_not_lawful() -> None:
    gateways = dict(draft().gateway)
    hmrc = gateways["hmrc"]
    for gateway, verdict, clause in (
        (None, "fail", "datasets.tax_credits.from"),
        (hmrc.model_copy(update={"disputed": True}), "fail", "gateway.hmrc.disputed"),
        (hmrc.model_copy(update={"disputed": True, "settled_by": "a tribunal"}), "doubt",
         "gateway.hmrc.settled by"),
    ):  # fmt: skip
        left = {key: each for key, each in gateways.items() if key != "hmrc"}
        found = line("X1", changed(gateway=left if gateway is None else {**left, "hmrc": gateway}))
        assert found.verdict == verdict
        assert clause in [each.clause for each in found.findings]


@pytest.mark.parametrize(
    ("update", "verdict"),
    [
        ({"statement": "   "}, "fail"),
        ({"benefits": ()}, "doubt"),
        ({"nobody_else": ""}, "doubt"),
        ({"nature": "punitive"}, "doubt"),
    ],
)
def test_a_purpose_without_outcome_or_bounds_is_in_doubt(
    update: dict[str, Any], verdict: str
) -> None:
    purpose = draft().purpose.model_copy(update=update)
    assert line("X2", changed(purpose=purpose)).verdict == verdict


def test_onward_use_must_be_forbidden_or_named() -> None:
    free = changed(prohibitions=("re-identify",))
    assert [each.clause for each in line("X4", free).findings] == ["prohibitions"]
    assert line("X4", free).verdict == "doubt"
    assert line("X4", changed(prohibitions=("onward use",))).verdict == "doubt"
    onward = Agreement.model_validate(
        {**draft().model_dump(by_alias=True), "prohibitions": ["re-identify"],
         "onward": [{"what": "entitled", "to": "northlight", "form": "identifiable"}]}
    )  # fmt: skip
    (found,) = [each for each in line("X4", onward).findings if each.clause == "onward.0"]
    assert "may go on to Northlight Energy (northlight)" in found.reason


def test_sensitive_data_without_any_protection_cross_the_line() -> None:
    assert high_sensitivity(draft()) == "high"
    assert line("X5", changed(safeguards=())).verdict == "fail"
    mild = DRAFT.replace("sensitivity: high", "sensitivity: low").replace(
        "sensitivity: medium", "sensitivity: low"
    )
    from equipoise.agree.parse import parse

    mildly = parse(mild).agreement.model_copy(update={"safeguards": ()})
    assert line("X5", mildly).verdict == "doubt"


def test_names_that_travel_and_light_codes_and_unchecked_names_are_in_doubt() -> None:
    linkage = draft().linkage
    assert linkage is not None
    assert line("X5", changed(linkage=linkage.model_copy(update={"mode": "identified"}))).verdict \
        == "doubt"  # fmt: skip
    entities = {
        key: each.model_copy(update={"strength": "light"}) for key, each in linkage.entities.items()
    }
    weak = changed(linkage=linkage.model_copy(update={"entities": entities}))
    assert line("X5", weak).verdict == "doubt"
    outputs = {
        key: rule.model_copy(update={"form": "identifiable", "checked_by": ()})
        for key, rule in draft().outputs.items()
    }
    assert line("X5", changed(outputs=outputs)).verdict == "doubt"
    assert line("X5", changed(linkage=None)).verdict == "pass"


def test_the_public_must_be_able_to_read_ask_and_complain() -> None:
    hard = draft().public.model_copy(update={
        "summary": "Multidisciplinary interdepartmental collaboration facilitating proportionate "
        "identification of thermally inadequate residential accommodation."})  # fmt: skip
    assert line("X6", changed(public=hard)).verdict == "doubt"
    silent = draft().public.model_copy(update={"complaints": " "})
    assert line("X6", changed(public=silent)).verdict == "fail"
    assert line("X6", changed(review=None)).verdict == "doubt"


# -- settling ------------------------------------------------------------------------------------


def test_a_line_that_somebody_holds_stays_open_until_they_sign_off() -> None:
    (held,) = lines_of(weighed(), ITEMS)
    assert (held.line, held.held_by, held.standing) == (LINE, "Energy Advice Line", "open")
    (held,) = lines_of(ended(), ITEMS)
    assert held.standing == "settled"
    (held,) = lines_of(ended(settled=[]), ITEMS)
    assert held.standing == "open"


def test_nobody_settles_a_line_over_its_holders_head() -> None:
    over = [{"line": LINE, "by": "Amara Osei", "how": "It is fine."}]
    with pytest.raises(DocumentRefused) as refused:
        ended(settled=over)
    assert [each.code for each in refused.value.problems] == ["WGH106"]


def test_only_a_line_that_is_there_can_be_settled() -> None:
    with pytest.raises(DocumentRefused) as refused:
        ended(settled=[{"line": "Another line.", "by": "Ben Roe", "how": "It is fine."}])
    assert [each.code for each in refused.value.problems] == ["WGH105"]


def test_what_the_text_leaves_in_doubt_is_signed_off_by_somebody_by_name() -> None:
    doubtful = draft().model_copy(update={"review": None})
    words = ITEMS["X6"].words
    (first, second) = lines_of(weighed(doubtful), ITEMS)
    assert (first.line, first.standing, second.line) == (words, "open", LINE)
    settled = [*closing_data()["settled"], {"line": words, "by": "Dee Falk", "how": "In June."}]
    found = lines_of(ended(doubtful, settled=settled), ITEMS)
    assert [(each.held_by, each.standing) for each in found] == [
        ("Dee Falk", "settled"), ("Energy Advice Line", "settled"),
    ]  # fmt: skip


def test_what_the_text_itself_crosses_no_words_can_settle() -> None:
    crossed = draft().model_copy(update={"safeguards": ()})
    words = ITEMS["X5"].words
    settled = [*closing_data()["settled"], {"line": words, "by": "Dee Falk", "how": "Trust us."}]
    with pytest.raises(DocumentRefused) as refused:
        ended(crossed, settled=settled)
    assert [each.code for each in refused.value.problems] == ["WGH107"]
    made = cover(ended(crossed), ITEMS, NOON, "salt")
    assert [each.standing for each in made.lines] == ["failed", "settled"]


# -- the end -------------------------------------------------------------------------------------


def test_an_overruled_adviser_is_answered_in_writing() -> None:
    overruled = {"name": "Dee Falk", "advice": "Do not.", "followed": False}
    with pytest.raises(DocumentRefused) as refused:
        ended(adviser=overruled)
    assert [each.code for each in refused.value.problems] == ["WGH103"]
    assert ended(adviser={**overruled, "because": "People would be cold."}).closing is not None


HIGH = {
    "item": "R17", "on": "people in the data", "size": 5, "likelihood": 3, "because": "It leaks.",
}  # fmt: skip


def test_a_high_risk_that_remains_asks_for_the_regulator() -> None:
    made = weighed(draft(), sheet("Ada Obi", "council", risks=[HIGH]), sheet("Bo Li", "health"))
    with pytest.raises(DocumentRefused) as refused:
        closed(made, closing(settled=[]), ITEMS)
    assert [each.code for each in refused.value.problems] == ["WGH104"]
    asked = closing(settled=[], regulator={"consulted": "2026-05-04", "said": "Go on."})
    assert closed(made, asked, ITEMS).closing == asked


def test_one_view_is_no_weighing() -> None:
    for sheets, said in (((), "nobody"), ((sheet("Ada Obi", "council"),), "one person")):
        from equipoise.weigh.assess.assessment import answered, begun

        made = begun("rebate", draft(), None)
        for each in sheets:
            made = answered(made, each)
        with pytest.raises(DocumentRefused) as refused:
            closed(made, closing(settled=[]), ITEMS)
        (problem,) = refused.value.problems
        assert problem.code == "WGH101" and said in problem.what


NO = {"view": {"answer": "do not share", "because": "It is not worth it."}}


def test_against_what_people_said_needs_reasons() -> None:
    made = weighed(draft(), sheet("Ada Obi", "council", **NO), sheet("Bo Li", "health", **NO))
    with pytest.raises(DocumentRefused) as refused:
        closed(made, closing(settled=[]), ITEMS)
    assert [each.code for each in refused.value.problems] == ["WGH108"]
    reasons = [{"people said": "No.", "because": "Winter comes.", "decided by": "The council"}]
    done = closed(made, closing(settled=[], departs=reasons), ITEMS)
    assert cover(done, ITEMS, NOON, "salt").said == "against"


@pytest.mark.parametrize(
    ("views", "said"),
    [
        (("share", "share"), "for"),
        (("share", "do not share"), "divided"),
        (("share", "share", "do not share"), "divided"),
        (("share", "share", "share", "do not share"), "for"),
        (("do not share", "do not share", "share"), "against"),
        (("don't know", "don't know"), "unknown"),
        (("don't know", "do not share"), "against"),
        (("don't know", "share"), "for"),
    ],
)
def test_what_people_said_counts_those_who_know(views: tuple[str, ...], said: str) -> None:
    from equipoise.weigh.assess.assessment import said_by

    sheets = [
        sheet(f"Rater {'ABCD'[n]}", "health", view={"answer": view, "because": "So I see it."})
        for n, view in enumerate(views)
    ]
    assert said_by(weighed(draft(), *sheets)) == said


def test_a_workshop_that_was_more_doubtful_counts() -> None:
    heard = {"said": "divided", "in short": "Two tables of four would not."}
    with pytest.raises(DocumentRefused) as refused:
        ended(heard=heard)
    assert [each.code for each in refused.value.problems] == ["WGH108"]


def test_what_is_closed_stays_as_it_was() -> None:
    from equipoise.weigh.assess.assessment import answered

    done = ended()
    with pytest.raises(StateRefused):
        answered(done, sheet("Eve Late", "police"))
    with pytest.raises(StateRefused):
        closed(done, closing(), ITEMS)
    with pytest.raises(StateRefused):
        cover(weighed(), ITEMS, NOON, "salt")
    with pytest.raises(ValueError, match="zone"):
        cover(done, ITEMS, datetime(2026, 6, 15), "salt")


def test_the_closing_of_another_assessment_is_refused() -> None:
    with pytest.raises(DocumentRefused) as refused:
        ended(assessment="other")
    assert [each.code for each in refused.value.problems] == ["WGH090"]


def test_a_closing_is_read_with_its_lines() -> None:
    data = closing_data(review="2027-02-31")
    with pytest.raises(DocumentRefused) as refused:
        read_part(Closing, text_of(data), "closing.yaml")
    (problem,) = refused.value.problems
    assert (problem.clause, problem.file) == ("review", "closing.yaml")


def test_a_cover_holds_no_name_and_no_word_of_a_rater_beyond_what_is_published() -> None:
    text = str(cover(ended(), ITEMS, NOON, "salt").as_dict())
    for told in ("Ada Obi", "Ben Roe", "Cy Dunn", "A cold home can kill", "So Ada", "adviser"):
        assert told not in text
    assert LINE in text


# -- the same words, held by two -----------------------------------------------------------------

SAME = {"line": LINE, "scope": "every supplier", "because": "A cold home can kill."}
MINE = {"line": LINE, "by": "Ada Obi", "how": "It is in the release."}


def held_by_two(agreement: Agreement | None = None, words: str = LINE) -> Assessment:
    """Two people draw a line in the same words, and each holds it."""
    said = {**SAME, "line": words}
    return weighed(
        agreement,
        sheet("Ada Obi", "council", **{"red lines": [{**said, "held by": "Ada Obi"}]}),
        sheet("Ben Roe", "voluntary", **{"red lines": [{**said, "held by": "ben  roe"}]}),
        sheet("Cy Dunn", "health", **{"red lines": [{**said, "held by": "Ben Roe"}]}),
    )


def standings(made: Assessment) -> list[tuple[str, str]]:
    return [(one.held_by, one.standing) for one in lines_of(made, ITEMS)]


def test_nobody_signs_off_for_another_who_drew_the_same_line() -> None:
    assert standings(held_by_two()) == [("Ada Obi", "open"), ("ben  roe", "open")]
    one = closed(held_by_two(), closing(settled=[MINE]), ITEMS)
    assert standings(one) == [("Ada Obi", "settled"), ("ben  roe", "open")]
    bens = {**MINE, "by": "Ben Roe", "how": "Suppliers sign not to."}
    both = closed(held_by_two(), closing(settled=[MINE, bens]), ITEMS)
    assert {standing for _, standing in standings(both)} == {"settled"}
    made = cover(both, ITEMS, NOON, "salt")
    (first, second) = clause_of_binding(parse(DRAFT), both, made)["red lines"][-2:]
    assert (first["held by"], second["held by"]) == ("Ada Obi", "ben  roe")
    assert "Suppliers sign not to." in second["settled"]


def test_whoever_looks_at_a_doubt_of_the_text_does_not_sign_off_for_who_holds_that_line() -> None:
    doubtful, words = draft().model_copy(update={"review": None}), ITEMS["X6"].words
    made = held_by_two(doubtful, words)
    dees = {"line": words, "by": "Dee Falk", "how": "In June."}
    found = standings(closed(made, closing(settled=[dees]), ITEMS))
    assert found == [("Dee Falk", "settled"), ("Ada Obi", "open"), ("ben  roe", "open")]
    adas = {**dees, "by": "Ada Obi"}
    both = standings(closed(made, closing(settled=[adas, dees]), ITEMS))
    assert both == [("Ada Obi", "settled"), ("ben  roe", "open")]


def test_a_line_that_the_text_crosses_is_told_once_whoever_draws_it() -> None:
    crossed, words = draft().model_copy(update={"safeguards": ()}), ITEMS["X5"].words
    assert standings(held_by_two(crossed, words)) == [("the text itself", "failed")]
