"""When an object that failed is tried again, and that finding what is due costs what is due."""

from __future__ import annotations

import pytest

from mockservices.clock import Millis
from sim.ports import GROUP, USER, Answer
from sim.provisioning.codes import CODES, TRANSIENT, code_of
from sim.provisioning.escrow import Escrow, Escrows, RetryPolicy

HOUR, DAY = 3_600_000, 86_400_000
POLICY = RetryPolicy()
CONFLICT = "EntryConflict"


def test_persistent_errors_climb_the_published_ladder() -> None:
    """6, 12 and 24 hours after the first failure, then every 24 hours, the last time at 28 days."""
    first, now, due = 1_000, 1_000, []
    while (at := POLICY.next_try(first, now, CONFLICT)) is not None:
        due.append((at - first) // HOUR)
        now = at
    assert due == [6, 12, 24, *range(48, 28 * 24 + 1, 24)]
    assert now == first + 28 * DAY


@pytest.mark.parametrize(
    ("failed_again", "due"),
    [(1, 6 * HOUR), (6 * HOUR, 12 * HOUR), (7 * HOUR, 12 * HOUR), (12 * HOUR - 1, 12 * HOUR), (25 * HOUR, 48 * HOUR)],
)
def test_the_next_step_is_the_first_that_lies_ahead(failed_again: int, due: int) -> None:
    assert POLICY.next_try(0, failed_again, CONFLICT) == due


def test_what_passes_by_itself_is_tried_in_the_next_cycle_but_not_for_ever() -> None:
    for code in sorted(TRANSIENT):
        assert POLICY.next_try(0, 5 * DAY, code) == 5 * DAY
        assert POLICY.next_try(0, 28 * DAY, code) is None


def test_what_passes_by_itself_can_be_made_to_climb_too() -> None:
    assert RetryPolicy(transient_next_cycle=False).next_try(0, 1, "Timeout") == 6 * HOUR


def test_without_a_ladder_there_is_only_the_regular_step() -> None:
    assert RetryPolicy(ladder=()).next_try(0, 1, CONFLICT) == 24 * HOUR


def test_a_try_that_would_come_after_the_end_is_not_waited_for() -> None:
    """Given up after 20 hours: the step at 12 hours is the last, for the one at 24 lies beyond."""
    policy = RetryPolicy(give_up=20 * HOUR)
    assert policy.next_try(0, 6 * HOUR, CONFLICT) == 12 * HOUR
    assert policy.next_try(0, 12 * HOUR, CONFLICT) is None


def test_every_answer_that_is_no_success_has_a_code() -> None:
    assert {status: code_of(Answer(status)) for status in (0, 401, 409, 429, 500)} == {
        0: "Timeout",
        401: "SystemForCrossDomainIdentityManagementCredentialValidationFailure",
        409: "EntryConflict",
        429: "TooManyRequests",
        500: "InternalServerError",
    }
    assert code_of(Answer(418)) == "InternalError"
    assert all(CODES.values())


def escrows(**due: int) -> Escrows:
    """Users in escrow, with the times when they are due."""
    made = Escrows()
    for name, at in due.items():
        made.put((USER, name), Escrow(Millis(0), due=Millis(at)))
    return made


def test_what_is_due_comes_in_the_order_of_its_time() -> None:
    waiting = escrows(ann=30, bob=10, cyd=20, dan=40)
    assert waiting.due(30) == [(USER, "bob"), (USER, "cyd"), (USER, "ann")]
    assert waiting.due(9) == []


def test_asking_twice_gives_the_same_twice() -> None:
    waiting = escrows(ann=1, bob=2)
    assert waiting.due(5) == waiting.due(5) == [(USER, "ann"), (USER, "bob")]


def test_what_changed_in_the_source_is_due_whatever_its_time() -> None:
    waiting = escrows(ann=100, bob=100)
    assert waiting.due(0, [(USER, "bob"), (USER, "eve")]) == [(USER, "bob")]


def test_a_time_that_was_replaced_counts_no_more() -> None:
    waiting = escrows(ann=10)
    waiting.schedule((USER, "ann"), Millis(50))
    assert waiting.due(10) == []
    assert waiting.due(50) == [(USER, "ann")]
    waiting.take((USER, "ann"))
    assert waiting.due(50) == []


def test_failures_are_counted_as_they_come_and_go() -> None:
    waiting = escrows(ann=1, bob=1)
    waiting.own_failure((USER, "ann"), CONFLICT, lost=False)
    waiting.own_failure((USER, "ann"), CONFLICT, lost=False)
    for group in ("G", "H", "G"):
        waiting.membership((USER, "bob"), group, "bob", member=True)
    assert (waiting.objects, waiting.references) == (1, 2)
    waiting.own_success((USER, "ann"))
    waiting.take((USER, "bob"))
    assert (waiting.objects, waiting.references) == (0, 0)
    waiting.put((GROUP, "G"), Escrow(Millis(0), own=True))
    assert waiting.objects == 1
    waiting.clear()
    assert (waiting.objects, len(waiting), waiting.due(99)) == (0, 0, [])


def test_finding_what_is_due_does_not_look_at_what_is_not() -> None:
    """Counted, not timed: 50,000 wait for tomorrow, one is due; the heap is asked for its first entries only."""
    waiting = Escrows()
    for number in range(50_000):
        waiting.put((USER, f"u{number}"), Escrow(Millis(0), due=Millis(DAY)))
    waiting.put((USER, "ann"), Escrow(Millis(0), due=Millis(0)))
    looked: list[object] = []

    class Counting(dict[tuple[str, str], Escrow]):
        pass

    original = Escrows.get

    def counted(self: Escrows, key: tuple[str, str], default: Escrow | None = None) -> Escrow | None:
        looked.append(key)
        return original(self, key, default)

    Escrows.get = counted  # type: ignore[method-assign,assignment] # to count what is looked at
    try:
        assert waiting.due(1) == [(USER, "ann")]
    finally:
        Escrows.get = original  # type: ignore[method-assign] # as it was
    assert looked == [(USER, "ann")]
