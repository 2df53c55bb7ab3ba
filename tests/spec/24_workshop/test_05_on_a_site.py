"""A site keeps a workshop: nothing is lost, nothing can be changed, and its report binds."""

from __future__ import annotations

import json
import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from rooms_of_people import PACK, wish

from equipoise.account.ledger import verify_chain
from equipoise.acts import workshop_answer as answering
from equipoise.acts import workshop_join as joining
from equipoise.acts import workshop_make as making
from equipoise.acts import workshop_report as reporting
from equipoise.acts import workshop_see as seeing
from equipoise.acts import workshop_steer as steering
from equipoise.acts import workshop_survey as surveying
from equipoise.acts.site import Site, enrol, found_site
from equipoise.acts.workshop_invent import NAME, invent_workshop
from equipoise.agree.canonical import digest_of
from equipoise.errors import EquipoiseError, GateRefused, StateRefused, UsageRefused
from equipoise.store.assessments import Assessments
from equipoise.store.workshops import Workshops
from equipoise.weigh.workshop.survey import SurveyPlan

ANN = "Ann Lee"


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def site(tmp_path: Path, clock: Clock) -> Site:
    made = found_site(tmp_path / "site", name="Test site", practice=True, clock=clock)
    for name in (ANN, "Ben Roe"):
        enrol(made, "council", name, roles=("facilitator",), practice=True)
    enrol(made, "council", "Eve", roles=("assessor",), practice=True)
    return made


@pytest.fixture
def held(site: Site) -> making.Made:
    made = making.make_workshop(site, ANN, making.propose_workshop(site, wish()).plan)
    steering.open_workshop(site, made.name, ANN)
    return made


def seats(site: Site, people: int, tables: int = 4) -> list[joining.Seat]:
    return [
        joining.join_workshop(site, "leeds", sector="council", table=number % tables + 1)
        for number in range(people)
    ]


def to(site: Site, question: str) -> None:
    _, plan = making.workshop(site, "leeds")
    seen = seeing.see_wall(site, "leeds").step.number
    steering.move_to(site, "leeds", ANN, seen=seen, to=plan.questions[question].step)


def acts(site: Site) -> list[str]:
    return [entry.act for entry in site.store.entries()]


# -- making and joining -------------------------------------------------------------------------


def test_only_a_facilitator_makes_a_workshop(site: Site) -> None:
    plan = making.propose_workshop(site, wish()).plan
    with pytest.raises(GateRefused, match="ACT250"):
        making.make_workshop(site, "Eve", plan)
    with pytest.raises(UsageRefused, match="ACT220"):
        making.make_workshop(
            site, "Ben Roe", making.propose_workshop(site, wish(facilitators=("x/Y",))).plan
        )
    making.make_workshop(site, ANN, plan)
    with pytest.raises(StateRefused, match="STO031"):
        making.make_workshop(site, ANN, plan)


def test_a_typed_code_and_a_scanned_square_lead_to_it(site: Site, held: making.Made) -> None:
    typed = f"{held.code[:3]}-{held.code[3:].lower()} "
    assert joining.find_by_code(site, typed, "10.0.0.1").name == "leeds"
    assert joining.find_by_key(site, held.key).name == "leeds"
    with pytest.raises(UsageRefused, match="WGH170"):
        joining.find_by_code(site, "A1B2C3", "10.0.0.1")


def test_a_code_cannot_be_guessed_by_trying(site: Site, held: making.Made, clock: Clock) -> None:
    wrong = "BBBBBB" if held.code != "BBBBBB" else "CCCCCC"
    for _ in range(30):
        with pytest.raises(StateRefused, match="STO030"):
            joining.find_by_code(site, wrong, "10.0.0.1")
    with pytest.raises(StateRefused, match="WGH171"):
        joining.find_by_code(site, held.code, "10.0.0.1")
    assert joining.find_by_code(site, held.code, "10.0.0.2").name == "leeds"
    assert joining.find_by_key(site, held.key).name == "leeds"
    clock.now += timedelta(minutes=11)
    assert joining.find_by_code(site, held.code, "10.0.0.1").name == "leeds"


