"""`/_testbed`: its own token, one wish at a time, and one sentence for everything else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from fastapi.testclient import TestClient

from mockservices.clock import Millis
from mockservices.control import build
from mockservices.ports import StaleGrant
from mockservices.scim.credentials import bearer_token
from mockservices.services import Services
from mockservices.testing import ImmediateGate, make_services

TOKEN = "the-testbeds-own"
CLOCK = "/_testbed/clock"
STATUS = "/_testbed/status"
SCIM = "http://127.0.0.1:9/tenant/scim/v2"


class Recorder:
    """A world that does nothing but remember what was asked of it."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []

    async def status(self) -> Mapping[str, Any]:
        return {"now": "2026-03-02T08:00:00Z", "speed": 60, "cycles": 3}

    async def summary(self) -> Mapping[str, Any]:
        return {"schema": "jmlab.summary/1", "results": None}

    async def attempt(self, person: str, account: str, permission_set: str | None = None) -> Mapping[str, Any]:
        if person == "nobody":
            raise ValueError("there is no person 'nobody' in this world")
        return {"person": person, "account": account, "permission_set": permission_set, "answer": "NO"}

    async def advance(self, *, to: str | None = None, by: str | None = None, cycles: int | None = None) -> str:
        if by == "yesterday":
            raise ValueError('"yesterday" is no duration; 40m, 24h or 90d are')
        self.asked.append(("advance", to, by, cycles))
        return "2026-03-02T08:40:00Z"

    def read_fault(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        if "kind" not in values:
            raise ValueError("kind: this key is missing; required here: kind")
        return {"name": "", **values, "start": True}

    async def pause(self) -> None:
        self.asked.append(("pause",))

    async def resume(self, speed: float | None = None) -> None:
        self.asked.append(("resume", speed))


@pytest.fixture
def services() -> Services:
    return make_services()


@pytest.fixture
def world() -> Recorder:
    return Recorder()


@pytest.fixture
def client(services: Services, world: Recorder) -> TestClient:
    app = build(services, ImmediateGate(services), world, TOKEN, SCIM)
    return TestClient(app, headers={"authorization": f"Bearer {TOKEN}"})


# --- where the world is ----------------------------------------------------------------------------------


def test_status_is_what_the_world_says(client: TestClient) -> None:
    assert client.get(STATUS).json() == {"now": "2026-03-02T08:00:00Z", "speed": 60, "cycles": 3}


def test_the_clock_tells_the_simulated_time(client: TestClient, services: Services) -> None:
    services.clock.now = Millis(61_500)
    assert client.get(CLOCK).json() == {
        "now": "2026-03-02T08:01:01Z",
        "now_ms": 61_500,
        "start": "2026-03-02T08:00:00Z",
    }


# --- what can be asked of it -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "asked"),
    [
        ({"to": "2026-03-02T12:00:00Z"}, ("advance", "2026-03-02T12:00:00Z", None, None)),
        ({"by": "40m"}, ("advance", None, "40m", None)),
        ({"cycles": 2}, ("advance", None, None, 2)),
    ],
)
def test_time_can_be_moved(client: TestClient, world: Recorder, body: Any, asked: tuple[Any, ...]) -> None:
    response = client.post(CLOCK, json=body)
    assert (response.status_code, response.json()) == (200, {"now": "2026-03-02T08:40:00Z"})
    assert world.asked == [asked]


@pytest.mark.parametrize(
    ("body", "asked"),
    [
        ({"pause": True}, ("pause",)),
        ({"resume": True}, ("resume", None)),
        ({"speed": 60}, ("resume", 60.0)),
        ({"speed": 0.5}, ("resume", 0.5)),
    ],
)
def test_time_can_be_stopped_and_set_going(
    client: TestClient, world: Recorder, body: Any, asked: tuple[Any, ...]
) -> None:
    response = client.post(CLOCK, json=body)
    assert (response.status_code, response.json()["now"]) == (200, "2026-03-02T08:00:00Z")
    assert world.asked == [asked]


