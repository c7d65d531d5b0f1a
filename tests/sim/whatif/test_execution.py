from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import active_children
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.errors import JmlabError, UnreachableError
from sim.whatif import experiment as experiment_module
from sim.whatif.execution import Workers, carry_out, local
from sim.whatif.experiment import Experiment, Replication, result_sha256
from sim.whatif.store import Store
from sim.whatif.variants import checked, grid

HELLO = Experiment("hello", 7, tuple(checked("hello", ["duration=12h"], grid(["provisioning.interval=20m,40m"]))))


class Shuffled:
    """An executor whose tasks come to an end in an order of its own, one at each look."""

    def __init__(self, order: list[int]) -> None:
        self.order = order
        self.waiting: list[tuple[int, Future[Any]]] = []
        self.asked: list[int] = []

    def submit(self, task: Any, experiment: Experiment, number: int) -> Future[Any]:
        self.asked.append(number)
        future: Future[Any] = Future()
        future.set_running_or_notify_cancel()
        self.waiting.append((number, future))
        chosen = self.order.pop() % len(self.waiting) if self.order else 0
        done, finished = self.waiting.pop(chosen)
        finished.set_result({"a": {"x": float(done)}})
        return future


def fixed(count: int) -> Any:
    return lambda prefix: count


def nothing(number: int, replication: Replication) -> None:
    pass


@given(st.lists(st.integers(0, 9), max_size=20), st.integers(1, 5))
def test_the_results_are_the_first_so_many_whoever_was_quicker(order: list[int], at_a_time: int) -> None:
    executor: Any = Shuffled(list(order))
    found = carry_out(HELLO, Workers(executor, 1, at_a_time), {}, fixed(6), nothing)
    assert found == {n: {"a": {"x": float(n)}} for n in range(6)}


@given(st.lists(st.integers(0, 9), max_size=20), st.integers(1, 5))
def test_a_rule_that_looks_at_the_results_ends_at_the_same_replication(order: list[int], at_a_time: int) -> None:
    """Enough when the values from 0 on add up to 10: 0 + 1 + 2 + 3 + 4."""

    def enough(prefix: Mapping[int, Replication]) -> int | None:
        total = 0.0
        for number in sorted(prefix):
            total += prefix[number]["a"]["x"]
            if total >= 10:
                return number + 1
        return None

    executor: Any = Shuffled(list(order))
    assert sorted(carry_out(HELLO, Workers(executor, 1, at_a_time), {}, enough, nothing)) == [0, 1, 2, 3, 4]


def test_what_is_there_is_not_computed_again() -> None:
    executor: Any = Shuffled([])
    have = {0: {"a": {"x": 0.0}}, 2: {"a": {"x": 2.0}}}
    kept: dict[int, Replication] = {}
    found = carry_out(HELLO, Workers(executor, 1, 2), have, fixed(4), kept.__setitem__)
    assert sorted(found) == [0, 1, 2, 3]
    assert executor.asked == [1, 3]
    assert sorted(kept) == [1, 3]


class Broken:
    """An executor whose worker process was ended from outside."""

    def submit(self, task: Any, experiment: Experiment, number: int) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_exception(BrokenProcessPool("a process was terminated abruptly"))
        return future


def test_a_worker_that_is_ended_from_outside_is_a_sentence() -> None:
    executor: Any = Broken()
    with pytest.raises(UnreachableError, match="what was computed is kept: the same command goes on"):
        carry_out(HELLO, Workers(executor, 1, 1), {}, fixed(2), nothing)


def is_there(pid: int | None) -> bool:
    """Asked of the system: a process object may not know yet that another thread has seen its process end."""
    try:
        os.kill(pid or 0, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.slow
def test_nobody_waits_for_what_is_under_way_when_it_is_given_up() -> None:
    """The worker ends with the context, though what it does would never end."""
    others = set(active_children())
    with local(1) as workers:
        future = workers.executor.submit(signal.pause)
        ours = [process for process in active_children() if process not in others]
        assert len(ours) == 1
    assert not any(is_there(process.pid) for process in ours)
    assert future.cancelled() or future.exception() is not None


@pytest.mark.slow
def test_one_process_and_two_find_the_same() -> None:
    digests = []
    for count in (1, 2):
        with local(count) as workers:
            digests.append(result_sha256(carry_out(HELLO, workers, {}, fixed(3), nothing)))
    assert digests[0] == digests[1]


@pytest.mark.slow
def test_an_experiment_that_was_cut_off_goes_on_where_it_was(tmp_path: Path) -> None:
    store = Store(tmp_path / "out", HELLO)
    with local(1) as workers:
        carry_out(HELLO, workers, store.read(), fixed(1), store.add)
        with (tmp_path / "out" / "replications.jsonl").open("a", encoding="utf-8") as stream:
            stream.write('[1, {"hal')  # what was being written when it was killed
        again = Store(tmp_path / "out", HELLO)
        have = again.read()
        assert sorted(have) == [0]
        resumed = carry_out(HELLO, workers, have, fixed(2), again.add)
        whole = carry_out(HELLO, workers, {}, fixed(2), nothing)
    assert result_sha256(resumed) == result_sha256(whole) == result_sha256(again.read())


def test_another_experiment_is_never_added_to_and_other_code_is_told_as_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "out"
    Store(folder, HELLO)
    other = Experiment("hello", 8, HELLO.variants)
    with pytest.raises(JmlabError, match="another experiment is kept here; name an empty or a new directory"):
        Store(folder, other)
    monkeypatch.setattr(experiment_module, "made_by", lambda: {"code": "later"})
    with pytest.raises(JmlabError, match="another experiment is kept here, of other code or other data; name"):
        Store(folder, HELLO)