def test_a_hall_that_types_the_right_code_is_never_shut_out(site: Site, held: making.Made) -> None:
    for _ in range(120):
        assert joining.find_by_code(site, held.code, "10.0.0.1").name == "leeds"


def test_packs_tell_each_table_its_cards_and_where_to_join(site: Site, held: making.Made) -> None:
    packs = making.table_packs(site, "leeds")
    assert len(packs) == 4 and [card.id for card in packs[0].cards][:5] == ["A", "B", "C", "E", "F"]
    assert packs[2].square == f"join/{held.code}/{held.key}/3"
    assert packs[0].code.replace(" ", "") == held.code
    assert making.changed_cards(site, "leeds") == ()


# -- keeping ------------------------------------------------------------------------------------


def test_an_answer_is_on_the_disk_when_it_is_acknowledged(site: Site, held: making.Made) -> None:
    (seat,) = seats(site, 1)
    to(site, "before.case-1")
    assert answering.vote(site, "leeds", seat.token, "before.case-1", 4, "first-sending")
    assert not answering.vote(site, "leeds", seat.token, "before.case-1", 4, "first-sending")
    events = [*Workshops(site.store.alias).events("leeds")]
    assert [event.data["choice"] for event in events if event.kind == "answered"] == [4]


def test_the_site_keeps_no_token(site: Site, held: making.Made) -> None:
    (seat,) = seats(site, 1)
    content = (site.directory / "equipoise.sqlite3").read_bytes()
    wal = site.directory / "equipoise.sqlite3-wal"
    assert seat.token.encode() not in content + (wal.read_bytes() if wal.exists() else b"")


def test_the_database_itself_refuses_to_change_or_remove_an_event(
    site: Site, held: making.Made
) -> None:
    import sqlite3

    with sqlite3.connect(site.directory / "equipoise.sqlite3") as raw:
        for statement in (
            "UPDATE store_workshopevent SET who = 'x'",
            "DELETE FROM store_workshopevent",
            "REPLACE INTO store_workshopevent (id, workshop_id, sequence, at, who, kind, data) "
            "SELECT id, workshop_id, sequence, at, 'x', kind, data FROM store_workshopevent",
        ):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                raw.execute(statement)


def test_another_process_sees_what_this_one_added(site: Site, held: making.Made) -> None:
    import subprocess
    import sys

    seats(site, 3)
    told = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from pathlib import Path; from equipoise.acts.site import open_site; "
            "from equipoise.acts.workshop_join import join_workshop; "
            "from equipoise.acts.workshop_see import version; "
            "site = open_site(Path(sys.argv[1])); "
            "join_workshop(site, 'leeds', sector='health'); print(version(site, 'leeds'))",
            str(site.directory),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(told.stdout) == seeing.version(site, "leeds") == 5


def test_the_ledger_tells_of_the_workshop_and_of_nobody_in_it(
    site: Site, held: making.Made
) -> None:
    room = seats(site, 8, 2)
    steering.close_workshop(site, "leeds", ANN)
    reporting.report_workshop(site, "leeds", ANN)
    assert [act for act in acts(site) if "workshop" in act] == [
        "workshop made",
        "workshop opened",
        "workshop closed",
        "workshop reported",
    ]
    ledger = json.dumps([entry.as_dict() for entry in site.store.entries()])
    assert not any(seat.who[2:] in ledger or seat.token in ledger for seat in room)
    assert verify_chain(site.store.entries()) == ()


def test_an_erased_text_is_gone_for_good(site: Site, held: making.Made) -> None:
    from equipoise.weigh.workshop.answers import Answer

    room = seats(site, 8, 2)
    to(site, "hopes")
    for number, seat in enumerate(room):
        drafts = answering.drafts_of([("words", f"Something unheard {number}"), ("words", " ")])
        answering.send(
            site, "leeds", seat.token, Answer("hopes", f"client-{number}", drafts=drafts)
        )
    waiting = seeing.see_desk(site, "leeds", ANN).waiting
    text = next(each for each, words in waiting if words.endswith("3"))
    steering.show(site, "leeds", ANN, "hopes")
    steering.erase(site, "leeds", ANN, text)
    (found,) = seeing.see_wall(site, "leeds").results
    assert dict(found.texts)[text] == "(taken out)"
    steering.undo(site, "leeds", ANN)
    (found,) = seeing.see_wall(site, "leeds").results
    assert dict(found.texts)[text] == "(taken out)"
    assert "words erased" in acts(site)
    files = [path.read_bytes() for path in site.directory.glob("equipoise.sqlite3*")]
    assert any(b"Something unheard 2" in content for content in files)
    assert not any(b"Something unheard 3" in content for content in files)