SPEED = '"speed" takes a number above 0 and up to 1000000: how many times as fast as the wall'
ONE_OF = "give exactly one of to, by, cycles, pause, resume, speed"


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", f'the body is not JSON; {ONE_OF}, such as {{"by": "40m"}}'),
        (b"by=40m", f'the body is not JSON; {ONE_OF}, such as {{"by": "40m"}}'),
        (b"\xff", f'the body is not JSON; {ONE_OF}, such as {{"by": "40m"}}'),
        (b"[" * 100_000, f'the body is not JSON; {ONE_OF}, such as {{"by": "40m"}}'),
        (b'["by"]', f"the body is no JSON object; {ONE_OF}"),
        (b"{}", f"the body is empty; {ONE_OF}"),
        (b'{"by": "40m", "pause": true}', ONE_OF),
        (b'{"cycle": 1}', f'unknown key "cycle" (did you mean cycles?); {ONE_OF}'),
        (b'{"faster": true}', f'unknown key "faster"; {ONE_OF}'),
        (b'{"by": 40}', '"by" takes a text, such as "40m"'),
        (b'{"to": null}', '"to" takes a text, such as "2026-03-02T12:00:00Z"'),
        (b'{"by": "yesterday"}', '"yesterday" is no duration; 40m, 24h or 90d are'),
        (b'{"cycles": 0}', '"cycles" takes a whole number from 1 on'),
        (b'{"cycles": true}', '"cycles" takes a whole number from 1 on'),
        (b'{"cycles": 1.5}', '"cycles" takes a whole number from 1 on'),
        (b'{"pause": false}', '"pause" takes only true'),
        (b'{"resume": 1}', '"resume" takes only true'),
        *(
            (
                b'{"speed": %s}' % value,
                '"speed" takes a number above 0 and up to 1000000: how many times as fast as the wall',
            )
            for value in (b"0", b"-1", b"NaN", b"Infinity", b"1e400", b"1" * 400, b"true", b'"60"', b"null")
        ),
    ],
)
def test_anything_else_is_refused_in_one_sentence(
    client: TestClient, world: Recorder, body: bytes, sentence: str
) -> None:
    response = client.post(CLOCK, content=body)
    assert (response.status_code, response.json()) == (400, {"error": sentence})
    assert world.asked == []


# --- who may ask -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", STATUS),
        ("GET", CLOCK),
        ("POST", CLOCK),
        ("GET", "/_testbed/summary"),
        ("GET", "/_testbed/console"),
        ("POST", "/_testbed/console/enable"),
        ("POST", "/_testbed/console/clean-up"),
    ],
)
@pytest.mark.parametrize(
    ("authorization", "sentence"),
    [
        (None, "this needs the testbed's own token: Authorization: Bearer TOKEN"),
        (b"", "that is not the testbed's token"),
        (b"Bearer another", "that is not the testbed's token"),
        (b"Bearer caf\xe9", "that is not the testbed's token"),
        (TOKEN.encode(), "that is not the testbed's token"),
    ],
)
def test_nothing_is_done_without_the_token(
    services: Services, world: Recorder, method: str, path: str, authorization: bytes | None, sentence: str
) -> None:
    client = TestClient(build(services, ImmediateGate(services), world, TOKEN, SCIM))
    headers = [] if authorization is None else [(b"authorization", authorization)]
    response = client.request(method, path, headers=headers, json={"pause": True})
    assert (response.status_code, response.json()) == (401, {"error": sentence})
    assert response.headers["www-authenticate"] == "Bearer"
    assert world.asked == []


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/_testbed/nothing", 404), ("DELETE", CLOCK, 405)])
def test_other_paths_and_methods_are_refused_in_the_same_form(
    client: TestClient, method: str, path: str, status: int
) -> None:
    response = client.request(method, path)
    assert response.status_code == status
    assert list(response.json()) == ["error"]


def test_where_there_is_nothing_it_says_what_there_is(client: TestClient) -> None:
    for path in ("/_testbed", "/_testbed/states", "/"):
        assert client.get(path).json()["error"].startswith("there is nothing here; /_testbed has GET status, clock, ")


