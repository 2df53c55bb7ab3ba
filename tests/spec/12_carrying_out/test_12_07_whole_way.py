"""The whole way: by people who are enrolled one by one, in any order of the text, and told to
everybody in a ledger that anybody can check."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from sites import (
    DATASETS,
    FUEL,
    JUSTICE,
    REASON,
    REBATE,
    Stages,
    new_site,
    text_of,
    the_run,
    verified,
    written,
)
from typer.testing import CliRunner

from equipoise.account.ledger import verify_chain
from equipoise.account.verify import verify
from equipoise.acts.demo import demonstrate
from equipoise.acts.publish import export_ledger
from equipoise.acts.site import Site, open_site
from equipoise.acts.walk import walk
from equipoise.agree.canonical import digest
from equipoise.agree.parse import parse
from equipoise.cli import main
from equipoise.errors import EquipoiseError, IntegrityRefused, StateRefused

# -- by hand, on a site that is no practice -------------------------------------------------------


@pytest.mark.slow
def test_people_who_were_enrolled_carry_an_agreement_out(tmp_path: Path, city_files: Path) -> None:
    source = written(tmp_path)
    at = ("--site", tmp_path / "site")

    def give(*words: object, code: int = 0) -> str:
        result = CliRunner().invoke(main.app, [str(word) for word in (*words, *at)])
        error = result.exception
        ended = error.exit_code if isinstance(error, EquipoiseError) else result.exit_code
        assert ended == code, (words, result.output, error)
        return result.output + (str(error) if error else "")

    parties = parse(text_of(FUEL)).agreement.parties
    give("init", "--name", "Rebate site")
    for key, party in parties.items():
        roles = [word for role in party.roles for word in ("--role", role)]
        give("init", "--enrol", f"{key}/{party.signatory.name}", *roles, "--role", "checker")
    unsigned = give("run", source, "--data", city_files, code=2)
    assert "ACT083" in unsigned and "--role 'rebate analyst'" in unsigned
    give("init", "--enrol", "rebate-team/Hana Brook", "--role", "rebate analyst")
    unsigned = give("run", source, "--data", city_files, code=4)
    assert "GATE010" in unsigned
    give("run", source, "--practice", "--data", city_files, code=2)  # nobody signs for them
    for party in parties.values():
        signed = give("sign", source, "--as", party.signatory.name)
    assert "Everybody has signed" in signed

    stopped = give("run", REBATE, "--data", city_files)
    site = open_site(tmp_path / "site")
    run = the_run(site)
    assert site.store.run(run).state == "in review"
    assert f"{run} waits for somebody of hmrc to review it (Amara Osei)" in stopped
    assert f"equipoise review {run} --as 'hmrc/Amara Osei' --approve" in stopped
    assert "GATE071" in give("release", run, code=4)
    give("review", run, "--as", "Hana Brook", "--approve", "--reason", REASON, code=4)
    give("review", run, "--as", "hmrc/Amara Osei", "--approve", "--reason", REASON)
    give("review", run, "--as", "Grace Adeyemi", "--approve", "--reason", REASON)
    finished = give("run", REBATE)
    assert "released to brightgas" in finished
    site = open_site(tmp_path / "site")
    assert site.store.run(run).state == "released" and not site.practice
    assert {each.object for each in site.store.erasures(REBATE)} == set(DATASETS)
    assert verified(site, tmp_path).releases == 3
    assert not any(entry.act == "practice noted" for entry in site.store.entries())
    register = (tmp_path / "site" / "register" / "index.html").read_text(encoding="utf-8")
    assert "practice" not in register.lower()


def test_a_practice_site_is_marked_in_its_register(site_at: Callable[..., Site]) -> None:
    from equipoise.acts.publish import publish

    site = site_at("released")
    assert "practice" in publish(site).read_text(encoding="utf-8").lower()
    assert all(person.practice for person in site.store.people())


# -- the order of the text ------------------------------------------------------------------------


def shuffled(value: Any, order: random.Random) -> Any:
    """Return the same text with every mapping's keys in another order; lists stay as they are."""
    if isinstance(value, dict):
        keys = list(value)
        order.shuffle(keys)
        return {key: shuffled(value[key], order) for key in keys}
    if isinstance(value, list):
        return [shuffled(each, order) for each in value]
    return value


@pytest.mark.parametrize("example", [FUEL, JUSTICE])
@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_keys_changes_nothing_that_was_agreed(example: str, seed: int) -> None:
    text = text_of(example)
    other = yaml.safe_dump(shuffled(yaml.safe_load(text), random.Random(seed)), sort_keys=False)
    assert digest(parse(other).agreement) == digest(parse(text).agreement)