def test_a_screened_text_is_in_no_file_of_the_site(site: Site, held: making.Made) -> None:
    from equipoise.weigh.workshop.answers import Answer

    (seat,) = seats(site, 1)
    to(site, "hopes")
    drafts = answering.drafts_of([("words", "Mrs Quillfeather of 9 Acacia Avenue")])
    with pytest.raises(EquipoiseError, match="WGH146"):
        answering.send(site, "leeds", seat.token, Answer("hopes", "client-01", drafts=drafts))
    for path in site.directory.rglob("*"):
        assert not path.is_file() or b"Quillfeather" not in path.read_bytes()


# -- seeing -------------------------------------------------------------------------------------


def test_each_phone_shows_its_own_answer_and_table(site: Site, held: making.Made) -> None:
    room = seats(site, 8, 2)
    to(site, "before.case-1")
    answering.vote(site, "leeds", room[0].token, "before.case-1", 4, "client-01")
    own = seeing.see_phone(site, "leeds", room[0].token)
    other = seeing.see_phone(site, "leeds", room[1].token)
    assert (own.questions[0].choice, other.questions[0].choice) == (4, None)
    assert (own.table, other.table, own.at_table) == (1, 2, 4)
    with pytest.raises(StateRefused, match="WGH134"):
        seeing.see_phone(site, "leeds", "no such token")


def test_the_desk_is_for_facilitators(site: Site, held: making.Made) -> None:
    seats(site, 8, 2)
    desk = seeing.see_desk(site, "leeds", "Ben Roe")
    assert desk.people == 8 and [table.people for table in desk.tables] == [4, 4, 0, 0]
    assert not seeing.may_facilitate(site, "leeds", "Eve")
    with pytest.raises(UsageRefused, match="WGH163"):
        seeing.see_desk(site, "leeds", "Eve")


# -- reporting ----------------------------------------------------------------------------------


@pytest.fixture
def invented(site: Site) -> reporting.Reported:
    return invent_workshop(site, ANN)


def test_an_invented_workshop_says_so_everywhere(site: Site, invented: reporting.Reported) -> None:
    assert invented.report.data["synthetic"].startswith("Synthetic: nobody said this")
    for text in invented.report.files.values():
        head, *rows = text.splitlines()
        assert head.endswith("synthetic") and all(row.endswith("yes") for row in rows)
    assert seeing.see_wall(site, NAME).synthetic
    assert all("invented" in line.held_by for line in invented.cover.lines)


def test_no_workshop_is_invented_on_a_real_site(tmp_path: Path) -> None:
    real = found_site(tmp_path / "real", name="Real site")
    enrol(real, "council", ANN, roles=("facilitator",))
    with pytest.raises(UsageRefused, match="ACT220"):
        invent_workshop(real, ANN)


def test_a_report_has_one_digest_and_is_made_once(site: Site, invented: reporting.Reported) -> None:
    path = site.folder("reports") / f"workshop-{NAME}" / "report.json"
    assert digest_of(path.read_bytes()) == invented.report.digest
    again = reporting.report_workshop(site, NAME, ANN)
    assert (again.report.digest, again.cover) == (invented.report.digest, invented.cover)
    assert again.report.files == invented.report.files
    assert acts(site).count("workshop reported") == 1


def test_a_report_tells_what_was_asked_with_which_information(
    site: Site, invented: reporting.Reported
) -> None:
    data = invented.report.data
    assert data["information"].startswith("sha256:") and data["log"].startswith("sha256:")
    asked = {each["question"]: each for each in data["asked"]}
    assert asked["after.case-1"]["words"] == "How comfortable are you with this now?"
    assert asked["rank-benefit"]["results"][0]["kind"] == "SetOrders"


