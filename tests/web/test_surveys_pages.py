"""Surveys: made in a minute, voted on by anybody, read before they are asked, closed for good."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from visiting import Place, Visitor, served, step_in, town_of

from equipoise.account.tell import day_text
from equipoise.acts import survey_vote
from equipoise.acts.initiatives import add_from_card
from equipoise.acts.survey_make import SurveyWish, ideas_of, make_wished, see_survey
from equipoise.acts.survey_vote import offer, take_idea, take_vote
from equipoise.acts.workshop_survey import admit_idea, hide_idea, surveys, waiting_ideas
from equipoise.errors import EquipoiseError, StateRefused, UsageRefused

TOWN = "What matters in town?"
IDEAS = "Buses by night\nQuiet streets\nWarm homes\nOpen books"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One practice site for the whole file, where people step in without a password."""
    people = {"Cleo Marsh": "facilitator", "Dov Lane": "facilitator", "Ben Hale": "checker"}
    yield from served(town_of(tmp_path_factory.mktemp("town"), people), invented=True)


def survey(town: Place, title: str, **changes: Any) -> str:
    wish = {"question": "Which matters more?", "ideas": IDEAS, "days": 7, **changes}
    return make_wished(town.site, "Cleo Marsh", SurveyWish(title=title, **wish))


def pair_on(page: str) -> dict[str, str]:
    """What the form of a ballot would send, without a choice."""
    named = {
        name: re.search(rf'name="{name}" value="([^"]*)"', page)
        for name in ("one", "other", "client")
    }
    return {name: found[1] for name, found in named.items() if found}


def vote(voter: Visitor, name: str, chosen: str = "one") -> Any:
    address = f"/survey/{name}/"
    held = pair_on(voter.get(address).content.decode())
    return voter.send(address, **held, chosen=held.get(chosen, ""))


def crowd(town: Place, name: str, people: int, *, first: int = 0) -> None:
    """Let so many people vote on three pairs each: the idea that comes first in the alphabet."""
    for person in range(first, first + people):
        token = f"crowd-{person:04}-of-the-town"
        for _ in range(3):
            ballot, client = offer(town.site, name, token)
            pair = ballot.pair
            chosen = min(pair, key=lambda idea: idea[1])[0]
            take_vote(
                town.site, name, token, f"address {person}",
                pair=(pair[0][0], pair[1][0]), chosen=chosen, client=client,
            )  # fmt: skip


def test_a_facilitator_makes_one_and_sending_twice_makes_it_once(town: Place) -> None:
    cleo = step_in(town, "Cleo Marsh")
    fields = {"title": TOWN, "question": "Which?", "ideas": IDEAS, "days": "14", "own_ideas": "on",
              "begins": "now"}  # fmt: skip
    for _ in range(2):
        sent = cleo.send("/surveys/new", **fields)
        assert sent["Location"] == "/surveys/what-matters-in-town/"
    page = cleo.get(sent["Location"]).content.decode()
    for told in ("Share it", "http://testserver/survey/what-matters-in-town/", "fewer than 5",
                 "Nothing is shown before five people have voted", "Warm homes"):  # fmt: skip
        assert told in page, told
    assert "15 March 2027" in page


def test_all_that_keeps_one_from_opening_is_told_at_once(town: Place) -> None:
    cleo = step_in(town, "Cleo Marsh")
    empty = cleo.send("/surveys/new", title="", question="", ideas="", days="soon")
    text = empty.content.decode()
    assert empty.status_code == 422
    for told in ("Enter a title", "Enter the question", "Enter at least three", "whole number",
                 "Say when it opens"):  # fmt: skip
        assert told in text, told
    few = cleo.send(
        "/surveys/new",
        title="ab",
        question="ab",
        ideas="One\none\n\nTwo",
        days="0",
        begins="day",
    ).content.decode()
    for field in ("title", "question", "ideas", "days", "begins_on"):
        assert f'href="#{field}"' in few, field
    assert "One\none\n\nTwo" in few and few.count("ACT286") == 10
    assert ideas_of(" One \none\n\nTwo  words ") == ("One", "Two words")