@pytest.mark.slow
def test_the_order_of_keys_changes_nothing_that_comes_out(tmp_path: Path, city_files: Path) -> None:
    """Two outcomes, two exclusions and eight covariates are numbered and told alike."""
    text = text_of(JUSTICE).replace("min treated: 60", "min treated: 2").replace(
        "min count: 10", "min count: 5"
    )  # fmt: skip
    tree = shuffled(yaml.safe_load(text), random.Random(7))
    tree["uses"]["reoffending"]["outcomes"] = dict(
        reversed(tree["uses"]["reoffending"]["outcomes"].items())
    )
    texts = {"as written": text, "shuffled": yaml.safe_dump(tree, sort_keys=False)}
    found = []
    for name, said in texts.items():
        folder = tmp_path / name
        folder.mkdir()
        source = folder / "agreement.yaml"
        source.write_text(said, encoding="utf-8")
        (run,) = walk(new_site(folder / "site"), str(source), city_files, practice=True).runs
        found.append((run.state, run.reasons, run.sentences, run.shown["tables"], run.findings))
    assert found[0] == found[1]


# -- the demonstration and its ledger --------------------------------------------------------------


def test_the_demonstration_shows_release_refusal_and_proof(shown: Any) -> None:
    states = [run.state for walked in shown.walks for run in walked.runs]
    assert states == ["released", "refused"]  # so small a city has too few mentored people
    assert len(shown.refusals) == 2
    assert shown.flags is not None and shown.verified > 150
    assert shown.register.is_file()


def test_a_changed_byte_anywhere_in_the_ledger_is_found(shown: Any) -> None:
    data = shown.ledger.read_bytes()
    key = shown.site.custody.site_key()
    assert verify(data, key=key).entries == shown.verified
    places = random.Random(3).sample(range(len(data)), 25)
    for place in (0, len(data) - 1, *places):
        spoilt = bytearray(data)
        spoilt[place] ^= 1
        with pytest.raises(IntegrityRefused):
            verify(bytes(spoilt), key=key)


def test_an_entry_changed_behind_the_triggers_is_found(
    site_at: Callable[..., Site], tmp_path: Path
) -> None:
    site = site_at("released")
    database = sqlite3.connect(site.directory / "equipoise.sqlite3")
    with pytest.raises(sqlite3.DatabaseError, match="append-only"):
        database.execute("UPDATE store_ledgerentry SET actor = 'x/y' WHERE sequence = 30")
    database.execute("DROP TRIGGER ledger_no_update")
    database.execute("UPDATE store_ledgerentry SET actor = 'voa/Bernard Lyle' WHERE sequence = 30")
    database.commit()
    database.close()
    site = open_site(site.directory)
    assert verify_chain(site.store.entries())
    path = tmp_path / "exported.jsonl"
    with pytest.raises(EquipoiseError):
        export_ledger(site, path)
        verify(path.read_bytes())


def test_a_demonstration_replaces_an_earlier_one_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from equipoise.acts import demo

    class Reached(Exception):
        pass

    def city(*given: object, **named: object) -> None:
        raise Reached

    monkeypatch.setattr(demo, "build_city", city)
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "letters.txt").write_text("mine")
    with pytest.raises(StateRefused) as refused:
        demonstrate(mine)
    assert refused.value.problems[0].code == "ACT091"
    assert (mine / "letters.txt").exists()
    for _ in range(2):  # the second finds what the first left when it was cut off
        with pytest.raises(Reached):
            demonstrate(tmp_path / "demo")
    (tmp_path / "demo" / "notes.txt").write_text("mine")
    with pytest.raises(Reached):
        demonstrate(tmp_path / "demo")
    assert (tmp_path / "demo" / "notes.txt").exists()


@pytest.mark.slow
def test_the_demonstration_at_its_own_size_finds_what_was_planted(tmp_path: Path) -> None:
    shown = demonstrate(tmp_path / "site")
    states = [run.state for walked in shown.walks for run in walked.runs]
    assert states == ["released", "released"]
    assert shown.effect is not None and shown.effect.holds_planted
    assert json.loads((tmp_path / "site" / "register" / "register.json").read_text())


def test_the_stages_agree_with_their_ledger(stages: Stages, site_at: Callable[..., Site]) -> None:
    assert verify_chain(site_at("released").store.entries()) == ()
    assert stages.data.is_dir()