# --- the console -----------------------------------------------------------------------------------------

CONSOLE = "/_testbed/console"


class Auditor:
    """Finds one thing, which the clean-up takes away."""

    def audit(self) -> list[StaleGrant]:
        return [StaleGrant(("pvance",), "AdministratorAccess", "prod")]

    def clean_up(self) -> int:
        return 1


@pytest.fixture
def fresh(services: Services) -> Services:
    """Services of an organisation that has not enabled Identity Center."""
    services.instance.console.begin(enabled=False, external=False, provisioning=False)
    services.instance.add_account("dev")
    services.auditor = Auditor()
    return services


@pytest.fixture
def gate(fresh: Services) -> ImmediateGate:
    return ImmediateGate(fresh)


@pytest.fixture
def console(fresh: Services, gate: ImmediateGate, world: Recorder) -> TestClient:
    app = build(fresh, gate, world, TOKEN, SCIM)
    return TestClient(app, headers={"authorization": f"Bearer {TOKEN}"})


def test_the_summary_is_what_the_world_says(client: TestClient) -> None:
    assert client.get("/_testbed/summary").json() == {"schema": "jmlab.summary/1", "results": None}


def test_the_console_shows_how_far_the_set_up_has_come(console: TestClient, fresh: Services) -> None:
    assert console.get(CONSOLE).json() == {
        "region": None,
        "identity_source": "local",
        "automatic_provisioning": False,
        "accounts": {"dev": fresh.instance.accounts[0].id},
    }


def test_the_set_up_is_done_step_by_step_and_every_step_is_a_command(
    console: TestClient, fresh: Services, gate: ImmediateGate
) -> None:
    assert console.post(f"{CONSOLE}/enable", json={"region": "us-east-1"}).json()["region"] == "us-east-1"
    assert (
        console.post(f"{CONSOLE}/identity-source", json={"source": "external"}).json()["identity_source"] == "external"
    )
    answer = console.post(f"{CONSOLE}/automatic-provisioning").json()
    assert answer == {"endpoint": SCIM, "token": bearer_token(fresh), "expires": "2027-03-02T08:00:00Z"}
    assert gate.commands == [
        ("sso.instance.enable", {"region": "us-east-1"}),
        ("sso.identitySource.set", {"source": "external"}),
        ("sso.provisioning.enable", {}),
    ]


def test_the_token_is_shown_once(console: TestClient, fresh: Services) -> None:
    console.post(f"{CONSOLE}/enable", json={"region": "us-east-1"})
    console.post(f"{CONSOLE}/identity-source", json={"source": "external"})
    console.post(f"{CONSOLE}/automatic-provisioning")
    again = console.post(f"{CONSOLE}/automatic-provisioning")
    assert (again.status_code, again.json()) == (409, {"error": "Automatic provisioning is already enabled."})
    assert bearer_token(fresh) not in console.get(CONSOLE).text


@pytest.mark.parametrize(
    ("first", "name", "body", "status", "sentence"),
    [
        (True, "enable", {"region": "us-east-1"}, 409, "IAM Identity Center is already enabled in us-east-1."),
        (False, "identity-source", {"source": "external"}, 400, "IAM Identity Center is not enabled."),
        (True, "identity-source", {"source": "local"}, 409, "The identity source is already local."),
        (
            True,
            "automatic-provisioning",
            {},
            400,
            "Automatic provisioning needs an external identity provider as the identity source.",
        ),
    ],
)
def test_what_is_done_twice_or_too_early_is_refused(
    console: TestClient, first: bool, name: str, body: Any, status: int, sentence: str
) -> None:
    if first:
        console.post(f"{CONSOLE}/enable", json={"region": "us-east-1"})
    response = console.post(f"{CONSOLE}/{name}", json=body)
    assert (response.status_code, response.json()) == (status, {"error": sentence})


