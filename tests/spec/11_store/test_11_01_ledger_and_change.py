"""A change and the ledger entry that tells of it are one: both are kept, or neither is."""

from __future__ import annotations

import subprocess
from datetime import timedelta

import pytest
from databases import appending
from django.db import DatabaseError, connections

from equipoise.account.ledger import Entry, verify_chain
from equipoise.clock import system_clock
from equipoise.errors import EnvironmentFailed, IntegrityRefused, Problem, StateRefused
from equipoise.store.changing import Change, Store
from equipoise.store.facts import Person

ADA = Person("Ada Osei", "owner", "data owner", "a" * 64, ("controller",), practice=False)


def note(change: Change) -> Entry:
    return change.note("register published", "register:x", agreements=0, entries=0)


def enrol(change: Change, person: Person = ADA) -> None:
    change.enrol(person)
    change.note(
        "key trusted", "key:people/owner", person=person.key, fingerprint="0" * 32, practice=False
    )


def test_a_change_is_kept_with_its_entry(store: Store) -> None:
    with store.change("site/machine") as change:
        enrol(change)
    assert store.people() == (ADA,)
    assert [(e.sequence, e.act) for e in store.entries()] == [(1, "key trusted")]
    assert store.first_entry() == store.last_entry() == store.entries()[0]


def test_an_error_inside_undoes_both(store: Store) -> None:
    with pytest.raises(RuntimeError), store.change("site/machine") as change:
        enrol(change)
        raise RuntimeError
    assert store.people() == () and store.entries() == ()
    assert store.first_entry() is None and store.last_entry() is None
    with store.change("site/machine") as change:
        enrol(change)
    assert len(store.entries()) == 1


def test_a_change_that_tells_nothing_is_a_defect_and_undone(store: Store) -> None:
    with pytest.raises(AssertionError), store.change("site/machine") as change:
        change.enrol(ADA)
    assert store.people() == () and store.entries() == ()


def test_what_the_ledger_may_not_say_undoes_the_change(store: Store) -> None:
    with pytest.raises(IntegrityRefused), store.change("site/machine") as change:
        enrol(change)
        change.note("key trusted", "key:x", person=ADA.key, fingerprint="0" * 32, surname="Osei")
    assert store.people() == () and store.entries() == ()


def test_a_transaction_that_only_looks_needs_no_entry(store: Store) -> None:
    with store.change("site/machine") as change:
        assert change.people() == ()
    assert store.entries() == ()


def test_the_listener_hears_of_entries_once_they_are_kept(store: Store) -> None:
    heard: list[int] = []
    store.listener = lambda entry: heard.append(entry.sequence)
    with store.change("site/machine") as change:
        note(change)
        note(change)
        assert heard == []
    assert heard == [1, 2]
    with pytest.raises(RuntimeError), store.change("site/machine") as change:
        note(change)
        raise RuntimeError
    assert heard == [1, 2]


def test_after_a_refusal_within_the_change_the_rest_can_still_be_told(store: Store) -> None:
    with store.change("site/machine") as change:
        enrol(change)
    with store.change("site/machine") as change:
        with pytest.raises(StateRefused) as refused:
            change.enrol(ADA)
        assert refused.value.problems[0].code == "STO012"
        note(change)
    assert [e.act for e in store.entries()] == ["key trusted", "register published"]


def test_a_clock_that_slips_back_a_little_does_not_break_the_chain(url: str) -> None:
    now = system_clock()
    early = Store(url, lambda: now - timedelta(seconds=2))
    for store in (Store(url, lambda: now), early):
        with store.change("site/machine") as change:
            note(change)
    assert [e.at for e in early.entries()] == [now, now]
    assert verify_chain(early.entries()) == ()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE store_ledgerentry SET actor = 'somebody/else' WHERE sequence = 1",
        "DELETE FROM store_ledgerentry WHERE sequence = 2",
        "DELETE FROM store_ledgerentry",
    ],
)
def test_the_database_itself_refuses_to_alter_the_ledger(store: Store, statement: str) -> None:
    with store.change("site/machine") as change:
        note(change)
        note(change)
    before = store.entries()
    with pytest.raises(DatabaseError, match="append-only"):
        connections[store.alias].cursor().execute(statement)
    assert store.entries() == before


def test_the_database_refuses_to_put_another_entry_in_an_entrys_place(store: Store) -> None:
    with store.change("site/machine") as change:
        note(change)
    before = store.entries()
    columns = "id, sequence, at, actor, act, digest, object, detail, previous, hash"
    changed = columns.replace("actor", "'somebody/else'")
    connection = connections[store.alias]
    if connection.vendor == "sqlite":
        statement = (
            f"INSERT OR REPLACE INTO store_ledgerentry ({columns}) "
            f"SELECT {changed} FROM store_ledgerentry WHERE sequence = 1"
        )
    else:
        statement = (
            f"INSERT INTO store_ledgerentry ({columns}) SELECT {changed} FROM store_ledgerentry "
            "WHERE sequence = 1 ON CONFLICT (sequence) DO UPDATE SET actor = EXCLUDED.actor"
        )
    with pytest.raises(DatabaseError):
        connection.cursor().execute(statement)
    assert store.entries() == before


def test_the_database_refuses_to_empty_the_ledger_at_once(store: Store) -> None:
    if connections[store.alias].vendor == "sqlite":
        pytest.skip("SQLite has no TRUNCATE")
    with store.change("site/machine") as change:
        note(change)
    with pytest.raises(DatabaseError, match="append-only"):
        connections[store.alias].cursor().execute("TRUNCATE store_ledgerentry")
    assert len(store.entries()) == 1


def test_two_processes_that_write_at_once_make_one_unbroken_chain(store: Store, url: str) -> None:
    both = [appending(url, f"owner/{name}", 50) for name in ("Ada", "Ben")]
    for process in both:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in both:
        try:
            _, errors = process.communicate(timeout=120)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        assert process.returncode == 0, errors
    entries = store.entries()
    assert [entry.sequence for entry in entries] == list(range(1, 101))
    assert sorted(entry.actor for entry in entries) == ["owner/Ada"] * 50 + ["owner/Ben"] * 50
    assert verify_chain(entries) == ()


def test_two_stores_of_one_database_see_the_same(store: Store, url: str) -> None:
    with store.change("site/machine") as change:
        enrol(change)
    assert Store(url, system_clock).people() == (ADA,)


def test_a_refusal_is_kept_in_the_words_in_which_it_was_given(store: Store) -> None:
    error = StateRefused(Problem("ACT001", "not now", why="busy", next="wait", clause="uses.a"))
    with store.change("owner/Ada Osei") as change:
        change.refuse("tea@1", "pack", error)
        note(change)
    (kept,) = store.refusals()
    assert (kept.reference, kept.act, kept.actor) == ("tea@1", "pack", "owner/Ada Osei")
    assert kept.problems == (error.problems[0].as_dict(),)


def test_what_is_not_known_is_refused_with_what_to_do(store: Store) -> None:
    for ask, code in ((store.agreement, "STO010"), (store.run, "STO011")):
        with pytest.raises(StateRefused) as refused:
            ask("nothing")
        assert refused.value.problems[0].code == code and refused.value.problems[0].next


def test_a_lost_table_is_a_failure_of_the_machine(store: Store) -> None:
    connections[store.alias].cursor().execute("DROP TABLE store_refusalrecord")
    error = StateRefused(Problem("ACT001", "not now"))
    with pytest.raises(EnvironmentFailed) as failed, store.change("site/machine") as change:
        change.refuse("tea@1", "pack", error)
    assert failed.value.problems[0].code == "STO003"