def test_one_of_an_initiative_begins_with_what_its_card_says_and_stands_on_its_page(
    town: Place,
) -> None:
    made = add_from_card(town.site, "Cleo Marsh", "A")
    cleo = step_in(town, "Cleo Marsh")
    form = cleo.get(f"/surveys/new?initiative={made.name}").content.decode()
    assert "What matters about Kent Integrated Dataset?" in form
    assert "A great many people are in it" in form
    assert cleo.get("/surveys/new?initiative=nosuch").status_code == 200
    name = survey(town, "Of the initiative", initiative=made.name)
    page = cleo.get(f"/initiatives/{made.name}/").content.decode()
    assert f'href="/surveys/{name}/"' in page and "Of the initiative" in page


def test_anybody_votes_without_an_account_and_is_offered_another_pair(town: Place) -> None:
    name = survey(town, "For anybody")
    voter = town.visitor()
    page = voter.get(f"/survey/{name}/")
    text = page.content.decode()
    assert "Sign in" in text and "Skip: I cannot decide" in text and text.count("<h1") == 1
    cookie = page.cookies["voter"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax"
    assert cookie["max-age"] == 7 * 24 * 3600
    assert "voter" not in voter.get(f"/survey/{name}/").cookies  # it has one
    seen = set()
    for turn in range(6):
        held = pair_on(voter.get(f"/survey/{name}/").content.decode())
        seen.add(frozenset((held["one"], held["other"])))
        chosen = "" if turn == 2 else held["one"]
        sent = voter.send(f"/survey/{name}/", **held, chosen=chosen)
        assert sent.status_code == 302 and sent["Location"] == f"/survey/{name}/"
    assert len(seen) == 6  # four ideas have six pairs, each asked once
    assert "Thank you, that was every pair" in voter.get(f"/survey/{name}/").content.decode()


def test_a_vote_sent_twice_counts_once_and_one_after_going_back_is_told(town: Place) -> None:
    name = survey(town, "Sent twice")
    voter = town.visitor()
    address = f"/survey/{name}/"
    held = pair_on(voter.get(address).content.decode())
    for _ in range(2):
        assert voter.send(address, **held, chosen=held["one"]).status_code == 302
    again = voter.send(address, **{**held, "client": "x" * 32}, chosen=held["other"])
    text = again.content.decode()
    assert again.status_code == 409 and "WGH176" in text and "Skip: I cannot decide" in text
    for bad in ({"chosen": "i9"}, {"one": "i9"}, {"one": "i1", "other": "i1"}):
        fresh = {**pair_on(voter.get(address).content.decode()), **bad}
        wrong = voter.send(address, **{"chosen": "", **fresh})
        assert wrong.status_code == 422 and "WGH177" in wrong.content.decode()


def test_nobody_picks_the_pairs_in_which_they_vote(town: Place) -> None:
    """A script that would put one idea above each of the others, whatever it is asked about."""
    name = survey(town, "Picked")
    voter, address = town.visitor(), f"/survey/{name}/"
    held = pair_on(voter.get(address).content.decode())
    ideas = ("i1", "i2", "i3", "i4")
    others = [o for o in ideas if {"i1", o} not in ({"i1"}, {held["one"], held["other"]})]
    assert len(others) >= 2
    for other in others:
        for mark in (held["client"], "x" * 64):
            picked = {"one": "i1", "other": other, "client": mark, "chosen": "i1"}
            refused = voter.send(address, **picked)
            assert refused.status_code == 409 and "ACT289" in refused.content.decode()
    stranger = town.visitor()
    stranger.get(address)
    theirs = pair_on(stranger.get(address).content.decode())
    lent = {**held, "chosen": held["one"]}
    assert theirs["client"] != held["client"]
    assert stranger.send(address, **lent).status_code == 409
    assert voter.send(address, **lent).status_code == 302
    with surveys(town.site).live(name) as live:
        assert [len(pairs) for pairs in live.state.pairs.values()] == [1]


def test_without_its_cookie_a_browser_is_told_that_it_lost_its_place(town: Place) -> None:
    name = survey(town, "Lost place")
    voter = town.visitor()
    address = f"/survey/{name}/"
    held = pair_on(voter.get(address).content.decode())
    form = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', voter.get(address).content.decode())
    assert form is not None
    del voter.cookies["voter"]
    lost = voter.post(address, {**held, "chosen": "", "csrfmiddlewaretoken": form[1]})
    assert lost.status_code == 422 and "ACT288" in lost.content.decode()
    assert "voter" in lost.cookies


def test_results_wait_for_five_people_and_come_with_picture_and_table(town: Place) -> None:
    name = survey(town, "Results")
    anybody = town.visitor()
    crowd(town, name, 4)
    before = anybody.get(f"/survey/{name}/results").content.decode()
    assert "Nothing is shown before five" in before and "app-figure" not in before
    crowd(town, name, 6, first=4)
    after = anybody.get(f"/survey/{name}/results").content.decode()
    assert "10 or more people have voted" in after
    assert 'src="data:image/svg+xml;base64,' in after and "<table" in after
    rows = re.findall(r'<th scope="row"[^>]*>([^<]+)</th>\s*<td[^>]*>(\d+)<', after)
    assert next(words for words, _ in rows) == "Buses by night"
    assert [int(chance) for _, chance in rows] == sorted((int(c) for _, c in rows), reverse=True)


def test_an_idea_that_looks_personal_is_asked_about_and_read_before_it_is_asked(
    town: Place,
) -> None:
    name = survey(town, "Own ideas")
    voter, address = town.visitor(), f"/survey/{name}/idea"
    assert voter.send(address, idea="", client="c" * 24).status_code == 422
    sure = voter.send(address, idea="Ask 943 476 5919", client="c" * 24).content.decode()
    assert "Ask 943 476 5919" in sure and 'name="sure"' not in sure and "Take it out" in sure
    asked = voter.send(address, idea="Ask Mrs Patel", client="c" * 24)
    text = asked.content.decode()
    assert asked.status_code == 422 and "WGH146" in text and 'name="sure"' in text
    mark = re.search(r'name="mark" value="([^"]+)"', text)
    assert mark is not None
    other = voter.send(address, idea="Ask Mr Singh", client="c" * 24, sure="on", mark=mark[1])
    assert other.status_code == 422  # what was confirmed was another text
    sent = voter.send(address, idea="Ask Mrs Patel", client="c" * 24, sure="on", mark=mark[1])
    assert sent.status_code == 302
    assert "Thank you. Your idea" in voter.get(f"/survey/{name}/").content.decode()
    cleo, page = step_in(town, "Cleo Marsh"), f"/surveys/{name}/"
    waiting = cleo.get(page).content.decode()
    assert "Ideas to read" in waiting and "Ask Mrs Patel" in waiting
    assert "Ask Mrs Patel" not in step_in(town, "Dov Lane").get(page).content.decode()
    (text_id,) = waiting_ideas(town.site, name)
    cleo.send(page + "idea", page, idea=text_id, do="admit")
    assert "Ask Mrs Patel" in [words for _, words in see_survey(town.site, name, None).asked]
    cleo.send(page + "idea", page, idea=text_id, do="hide")
    assert len(see_survey(town.site, name, None).asked) == 4
    long = voter.send(address, idea="x" * 900_000, client="d" * 24)
    assert long.status_code == 422 and "WGH139" in long.content.decode()


def test_without_own_ideas_none_is_asked_for(town: Place) -> None:
    name = survey(town, "No ideas", own_ideas=False)
    voter = town.visitor()
    assert "Add an idea" not in voter.get(f"/survey/{name}/").content.decode()
    sent = voter.send(f"/survey/{name}/idea", idea="Something", client="c" * 24)
    assert sent.status_code == 409 and "WGH176" in sent.content.decode()


def test_two_ideas_always_stay(town: Place) -> None:
    name = survey(town, "Last two", ideas="One\nTwo\nThree")
    assert hide_idea(town.site, name, "Cleo Marsh", "i1")
    assert not hide_idea(town.site, name, "Cleo Marsh", "i1")
    with pytest.raises(StateRefused, match="WGH179"):
        hide_idea(town.site, name, "Cleo Marsh", "i2")
    with pytest.raises(UsageRefused, match="WGH167"):
        hide_idea(town.site, name, "Cleo Marsh", "i9")
    many = survey(town, "Very many", ideas="\n".join(f"Idea {n}" for n in range(300)))
    take_idea(town.site, many, "t" * 24, "here", "One more", client="c" * 24)
    (text,) = waiting_ideas(town.site, many)
    with pytest.raises(StateRefused, match="WGH179"):
        admit_idea(town.site, many, "Cleo Marsh", text)


def test_one_address_brings_no_endless_row_of_new_voters(
    town: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = ((3, timedelta(minutes=15)), (5, timedelta(hours=23)))
    monkeypatch.setattr(survey_vote, "LIMITS", short)
    name = survey(town, "Endless row")
    voters = [town.visitor() for _ in range(4)]
    assert [vote(one, name).status_code for one in voters] == [302, 302, 302, 429]
    refused = vote(voters[3], name).content.decode()
    assert "ACT285" in refused and "in 15 minutes" in refused
    assert vote(voters[0], name).status_code == 302  # who has voted goes on
    assert vote(voters[3], survey(town, "Another one")).status_code == 302
    town.clock.pass_by(minutes=16)
    assert vote(voters[3], name).status_code == 302
    last = town.visitor()
    assert vote(last, name).status_code == 302
    sixth = vote(town.visitor(), name)
    assert sixth.status_code == 429 and "23 hours" in sixth.content.decode()


def test_closing_ends_the_voting_and_leaves_a_report(town: Place) -> None:
    name = survey(town, "Closing")
    crowd(town, name, 5)
    cleo, page = step_in(town, "Cleo Marsh"), f"/surveys/{name}/"
    early = cleo.get(page + "report.json")
    assert early.status_code == 409 and "ACT287" in early.content.decode()
    voter = town.visitor()
    held = pair_on(voter.get(f"/survey/{name}/").content.decode())
    other = step_in(town, "Dov Lane")
    assert "Close the survey" not in other.get(page).content.decode()
    assert other.send(page + "close", page).status_code == 422  # WGH163: not theirs
    assert other.get(page + "close")["Location"] == page
    asked = cleo.get(page + "close").content.decode()
    assert "Close the survey?" in asked and "Leave it open" in asked
    assert cleo.send(page + "close").status_code == 302
    assert cleo.send(page + "close", page).status_code == 302, "sent twice, done once"
    assert cleo.get(page + "close")["Location"] == page
    late = voter.send(f"/survey/{name}/", "/sign-in", **held, chosen="")
    assert late.status_code == 409 and "WGH175" in late.content.decode()
    assert "This survey has closed" in voter.get(f"/survey/{name}/").content.decode()
    report = json.loads(cleo.get(page + "report.json").content)
    assert report["people"] == "5 or more" and report["standings"][0]["words"] == "Buses by night"
    held = [*csv.reader(cleo.get(page + "report.csv").content.decode().splitlines())]
    closed = [one for one in town.site.store.entries() if one.act == "survey closed"]
    assert held[0] == ["report", closed[-1].detail["report"]], "the hash is the ledger's"
    assert held[3][1] == "Buses by night" and len(held) == 3 + len(report["standings"])
    raw = cleo.get(page + "report.json").content
    assert "sha256:" + hashlib.sha256(raw).hexdigest() == held[0][1], "of the very file"
    printed = unescape(cleo.get(page + "report").content.decode())
    for told in (held[0][1], "5 or more", "Buses by night", "Which matters more?", "<table",
                 "This page prints as it is", report["plan digest"]):  # fmt: skip
        assert told in printed, told
    moment = f"{day_text(town.clock.now)} at {town.clock.now:%H:%M} UTC"
    assert f"until {moment}" in re.sub(r"\s+", " ", printed), "as it was closed before its time"
    assert 'href="/surveys/closing/report"' in cleo.get(page).content.decode()


HIDDEN = ("Which matters more?", "Buses by night", "Skip: I cannot decide", "How the ideas stand")


def test_a_draft_is_votable_by_nobody_until_it_is_opened(town: Place) -> None:
    name = survey(town, "Not yet", begins="later", days=3)
    voter, cleo = town.visitor(), step_in(town, "Cleo Marsh")
    for path in ("", "results"):
        seen = unescape(voter.get(f"/survey/{name}/{path}").content.decode())
        assert "This survey has not opened yet" in seen and "has not said yet when" in seen
        assert not [told for told in HIDDEN if told in seen]
    assert "voter" not in voter.cookies
    assert voter.get(f"/survey/{name}/idea")["Location"] == f"/survey/{name}/"
    for act in (
        lambda: take_vote(town.site, name, "t" * 24, "here", pair=("i1", "i2"), chosen="i1",
                          client=mark_for(town, name, "t" * 24)),
        lambda: take_idea(town.site, name, "t" * 24, "here", "Trams", client="c" * 24),
    ):  # fmt: skip
        with pytest.raises(StateRefused, match="not opened yet"):
            act()
    with surveys(town.site).live(name) as live:
        assert live.last == 0
    town.clock.pass_by(days=30)  # a draft does not grow old
    cleo, dov = step_in(town, "Cleo Marsh"), step_in(town, "Dov Lane")
    lead = cleo.get(f"/surveys/{name}/").content.decode()
    assert "This is a draft" in lead and "How it stands" not in lead
    assert "Open the survey now" in lead
    assert "Open the survey now" not in dov.get(f"/surveys/{name}/").content.decode()
    assert dov.send(f"/surveys/{name}/open", f"/surveys/{name}/").status_code == 422
    for _ in range(2):  # sent twice, opened once
        assert cleo.send(f"/surveys/{name}/open", f"/surveys/{name}/").status_code == 302
    opened = [one.act for one in town.site.store.entries() if f"survey:{name}" in str(one)]
    assert opened.count("survey opened") == 1
    assert vote(voter, name).status_code == 302
    assert voter.cookies["voter"]["max-age"] == 3 * 24 * 3600
    town.clock.pass_by(days=3)
    assert "This survey has closed" in town.visitor().get(f"/survey/{name}/").content.decode()
    cleo = step_in(town, "Cleo Marsh")
    assert cleo.send(f"/surveys/{name}/open", "/surveys/new").status_code == 409


def mark_for(town: Place, name: str, token: str) -> str:
    """The mark that a ballot on the first two ideas would carry, as if it had been offered."""
    return survey_vote._mark_of(town.site, name, token, ["i1", "i2"])


def test_one_that_opens_on_a_day_opens_by_itself_on_that_day(town: Place) -> None:
    cleo = step_in(town, "Cleo Marsh")
    fields = {"title": "On its day", "question": "Which matters more?", "ideas": IDEAS,
              "days": "2", "begins": "day"}  # fmt: skip
    late = "Name a day after today"
    for wrong, told in (("", late), ("2020-01-01", late), ("2099-01-01", "too far away"),
                        ("soon", "a day of the calendar")):  # fmt: skip
        refused = cleo.send("/surveys/new", **fields, begins_on=wrong)
        text = unescape(refused.content.decode())
        assert refused.status_code == 422 and told in text and 'href="#begins_on"' in text
    day = town.clock.now.date() + timedelta(days=5)
    where = cleo.send("/surveys/new", **fields, begins_on=f"{day:%d/%m/%Y}")["Location"]
    again = cleo.send("/surveys/new", **fields, begins_on=f"{day:%Y-%m-%d}")["Location"]
    assert where == again == "/surveys/on-its-day/"
    public = "/survey/on-its-day/"
    seen = unescape(town.visitor().get(public).content.decode())
    assert f"It opens on {day_text(day)} at 00:00 UTC" in seen
    assert not [told for told in HIDDEN if told in seen]
    assert "opens by itself" in cleo.get(where).content.decode()
    town.clock.now = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(seconds=1)
    assert "has not opened yet" in town.visitor().get(public).content.decode()
    town.clock.pass_by(seconds=1)
    voter = town.visitor()
    assert vote(voter, "on-its-day").status_code == 302
    town.clock.pass_by(days=2)
    assert "has closed" in voter.get(public).content.decode()
    cleo = step_in(town, "Cleo Marsh")
    early = survey(town, "Early", begins="day", begins_on=town.clock.now.date() + timedelta(days=9))
    assert cleo.send(f"/surveys/{early}/open", f"/surveys/{early}/").status_code == 302
    assert vote(voter, early).status_code == 302


def test_a_draft_that_is_closed_was_never_open_and_its_report_says_so(town: Place) -> None:
    name = survey(town, "Given up", begins="later")
    early = survey(town, "Given up early", begins="day",
                   begins_on=town.clock.now.date() + timedelta(days=9))  # fmt: skip
    cleo = step_in(town, "Cleo Marsh")
    asked = cleo.get(f"/surveys/{name}/close").content.decode()
    assert "has not opened" in asked and "Leave it as it is" in asked
    assert cleo.send(f"/surveys/{name}/close").status_code == 302
    told = cleo.get(f"/surveys/{name}/report").content.decode()
    cleo.send(f"/surveys/{early}/close")
    assert "never: it was closed" in cleo.get(f"/surveys/{early}/report").content.decode()
    assert "never: it was closed before it opened" in told and "fewer than 5" in told
    assert cleo.send(f"/surveys/{name}/open", "/surveys/new").status_code == 409


def test_one_whose_time_is_up_says_so(town: Place) -> None:
    name = survey(town, "One day", days=1)
    held = town.clock.now
    town.clock.pass_by(days=2)
    assert "This survey has closed" in town.visitor().get(f"/survey/{name}/").content.decode()
    assert "Its time is up" in step_in(town, "Cleo Marsh").get(f"/surveys/{name}/").content.decode()
    town.clock.now = held


def test_who_may_not_make_one_is_told(town: Place) -> None:
    ben = step_in(town, "Ben Hale")
    assert "Make a survey" not in ben.get("/surveys/").content.decode()
    assert ben.get("/surveys/new").status_code == 403
    name = survey(town, "Not Ben's")
    for address in ("idea", "close"):
        assert ben.send(f"/surveys/{name}/{address}", f"/surveys/{name}/").status_code == 403
    assert town.visitor().get("/survey/nosuch/").status_code == 404


def test_free_text_is_shown_and_never_run(town: Place) -> None:
    evil = '<img src=x onerror="alert(1)">'
    name = survey(town, "Evil", ideas=f"{evil}\nTwo\nThree", question=f"{evil}?")
    for address in (f"/survey/{name}/", f"/survey/{name}/results", f"/surveys/{name}/"):
        text = step_in(town, "Cleo Marsh").get(address).content.decode()
        assert evil not in text and evil in unescape(text)


def test_refusals_name_no_voter(town: Place) -> None:
    name = survey(town, "No names")
    with pytest.raises(EquipoiseError) as refused:
        take_vote(town.site, name, "short", "here", pair=("i1", "i2"), chosen="", client="c" * 24)
    assert [one.code for one in refused.value.problems] == ["ACT288"]
    assert "short" not in str(refused.value)
