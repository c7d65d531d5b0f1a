"""`jmlab serve`: the first line, the services behind it, and the end."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from sim import places
from tests.outside import Outside
from tests.tui.conftest import ROOT, SHIM, Call

ENDS_WITHIN_S = 2.0
PATIENCE_S = 30.0


class Served:
    """A `jmlab serve` in a process of its own, from its first line on."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.state = folder / "state"
        self.log = folder / "log"
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(self.state)}
        with self.log.open("w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [*SHIM, "serve", *arguments], stdout=subprocess.PIPE, stderr=log, text=True, env=environment
            )
        assert self.process.stdout is not None
        self.first_line = self.process.stdout.readline()

    @property
    def addresses(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.first_line)
        return found

    def end(self, number: int) -> tuple[int, float]:
        """Send a signal; the exit code, and how many seconds the end took."""
        began = time.perf_counter()
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE_S)
        return code, time.perf_counter() - began

    @property
    def rest(self) -> str:
        """What else came on stdout, after the end."""
        assert self.process.stdout is not None
        return self.process.stdout.read()


@contextmanager
def serving(folder: Path, *arguments: str) -> Iterator[Served]:
    served = Served(folder, *arguments)
    try:
        yield served
    finally:
        served.process.kill()
        served.process.communicate()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One served `hello` whose time stands almost still."""
    with serving(tmp_path_factory.mktemp("served"), "hello", "--speed", "0.001", "--seed", "5") as made:
        yield made


@pytest.fixture
def outside(served: Served) -> Iterator[Outside]:
    with Outside(served.addresses) as client:
        yield client


# --- what it says ----------------------------------------------------------------------------------------


def test_first_line_has_every_address_and_credential(served: Served) -> None:
    line = served.addresses
    assert list(line) == ["graph", "scim", "aws", "testbed", "pid", "scenario", "seed", "simulated_now"]
    assert {"base_url", "token_url", "tenant_id", "client_id", "client_secret"} <= line["graph"].keys()
    assert {"base_url", "token", "profile", "tenants"} <= line["scim"].keys()
    assert {"endpoint_url", "region", "instance_arn", "identity_store_id"} <= line["aws"].keys()
    assert line["testbed"].keys() == {"base_url", "token"}
    assert line["scim"]["base_url"].endswith("/scim/v2")
    assert (line["pid"], line["scenario"], line["seed"]) == (served.process.pid, "hello", 5)
    assert line["simulated_now"] == "2026-03-02T08:00:00Z"


def test_every_address_is_on_loopback(served: Served) -> None:
    hosts = re.findall(r'"[a-z]+://([^:/"]+)', served.first_line)
    assert len(hosts) >= 5
    assert set(hosts) == {"127.0.0.1"}


def test_every_port_answers_when_the_line_is_there(served: Served) -> None:
    line = served.addresses
    for url in (line["graph"]["base_url"], line["scim"]["base_url"], line["aws"]["endpoint_url"]):
        assert httpx.get(url, trust_env=False).status_code < 500


# --- a client of its own ---------------------------------------------------------------------------------


def test_new_member_arrives_with_the_next_cycle_and_is_disabled_with_the_one_after(outside: Outside) -> None:
    user = outside.create_user("nadia").json()["id"]
    assert outside.add_member(outside.ids("groups")[0], user).status_code == 204

    def target() -> list[dict[str, Any]]:
        found = outside.scim("GET", '/Users?filter=userName eq "nadia@contoso.example"').json()
        return list(found.get("Resources", []))

    assert target() == []
    assert outside.testbed("POST", "/clock", {"cycles": 1}).status_code == 200
    (there,) = target()
    assert there["active"] is True
    assert outside.graph("PATCH", f"/users/{user}", {"accountEnabled": False}).status_code == 204
    assert target()[0]["active"] is True
    assert outside.testbed("POST", "/clock", {"cycles": 1}).status_code == 200
    assert target()[0]["active"] is False


@pytest.mark.parametrize("token", [None, "wrong"])
def test_graph_answers_a_missing_or_wrong_token_in_its_own_shape(served: Served, token: str | None) -> None:
    answer = httpx.get(f"{served.addresses['graph']['base_url']}/users", headers=bearer(token), trust_env=False)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "InvalidAuthenticationToken"
    assert answer.headers["www-authenticate"].startswith("Bearer ")


@pytest.mark.parametrize("token", [None, "wrong"])
def test_scim_answers_a_missing_or_wrong_token_in_its_own_shape(served: Served, token: str | None) -> None:
    answer = httpx.get(f"{served.addresses['scim']['base_url']}/Users", headers=bearer(token), trust_env=False)
    assert answer.status_code == 401
    assert answer.json()["status"] == "401"
    assert answer.json()["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]


@pytest.mark.parametrize("token", [None, "wrong"])
def test_testbed_answers_a_missing_or_wrong_token_in_its_own_shape(served: Served, token: str | None) -> None:
    answer = httpx.get(f"{served.addresses['testbed']['base_url']}/status", headers=bearer(token), trust_env=False)
    assert answer.status_code == 401
    assert answer.json().keys() == {"error"}


def test_wrong_client_secret_is_refused_as_entra_does(served: Served) -> None:
    graph = served.addresses["graph"]
    form = {
        "grant_type": "client_credentials",
        "client_id": graph["client_id"],
        "client_secret": "wrong",
        "scope": "https://graph.microsoft.com/.default",
    }
    answer = httpx.post(graph["token_url"], data=form, trust_env=False)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def bearer(token: str | None) -> dict[str, str]:
    return {} if token is None else {"authorization": f"Bearer {token}"}


# --- jmlab env -------------------------------------------------------------------------------------------


def test_env_gives_a_shell_what_the_first_line_says(
    served: Served, jmlab: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(served.state))
    lines = jmlab("env").out
    names = ["JMLAB_GRAPH", "JMLAB_SCIM_TOKEN", "AWS_ENDPOINT_URL_IDENTITYSTORE", "AWS_ENDPOINT_URL_SSO_ADMIN"]
    script = f"{lines}\nprintf '%s\\n' " + " ".join(f'"${name}"' for name in names)
    shell = subprocess.run(["sh", "-eu"], input=script, capture_output=True, text=True, check=True)
    line = served.addresses
    endpoint = line["aws"]["endpoint_url"]
    assert shell.stdout.splitlines() == [line["graph"]["base_url"], line["scim"]["token"], endpoint, endpoint]


def test_token_that_env_gives_opens_graph(served: Served, jmlab: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(served.state))
    variables = dict(re.findall(r"(?m)^\$env:([A-Z_]+) = '(.*)'$", jmlab("env", "--shell", "pwsh").out))
    answer = httpx.get(f"{variables['JMLAB_GRAPH']}/users", headers=bearer(variables["JMLAB_TOKEN"]), trust_env=False)
    assert answer.status_code == 200
    assert variables["JMLAB_TESTBED_TOKEN"] == served.addresses["testbed"]["token"]


def test_env_without_a_served_world_says_what_to_do(jmlab: Call) -> None:
    outcome = jmlab("env")
    assert (outcome.code, outcome.out) == (3, "")
    assert outcome.err == "no world is being served; start one with: jmlab serve hello\n"


# --- the end ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_it_within_two_seconds_and_leaves_nothing_behind(tmp_path: Path, number: int) -> None:
    with serving(tmp_path, "hello", "--out", str(tmp_path / "run")) as served:
        address = served.addresses["graph"]["base_url"]
        with Outside(served.addresses) as client:  # its connections stay open until after the end
            assert client.create_user("nadia").status_code == 201
            code, seconds = served.end(number)
        assert code == 0
        assert seconds < ENDS_WITHIN_S
        assert served.rest == ""
        with pytest.raises(httpx.ConnectError):
            httpx.get(address, trust_env=False)
        log = served.log.read_text(encoding="utf-8")
    assert "Traceback" not in log
    assert "http graph.user.create" in log
    assert list((tmp_path / "state" / "jmlab" / "served").iterdir()) == []
    assert (tmp_path / "run" / places.JOURNAL).is_file()


def test_signal_during_the_start_is_an_end_too(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys\n"
        "import sim.serving\n"
        "class Session:\n"
        "    def __init__(self, *given, **named):\n"
        "        os.kill(os.getpid(), signal.SIGTERM)\n"
        "sim.serving.Session = Session\n"
        "from tui.cli import main\n"
        "sys.exit(main(['serve', 'hello']))\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ran = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


# --- what it refuses -------------------------------------------------------------------------------------


def test_port_that_is_taken_is_told_before_anything_is_kept(served: Served, jmlab: Call, tmp_path: Path) -> None:
    port = httpx.URL(served.addresses["graph"]["base_url"]).port
    outcome = jmlab("serve", "hello", "--port-scim", str(port), "--out", str(tmp_path / "run"))
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(f"port {port} on 127.0.0.1 is already in use; ")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--speed", "0", "'0' is not allowed; write a number above 0 and up to 1000000"),
        ("--speed", "nan", "'nan' is not allowed; write a number above 0 and up to 1000000"),
        ("--speed", "fast", "'fast' is not allowed; write a number above 0 and up to 1000000"),
        ("--port-graph", "65536", "'65536' is not allowed; write a whole number from 0 to 65535"),
        ("--seed", "-1", "'-1' is not allowed; write a whole number from 0 to 9223372036854775807"),
    ],
)
def test_value_out_of_range_is_refused_in_one_sentence(jmlab: Call, option: str, value: str, sentence: str) -> None:
    outcome = jmlab("serve", "hello", option, value)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(f"jmlab serve: {option}: {sentence}")
    assert outcome.err.count("\n") == 1