def test_an_audit_lists_what_is_stale_and_a_clean_up_counts_what_it_removed(
    console: TestClient, gate: ImmediateGate
) -> None:
    stale = [{"users": ["pvance"], "permission_set": "AdministratorAccess", "account": "prod"}]
    assert console.post(f"{CONSOLE}/audit", json={}).json() == {"found": 1, "stale": stale}
    assert console.post(f"{CONSOLE}/clean-up").json() == {"removed": 1}
    assert gate.commands == [("sso.audit", {}), ("sso.cleanUp", {})]


@pytest.mark.parametrize("name", ["audit", "clean-up"])
def test_without_an_auditor_nothing_can_be_compared(console: TestClient, fresh: Services, name: str) -> None:
    fresh.auditor = None
    sentence = "Nobody in this world can compare the target with the directory."
    response = console.post(f"{CONSOLE}/{name}")
    assert (response.status_code, response.json()) == (409, {"error": sentence})


REGION = 'this takes {"region": "us-east-1"}'
SOURCE = 'this takes {"source": "local" or "external"}'
USER = 'this takes {"user": TEXT}'
NOTHING = "this takes no arguments: an empty body or {}"


@pytest.mark.parametrize(
    ("name", "body", "sentence"),
    [
        ("enable", b"", f"the body is not JSON; {REGION}"),
        ("enable", b"\xff", f"the body is not JSON; {REGION}"),
        ("enable", b"[" * 100_000, f"the body is not JSON; {REGION}"),
        ("enable", b"[]", f"the body is no JSON object; {REGION}"),
        ("enable", b"{}", REGION),
        ("enable", b'{"region": "eu-west-1"}', REGION),
        ("enable", b'{"region": ["us-east-1"]}', REGION),
        ("enable", b'{"region": "us-east-1", "more": 1}', REGION),
        ("identity-source", b'{"source": "azure"}', SOURCE),
        ("automatic-provisioning", b"yes", f"the body is not JSON; {NOTHING}"),
        ("audit", b'{"threshold": "1d"}', NOTHING),
        ("clean-up", b"[]", f"the body is no JSON object; {NOTHING}"),
        ("delete-sessions", b"", f"the body is not JSON; {USER}"),
        ("delete-sessions", b'{"user": ""}', USER),
        ("deny", b'{"user": 1}', USER),
    ],
)
def test_a_body_that_says_something_else_changes_nothing(
    console: TestClient, gate: ImmediateGate, name: str, body: bytes, sentence: str
) -> None:
    response = console.post(f"{CONSOLE}/{name}", content=body)
    assert (response.status_code, response.json()) == (400, {"error": sentence})
    assert gate.commands == []


def test_somebodys_sessions_are_ended_and_everything_is_denied_and_given_back(
    console: TestClient, fresh: Services
) -> None:
    names = {"userName": "ann", "name.givenName": "Ann", "name.familyName": "Test", "displayName": "Ann Test"}
    user = fresh.provider.create_user(names).id
    fresh.doors.sign_in("ann")
    assert console.post(f"{CONSOLE}/delete-sessions", json={"user": "ann"}).json() == {"ended": 1}
    assert console.post(f"{CONSOLE}/delete-sessions", json={"user": user}).json() == {"ended": 0}
    assert user in console.post(f"{CONSOLE}/deny", json={"user": "ann"}).json()["service_control_policy"]
    assert console.post(f"{CONSOLE}/allow", json={"user": "ann"}).json() == {"service_control_policy": None}
    refused = console.post(f"{CONSOLE}/deny", json={"user": "nobody"})
    assert (refused.status_code, refused.json()) == (400, {"error": "USER not found."})


def test_a_page_that_the_console_has_not_is_not_found(console: TestClient) -> None:
    deeds = "enable, identity-source, automatic-provisioning, audit, clean-up, delete-sessions, deny, allow"
    sentence = f'the console has no "disable"; it has {deeds}'
    response = console.post(f"{CONSOLE}/disable", json={})
    assert (response.status_code, response.json()) == (404, {"error": sentence})
