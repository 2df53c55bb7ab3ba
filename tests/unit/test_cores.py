"""Work in threads keeps its order, holds little at a time, and loses no error."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from equipoise import cores
from equipoise.cores import in_order, in_threads


@pytest.fixture(autouse=True)
def three_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cores, "cores", lambda: 3)


def test_pieces_cover_everything_once() -> None:
    seen: list[int] = []
    in_threads(lambda start, stop: seen.extend(range(start, stop)), 1000, 7)
    assert sorted(seen) == list(range(1000))


def test_nothing_and_one_piece_need_no_thread() -> None:
    threads = set()
    in_threads(lambda _start, _stop: threads.add(threading.current_thread()), 5, 10)
    in_threads(lambda _start, _stop: threads.add(threading.current_thread()), 0, 10)
    assert threads == {threading.current_thread()}


def test_what_is_made_comes_in_the_order_of_items_though_the_first_takes_longest() -> None:
    def slow_first(item: int) -> int:
        time.sleep(0.02 if item == 0 else 0)
        return item * item

    assert list(in_order(slow_first, range(20))) == [item * item for item in range(20)]


def test_no_more_items_are_at_hand_than_cores() -> None:
    asked = 0

    def items() -> Iterator[int]:
        nonlocal asked
        for item in range(50):
            asked += 1
            yield item

    for yielded, _ in enumerate(in_order(lambda item: item, items()), 1):
        assert asked <= yielded + 2
    assert asked == 50


def test_an_error_comes_in_its_place_and_ends_the_work() -> None:
    def fails(item: int) -> int:
        if item == 4:
            raise ValueError("the fourth")
        return item

    got: list[int] = []
    with pytest.raises(ValueError, match="the fourth"):
        got.extend(in_order(fails, range(100)))
    assert got == [0, 1, 2, 3]


def test_an_error_of_the_items_is_raised_too() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        list(in_order(lambda item: item, items()))