def test_no_participant_and_no_cell_under_five_is_in_a_report(
    site: Site, invented: reporting.Reported
) -> None:
    text = invented.report.file_bytes().decode()
    with Workshops(site.store.alias).live(NAME) as live:
        assert not any(who in text or who[2:] in text for who in live.state.people)
    rows = invented.report.files["polls.csv"].splitlines()[1:]
    assert rows and all(int(row.split(",")[-2]) >= 5 for row in rows)


def test_the_cover_is_known_to_the_site_so_that_an_agreement_can_name_it(
    site: Site, invented: reporting.Reported
) -> None:
    covers = Assessments(site.store.alias).covers()
    assert invented.cover in covers and invented.cover.content == invented.report.digest
    assert invented.cover.raters == 20


def test_a_report_that_was_tampered_with_is_refused(
    site: Site, invented: reporting.Reported
) -> None:
    with site.store.change("council/Ann Lee") as change:
        Workshops(site.store.alias).keep_report(change, NAME, {"format": "other"}, {})
        change.note("workshop opened", f"workshop:{NAME}")
    with pytest.raises(EquipoiseError, match="ACT221"):
        reporting.read_report(site, NAME)


def test_an_open_workshop_has_no_report(site: Site, held: making.Made) -> None:
    with pytest.raises(StateRefused, match="WGH172"):
        reporting.report_workshop(site, "leeds", ANN)


