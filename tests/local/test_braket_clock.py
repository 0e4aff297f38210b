"""The clock that tests hold and push."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from local.braket.emulator import Clock


def test_a_held_clock_stands_still() -> None:
    clock = Clock(held=True)

    assert clock.now() == clock.now()


def test_a_push_moves_a_held_clock_by_exactly_its_seconds() -> None:
    clock = Clock(held=True)
    start = clock.now()
    clock.push(3600)

    assert clock.now() - start == timedelta(hours=1)


def test_due_actions_run_in_order_and_at_their_moment() -> None:
    clock = Clock(held=True)
    start, seen = clock.now(), []
    for seconds in (3, 1, 2, 60):
        clock.after(seconds, lambda n=seconds: seen.append((n, clock.now() - start)))  # type: ignore[misc]  # bound early
    clock.push(10)

    assert seen == [(n, timedelta(seconds=n)) for n in (1, 2, 3)]


def test_an_action_scheduled_by_another_runs_in_the_same_push() -> None:
    clock = Clock(held=True)
    seen: list[str] = []
    clock.after(1, lambda: clock.after(1, lambda: seen.append("second")))
    clock.push(2)

    assert seen == ["second"]


def test_a_released_clock_goes_on_from_where_it_stood() -> None:
    with Clock(held=True) as clock:
        clock.push(86_400)
        clock.release()

        assert timedelta(hours=23) < clock.now() - datetime.now(UTC) < timedelta(hours=25)


def test_a_released_clock_may_be_held_again() -> None:
    with Clock() as clock:
        clock.hold()
        held = clock.now()
        happened = threading.Event()
        clock.after(0, happened.set)
        waited = happened.wait(0.05)
        clock.push(0)

        assert (waited, happened.is_set(), clock.now()) == (False, True, held)


def test_a_push_moves_a_released_clock_too() -> None:
    with Clock() as clock:
        start = clock.now()
        happened = threading.Event()
        clock.after(3600, happened.set)
        clock.push(3600)

        assert happened.is_set()
        assert clock.now() - start >= timedelta(hours=1)


def test_two_pushes_at_once_run_one_action_at_a_time() -> None:
    clock = Clock(held=True)
    seen: list[str] = []

    def act() -> None:
        seen.append("begins")
        time.sleep(0.002)
        seen.append("ends")

    for _ in range(10):
        clock.after(1, act)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(clock.push, [1] * 4))

    assert seen == ["begins", "ends"] * 10


def test_an_action_due_before_the_awaited_one_is_not_missed() -> None:
    with Clock() as clock:
        sooner = threading.Event()
        clock.after(3600, lambda: None)
        clock.after(0.01, sooner.set)

        assert sooner.wait(60)


def test_a_closed_clock_runs_nothing_more() -> None:
    happened = threading.Event()
    with Clock() as clock:
        clock.after(3600, happened.set)
    clock.push(7200)

    assert not happened.is_set()
