"""`jmlab whatif --scheduler`: a Dask scheduler and its workers, each a process of its own on loopback."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sim.errors import UnreachableError
from sim.whatif import cluster as cluster_module
from sim.whatif.cluster import check_address, cluster
from sim.whatif.execution import carry_out, local
from sim.whatif.experiment import Experiment, Replication, result_sha256
from sim.whatif.variants import checked, grid
from tests.tui.conftest import Call

PATIENCE_S = 60.0
REPLICATIONS = 6
HELLO = Experiment("hello", 7, tuple(checked("hello", ["duration=1d"], grid(["provisioning.interval=20m,40m"]))))


@contextmanager
def started(folder: Path, kind: str, until: str, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process of Dask's own, from the line on that says it is ready; ended by its id, whatever happens."""
    process = subprocess.Popen(
        [sys.executable, "-m", f"distributed.cli.dask_{kind}", *arguments, "--no-dashboard"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
    )
    watch = threading.Timer(PATIENCE_S, process.kill)
    watch.start()
    try:
        assert process.stderr is not None
        found = next((match for line in process.stderr if (match := re.search(until, line))), None)
        watch.cancel()
        assert found is not None, f"dask {kind} did not start"
        drained = threading.Thread(target=process.stderr.read, daemon=True)
        drained.start()
        yield process, found.group(1)
        process.kill()
        drained.join()
    finally:
        watch.cancel()
        process.kill()
        process.wait()
        if process.stderr is not None:
            process.stderr.close()


def worker(stack: ExitStack, folder: Path, address: str) -> subprocess.Popen[str]:
    """One worker with one thread and no nanny, so that its process is the worker."""
    arguments = (address, "--nthreads", "1", "--no-nanny", "--host", "127.0.0.1", "--local-directory", str(folder))
    return stack.enter_context(started(folder, "worker", r"Registered to:\s+(\S+)", *arguments))[0]


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[str]:
    """A scheduler's address."""
    arguments = ("--host", "127.0.0.1", "--port", "0")
    with started(tmp_path, "scheduler", r"Scheduler at:\s+(tcp://\S+)", *arguments) as (_, address):
        yield address


def nothing(number: int, replication: Replication) -> None:
    pass


def locally() -> str:
    with local(1) as workers:
        return result_sha256(carry_out(HELLO, workers, {}, lambda prefix: REPLICATIONS, nothing))


@pytest.mark.slow
def test_a_cluster_finds_what_this_machine_finds_even_when_a_worker_is_killed(scheduler: str, tmp_path: Path) -> None:
    with ExitStack() as stack:
        first = worker(stack, tmp_path, scheduler)
        with cluster(scheduler) as workers:
            assert workers.count == 1
            one = carry_out(HELLO, workers, {}, lambda prefix: REPLICATIONS, nothing)
        worker(stack, tmp_path, scheduler)
        killed: list[int] = []

        def kill(number: int, replication: Replication) -> None:
            if not killed:
                killed.append(number)
                first.kill()

        with cluster(scheduler) as workers:
            assert workers.count == 2
            two = carry_out(HELLO, workers, {}, lambda prefix: REPLICATIONS, kill)
    assert killed
    assert result_sha256(one) == result_sha256(two) == locally()


@pytest.mark.slow
def test_a_scheduler_without_workers_is_told_as_such(scheduler: str) -> None:
    with (
        pytest.raises(UnreachableError, match="has no workers; start one with: dask worker tcp://"),
        cluster(scheduler),
    ):
        pass


@pytest.mark.parametrize("part", ["jmlab", "numpy", "code"])
def test_a_worker_that_would_compute_something_else_is_refused(part: str) -> None:
    client: Any = SimpleNamespace(run=lambda asked: {"tcp://127.0.0.1:9": {**asked(), part: "another"}})
    with pytest.raises(UnreachableError, match=f"tcp://127.0.0.1:9 has {part} another, and here it is "):
        cluster_module._check_versions(client, "tcp://127.0.0.1:8786")


def test_a_worker_without_this_program_is_refused() -> None:
    def run(asked: Any) -> Any:
        raise ModuleNotFoundError("No module named 'sim'")

    client: Any = SimpleNamespace(run=run)
    with pytest.raises(UnreachableError, match="its workers cannot load this program"):
        cluster_module._check_versions(client, "tcp://127.0.0.1:8786")


@pytest.mark.slow
def test_a_scheduler_that_goes_away_costs_a_sentence(tmp_path: Path) -> None:
    with ExitStack() as stack:
        arguments = ("--host", "127.0.0.1", "--port", "0")
        process, address = stack.enter_context(
            started(tmp_path, "scheduler", r"Scheduler at:\s+(tcp://\S+)", *arguments)
        )
        worker(stack, tmp_path, address)
        with (
            pytest.raises(UnreachableError, match="the scheduler has gone; what was computed is kept"),
            cluster(address) as workers,
        ):
            carry_out(HELLO, workers, {}, lambda prefix: 50, lambda number, replication: process.kill())


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "tcp://nowhere.invalid:8786"])
def test_an_unreachable_scheduler_is_one_sentence_and_exit_code_3(
    jmlab: Call, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setattr(cluster_module, "CONNECT_S", 0.5)
    outcome = jmlab("whatif", "hello", "--scheduler", address)
    assert (outcome.code, outcome.out) == (3, "")
    assert outcome.err.startswith(f"--scheduler {address}: no Dask scheduler answers there")
    assert outcome.err.count("\n") == 1


def test_workers_and_a_scheduler_exclude_each_other(jmlab: Call) -> None:
    outcome = jmlab("whatif", "hello", "--scheduler", "tcp://127.0.0.1:1", "--workers", "2")
    assert outcome.code == 2
    assert "exclude each other" in outcome.err


@pytest.mark.parametrize("address", ["nonsense", "", "foo://x:1", "tcp://127.0.0.1", "tcp://127.0.0.1:99999", "a b:1"])
def test_what_is_no_address_is_wrong_usage_told_at_once(jmlab: Call, address: str) -> None:
    outcome = jmlab("whatif", "hello", "--replications", "2", "--scheduler", address)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("--scheduler: '")
    assert "for example tcp://127.0.0.1:8786" in outcome.err
    assert outcome.err.count("\n") == 1


@pytest.mark.parametrize(
    "address", ["tcp://127.0.0.1:8786", "127.0.0.1:8786", "tls://dask.example.org:8786", "tcp://[::1]:1"]
)
def test_what_dask_prints_is_an_address(address: str) -> None:
    check_address(address)