def test_a_closing_that_is_undone_while_the_report_is_made_leaves_no_report(
    site: Site, held: making.Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    seats(site, 8, 2)
    steering.close_workshop(site, "leeds", ANN)
    made = reporting.cover

    def meanwhile(*args: Any) -> Any:
        steering.undo(site, "leeds", "Ben Roe")
        return made(*args)

    monkeypatch.setattr(reporting, "cover", meanwhile)
    with pytest.raises(StateRefused, match="ACT226"):
        reporting.report_workshop(site, "leeds", ANN)
    monkeypatch.setattr(reporting, "cover", made)
    assert seeing.see_wall(site, "leeds").phase == "open"
    assert Assessments(site.store.alias).covers() == () and "workshop reported" not in acts(site)
    steering.close_workshop(site, "leeds", ANN)
    reporting.report_workshop(site, "leeds", ANN)


def test_cells_cannot_be_taken_for_formulas() -> None:
    from equipoise.weigh.workshop.report import safe_cell

    assert [safe_cell(text) for text in ("=1+1", "@x", "-2", "plain")] == [
        "'=1+1",
        "'@x",
        "'-2",
        "plain",
    ]


@pytest.mark.parametrize("cut", [";", "\t", "|", "\r\n", "; ", ";;"])
@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\uff1d"])
def test_nor_where_a_spreadsheet_cuts_them_at_another_separator(cut: str, sign: str) -> None:
    from equipoise.weigh.workshop.report import safe_cell

    line = safe_cell(f'fair, "x"{cut}{sign}cmd()')
    for part in re.split(r"[;\t|\r\n]", f'a,"{line}",b'):
        assert not part.strip(' "').startswith(sign), part
    assert safe_cell("well-known = a+b") == "well-known = a+b"
    assert safe_cell("first; second - and third") == "first; second - and third"


# -- surveys ------------------------------------------------------------------------------------


@pytest.fixture
def survey(site: Site, clock: Clock) -> str:
    plan = SurveyPlan(
        id="streets",
        title="What should we weigh first",
        question="Which matters more?",
        ideas={f"i{n}": f"Idea number {n}" for n in range(6)},
        facilitators=("council/Ann Lee",),
        opens=clock.now,
        closes=clock.now + timedelta(days=7),
    )
    return surveying.make_survey(site, ANN, plan).name


def test_a_survey_offers_pairs_and_shows_how_ideas_stand(site: Site, survey: str) -> None:
    for person in range(12):
        for turn in range(8):
            pair = tuple(idea for idea, _ in surveying.see_ballot(site, survey, f"t{person}").pair)
            assert surveying.vote_on_pair(
                site, survey, f"t{person}", pair=pair, chosen=min(pair), client=f"c{person}-{turn}"
            )
    surveying.close_survey(site, survey, ANN)
    found = surveying.see_ballot(site, survey, "t0")
    assert [each.idea for each in found.standings] == [f"i{n}" for n in range(6)]
    assert found.pair == () and found.people == "10 or more"


def test_looking_again_offers_the_same_pair_and_voting_twice_is_refused(
    site: Site, survey: str
) -> None:
    pair = tuple(idea for idea, _ in surveying.see_ballot(site, survey, "t").pair)
    assert pair == tuple(idea for idea, _ in surveying.see_ballot(site, survey, "t").pair)
    one = {"pair": pair, "chosen": pair[0]}
    assert surveying.vote_on_pair(site, survey, "t", **one, client="client-1")
    assert not surveying.vote_on_pair(site, survey, "t", **one, client="client-1")
    with pytest.raises(StateRefused, match="WGH176"):
        surveying.vote_on_pair(site, survey, "t", **one, client="client-2")
    with pytest.raises(UsageRefused, match="WGH177"):
        surveying.vote_on_pair(site, survey, "t", pair=("i0", "i0"), chosen="i0", client="c-3")


def test_figures_of_a_survey_move_only_with_five_people_more(site: Site, survey: str) -> None:
    seen = []
    for person in range(11):
        pair = tuple(idea for idea, _ in surveying.see_ballot(site, survey, f"t{person}").pair)
        surveying.vote_on_pair(
            site, survey, f"t{person}", pair=pair, chosen="", client=f"client-{person}"
        )
        seen.append(surveying.surveys(site).held(name=survey) and _shown(site, survey))
    assert seen == [0] * 4 + [5] * 5 + [10] * 2


def _shown(site: Site, survey: str) -> int:
    with surveying.surveys(site).live(survey) as live:
        return live.state.shown_to


def test_an_idea_of_ones_own_is_screened_and_let_in(site: Site, survey: str, clock: Clock) -> None:
    with pytest.raises(EquipoiseError, match="WGH146"):
        surveying.suggest_idea(site, survey, "t", "Ask Mrs Patel", client="client-1")
    assert surveying.suggest_idea(site, survey, "t", "Ask the young", client="client-2")
    (text,) = surveying.waiting_ideas(site, survey)
    surveying.admit_idea(site, survey, ANN, text)
    with surveying.surveys(site).live(survey) as live:
        assert text in live.state.asked_about(live.plan)
    surveying.hide_idea(site, survey, ANN, text)
    assert surveying.waiting_ideas(site, survey) == {}
    clock.now += timedelta(days=8)
    with pytest.raises(StateRefused, match="WGH175"):
        surveying.suggest_idea(site, survey, "t", "Too late", client="client-3")


# -- speed --------------------------------------------------------------------------------------


@pytest.mark.slow
def test_eight_hundred_people_vote_within_a_minute_and_none_is_lost(site: Site) -> None:
    wanted = wish(
        id="big",
        people=800,
        tables=None,
        minutes=60,
        sets={},
        cases=("case-1",),
        exercises=("two-round poll",),
        information=PACK,
    )
    making.make_workshop(site, ANN, making.propose_workshop(site, wanted).plan)
    steering.open_workshop(site, "big", ANN)
    room = [
        joining.join_workshop(site, "big", sector=("council", "health", "voluntary")[n % 3])
        for n in range(800)
    ]
    steering.move_to(site, "big", ANN, seen=0, to=1)
    began, waits = time.monotonic(), []
    for number, seat in enumerate(room):
        at = time.monotonic()
        choice = number % 5 + 1
        answering.vote(site, "big", seat.token, "before.case-1", choice, f"client-{number:04d}")
        waits.append(time.monotonic() - at)
    assert time.monotonic() - began < 60
    assert sorted(waits)[760] < 0.3
    at = time.monotonic()
    steering.show(site, "big", ANN, "before.case-1")
    (poll,) = seeing.see_wall(site, "big").results
    assert time.monotonic() - at < 2 and poll.counts == (160,) * 5
