"""The job's schema over HTTP: read, replaced, refused; a change begins the job anew, and a replay tells the same."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mockservices.scim.operations import ENTERPRISE
from sim.scenario import Scenario, scenario_from
from sim.world import Transport
from tests.contract.stories import person, story
from tests.outside import Outside
from tests.sim.test_serving import assert_replays, clock, served

URN = "urn:ietf:params:scim:schemas:core:2.0:"
Json = dict[str, Any]
Change = Callable[[Json], None]


def told(**more: Any) -> Scenario:
    """Three people in sync, one with a job title, a job that cycles at 10m, 50m, 90m …"""
    scenario = story("schema", [], **more)
    scenario["before"] = {
        "people": [
            person("ann", "Engineering", attributes={"jobTitle": "Lead", "employeeType": "Employee"}),
            person("bob", "Operations"),
            person("cyd", "Engineering", role="Lead"),
        ]
    }
    return scenario_from(scenario)


def row(schema: Json, target: str, kind: int = 0) -> Json:
    rows: list[Json] = schema["synchronizationRules"][0]["objectMappings"][kind]["attributeMappings"]
    return next(each for each in rows if each["targetAttributeName"] == target)


def definition(schema: Json, name: str) -> Json:
    attributes: list[Json] = schema["directories"][1]["objects"][0]["attributes"]
    return next(each for each in attributes if each["name"] == name)


@pytest.fixture(scope="module")
def outside() -> Iterator[Outside]:
    with served(told(), speed=1) as session, Outside(session.addresses()) as outside:
        clock(outside, pause=True)
        yield outside


@pytest.fixture
def schema(outside: Outside) -> Json:
    document: Json = outside.graph("GET", f"{outside.job_path()}/schema").json()
    return document


def refusal(outside: Outside, document: Json) -> tuple[int, str]:
    answer = outside.graph("PUT", f"{outside.job_path()}/schema", document)
    return answer.status_code, answer.json()["error"]["message"]


# --- what is read --------------------------------------------------------------------------------------------


def test_schema_has_one_rule_for_users_and_groups(schema: Json) -> None:
    """https://learn.microsoft.com/en-us/graph/application-provisioning-configure-api names rule and directories."""
    (rule,) = schema["synchronizationRules"]
    assert (rule["id"], rule["priority"]) == ("03f7d90d-bf71-41b1-bda6-aaf0ddbee5d8", 1)
    assert [directory["name"] for directory in schema["directories"]] == ["Azure Active Directory", "AWSSingleSignon"]
    assert [mapping["targetObjectName"] for mapping in rule["objectMappings"]] == [f"{URN}User", f"{URN}Group"]
    assert [len(mapping["attributeMappings"]) for mapping in rule["objectMappings"]] == [25, 3]
    assert {mapping["flowTypes"] for mapping in rule["objectMappings"]} == {"Add,Update,Delete"}
    assert rule["objectMappings"][1]["metadata"] == [{"key": "OriginalJoiningProperty", "value": "displayName"}]


def test_rows_tell_direct_function_and_no_source_apart(schema: Json) -> None:
    assert row(schema, "userName")["source"] == {
        "expression": "[userPrincipalName]", "name": "userPrincipalName", "type": "Attribute", "parameters": [],
    }  # fmt: skip
    assert row(schema, "userName")["matchingPriority"] == 1
    joined = row(schema, "name.formatted")["source"]
    assert (joined["type"], joined["name"]) == ("Function", "Join")
    assert [parameter["value"]["expression"] for parameter in joined["parameters"]] == [
        '" "',
        "[givenName]",
        "[surname]",
    ]
    assert row(schema, "locale")["source"] is None
    assert row(schema, "members", 1)["source"]["name"] == "members"


def test_every_mapped_attribute_is_defined_in_its_directory(schema: Json) -> None:
    for kind in (0, 1):
        mapping = schema["synchronizationRules"][0]["objectMappings"][kind]
        sources = {each["name"] for each in schema["directories"][0]["objects"][kind]["attributes"]}
        targets = {each["name"] for each in schema["directories"][1]["objects"][kind]["attributes"]}
        assert {each["targetAttributeName"] for each in mapping["attributeMappings"]} <= targets
        direct = [each["source"] for each in mapping["attributeMappings"] if each["source"] is not None]
        assert {each["name"] for each in direct if each["type"] == "Attribute"} <= sources
    assert definition(schema, "externalId")["caseExact"] is True
    assert definition(schema, f"{ENTERPRISE}:manager")["type"] == "Reference"


def test_template_has_what_the_job_began_with(outside: Outside, schema: Json) -> None:
    root = outside.job_path().partition("/jobs/")[0]
    template = outside.graph("GET", f"{root}/templates/aWSSingleSignon/schema").json()
    assert template["synchronizationRules"] == schema["synchronizationRules"]
    assert template["id"] == f"aWSSingleSignon.{'0' * 32}"
    assert outside.graph("GET", f"{root}/templates/other/schema").status_code == 404


def test_functions_and_operators_are_told(outside: Outside) -> None:
    functions = outside.graph("GET", f"{outside.job_path()}/schema/functions()").json()["value"]
    switch = next(function for function in functions if function["name"] == "Switch")
    assert switch["parameters"][0]["name"] == "source"
    operators = outside.graph("GET", f"{outside.job_path()}/schema/filterOperators()").json()["value"]
    assert {"EQUALS", "IS NULL", "REGEX MATCH"} <= {operator["name"] for operator in operators}


@pytest.mark.parametrize(
    ("expression", "properties", "parsed", "evaluated", "result"),
    [
        ('Join(", ", [surname], [givenName])', {"surname": "Doe", "givenName": "John"}, True, True, ["Doe, John"]),
        ("ToUpper([mail])", {"mail": None}, True, True, []),
        ("IgnoreFlowIfNullOrEmpty([mail])", {}, True, True, []),
        ("ToUpper([mail]", {}, False, False, []),
        ('IIF([mail]="x", "a", "b")', {}, True, False, []),
    ],
)
def test_an_expression_is_tried(
    outside: Outside, expression: str, properties: Json, parsed: bool, evaluated: bool, result: list[str | None]
) -> None:
    pairs = [{"key": key, "value": value} for key, value in properties.items()]
    body = {"expression": expression, "testInputObject": {"properties": pairs}}
    told = outside.graph("POST", f"{outside.job_path()}/schema/parseExpression", body).json()
    assert (told["parsingSucceeded"], told["evaluationSucceeded"], told["evaluationResult"]) == (
        parsed,
        evaluated,
        result,
    )
    assert (told["parsedExpression"] is None) is not parsed
    assert (told["error"] is None) is evaluated


def test_an_expression_without_an_object_is_parsed_only(outside: Outside) -> None:
    told = outside.graph("POST", f"{outside.job_path()}/schema/parseExpression", {"expression": "[mail]"}).json()
    assert (told["parsingSucceeded"], told["evaluationSucceeded"]) == (True, False)
    assert told["parsedExpression"]["type"] == "Attribute"


# --- what is refused -----------------------------------------------------------------------------------------


def _mapping(schema: Json) -> Json:
    found: Json = schema["synchronizationRules"][0]["objectMappings"][0]
    return found


REFUSED: list[tuple[Change, int, str]] = [
    (
        lambda s: s.pop("synchronizationRules"),
        400,
        ("A value is required for property 'synchronizationRules' of resource 'synchronizationSchema'."),
    ),
    (lambda s: s["synchronizationRules"].append({}), 400, "The schema has one synchronization rule, "),
    (lambda s: s["synchronizationRules"][0]["objectMappings"].pop(), 400, "The object mapping from 'Group' to "),
    (lambda s: _mapping(s)["attributeMappings"].append(row(s, "title")), 400, "The attribute 'title' of "),
    (
        lambda s: row(s, "title").update(targetAttributeName="titel"),
        400,
        ("The attribute 'titel' does not exist in the directory 'AWSSingleSignon'."),
    ),
    (
        lambda s: row(s, "title").update(source={"type": "Attribute", "name": "titel"}),
        400,
        ("The attribute 'titel' does not exist in the directory 'Azure Active Directory'."),
    ),
    (
        lambda s: row(s, "title").update(source={"expression": "Jion([mail])"}),
        400,
        ("The expression of the attribute 'title' is not valid: at 1: "),
    ),
    (
        lambda s: row(s, "title")["source"].update(expression="[department]"),
        400,
        (
            "The source of the attribute 'title' "
            "contradicts itself: its expression is '[department]', but type, name and parameters say '[jobTitle]'."
        ),
    ),
    (
        lambda s: row(s, "title").update(matchingPriority=2),
        400,
        ("The target system cannot be queried by the attribute 'title'; "),
    ),
    (
        lambda s: row(s, "userName").update(matchingPriority=0),
        400,
        "The object mapping from 'User' needs at least one ",
    ),
    (
        lambda s: row(s, "title").update(flowType="Sometimes"),
        400,
        ("Invalid value specified for property 'flowType' of resource 'attributeMapping'."),
    ),
    (lambda s: row(s, "title").update(flowType="ValueAddOnly"), 501, "This service knows the flowTypes "),
    (lambda s: row(s, "title").update(flowBehavior="FlowAlways"), 501, "This service knows the flowBehavior "),
    (
        lambda s: row(s, "title")["source"].update(name="manager", expression="[manager]"),
        400,
        ("The attribute 'manager' is a reference and cannot be mapped to 'title'."),
    ),
    (lambda s: _mapping(s).update(flowTypes="Add,Rename"), 400, "Invalid value specified for property 'flowTypes' of "),
    (
        lambda s: definition(s, "title").update(name="titel"),
        400,
        ("The attribute 'titel' does not exist in the directory 'AWSSingleSignon' and cannot be added."),
    ),
]


@pytest.mark.parametrize(("change", "status", "said"), REFUSED)
def test_wrong_schema_is_refused_by_name_and_nothing_changes(
    outside: Outside, schema: Json, change: Change, status: int, said: str
) -> None:
    document = copy.deepcopy(schema)
    change(document)
    refused = refusal(outside, document)
    assert refused[0] == status
    assert refused[1].startswith(said)
    assert outside.graph("GET", f"{outside.job_path()}/schema").json() == schema


# --- what is replaced ----------------------------------------------------------------------------------------


def test_schema_put_back_as_it_was_changes_nothing() -> None:
    with served(told(), speed=1) as session, Outside(session.addresses()) as outside:
        clock(outside, pause=True)
        path = f"{outside.job_path()}/schema"
        read = outside.graph("GET", path)
        assert outside.graph("PUT", path, read.json()).status_code == 204
        assert outside.graph("GET", path).json() == read.json()
        clock(outside, by="2h")
        assert session.world.driver.sums.initial is None
        assert session.world.driver.sums.tally.requests == 0


@pytest.mark.parametrize("transport", ["wire", "direct"])
def test_another_mapping_starts_an_initial_cycle_that_keeps_links_and_sends_what_differs(transport: Transport) -> None:
    """Ann's title becomes her department in the cycle at 50m; Bob and Cyd get one too; nobody is created again."""
    scenario = told()
    with served(scenario, speed=1, transport=transport) as session, Outside(session.addresses()) as outside:
        clock(outside, pause=True)
        clock(outside, by="20m")
        path = f"{outside.job_path()}/schema"
        schema = outside.graph("GET", path).json()
        row(schema, "title")["source"] = {"expression": "ToUpper([department])"}
        assert outside.graph("PUT", path, schema).status_code == 204
        assert session.world.parts.divergence.look() == 3
        assert row(outside.graph("GET", path).json(), "title")["source"]["name"] == "ToUpper"
        clock(outside, by="40m")
        initial = session.world.driver.sums.initial
        assert initial is not None
        assert (initial.tally.users_created, initial.tally.users_updated) == (0, 3)
        assert session.world.parts.divergence.look() == 0
        provider = session.world.services.provider
        titles = {provider.user(each).attributes["title"] for each in provider.user_rows()}
        assert titles == {"ENGINEERING", "OPERATIONS"}
        clock(outside, by="1h")
    assert [command.action for command in session.world.commands].count("graph.job.schema.set") == 1
    assert_replays(session, scenario)


def test_while_a_cycle_runs_it_goes_on_as_it_began_and_the_next_one_maps_otherwise() -> None:
    """An initial cycle of three people at one object in ten seconds begins at 10m; the schema changes at 10m15s."""
    scenario = told(start_state="empty", provisioning={"phase": "10m", "pace": {"initial": 0.1}})
    with served(scenario, speed=1) as session, Outside(session.addresses()) as outside:
        clock(outside, pause=True)
        clock(outside, by="615s")
        assert session.world.driver.running.active
        path = f"{outside.job_path()}/schema"
        schema = outside.graph("GET", path).json()
        row(schema, "title")["source"] = {"expression": "[department]"}
        assert outside.graph("PUT", path, schema).status_code == 204
        clock(outside, by="10m")
        provider = session.world.services.provider
        assert {provider.user(each).attributes.get("title") for each in provider.user_rows()} == {"Lead", None}
        clock(outside, by="40m")
        assert {provider.user(each).attributes["title"] for each in provider.user_rows()} == {
            "Engineering",
            "Operations",
        }
    assert_replays(session, scenario)


def test_only_letter_case_differs_until_the_schema_says_that_it_counts() -> None:
    scenario = told(
        provisioning={"phase": "10m", "mappings": {"users": [{"target": "title", "expression": "ToUpper([jobTitle])"}]}}
    )
    with served(scenario, speed=1) as session, Outside(session.addresses()) as outside:
        clock(outside, pause=True)
        path = f"{outside.job_path()}/schema"
        schema = outside.graph("GET", path).json()
        row(schema, "title")["source"] = {"expression": "ToLower([jobTitle])"}
        assert outside.graph("PUT", path, schema).status_code == 204
        assert session.world.parts.divergence.look() == 0
        definition(schema, "title")["caseExact"] = True
        assert outside.graph("PUT", path, schema).status_code == 204
        assert session.world.parts.divergence.look() == 2


def test_a_job_that_is_not_run_here_keeps_the_templates_schema() -> None:
    with served(told(), speed=1) as session, Outside(session.addresses()) as outside:
        clock(outside, pause=True)
        (template,) = outside.graph("GET", "/applicationTemplates?$top=1").json()["value"]
        made = outside.graph("POST", f"/applicationTemplates/{template['id']}/instantiate", {"displayName": "x"}).json()
        every = f"/servicePrincipals/{made['servicePrincipal']['id']}/synchronization/jobs"
        job = outside.graph("POST", every, {"templateId": "aWSSingleSignon"}).json()["id"]
        path = f"{every}/{job}/schema"
        schema = outside.graph("GET", path).json()
        assert len(schema["synchronizationRules"][0]["objectMappings"][0]["attributeMappings"]) == 25
        assert outside.graph("PUT", path, schema).status_code == 501


def test_scoping_filter_is_kept_and_shown_again_and_begins_the_job_anew() -> None:
    with served(told(), speed=1) as session, Outside(session.addresses()) as outside:
        clock(outside, pause=True)
        path = f"{outside.job_path()}/schema"
        schema = outside.graph("GET", path).json()
        clause = {
            "sourceOperandName": "department",
            "operatorName": "EQUALS",
            "targetOperand": {"values": ["Engineering"]},
        }
        _mapping(schema)["scope"] = {"groups": [{"name": "Engineers only", "clauses": [clause]}]}
        assert outside.graph("PUT", path, schema).status_code == 204
        (group,) = _mapping(outside.graph("GET", path).json())["scope"]["groups"]
        assert (group["name"], group["clauses"]) == ("Engineers only", [clause])
        scope = session.world.parts.mappings.user_scope
        assert (scope.judge({"department": "Engineering"}), scope.judge({"department": "Sales"})) == (True, False)
        clause["operatorName"] = "EQUAL"
        _mapping(schema)["scope"] = {"groups": [{"name": "x", "clauses": [clause]}]}
        assert refusal(outside, schema)[1].startswith(
            "The scoping filter is not valid: filter 1, clause 1: there is no "
        )
        clause.update(operatorName="EQUALS", sourceOperandName="departmnt")
        _mapping(schema)["scope"] = {"groups": [{"name": "x", "clauses": [clause]}]}
        assert refusal(outside, schema)[1].startswith("The scoping filter reads the attribute 'departmnt', which does")


@pytest.mark.parametrize("transport", ["direct", "wire"])
def test_a_scoping_filter_is_tried_out_on_demand_before_any_cycle(transport: Transport) -> None:
    """Saved between two gates: on demand Bob (Operations) fails the filter and is disabled at once, Ann passes."""
    scenario = told()
    with served(scenario, speed=1, transport=transport) as session, Outside(session.addresses()) as outside:
        clock(outside, pause=True)
        path = outside.job_path()
        schema = outside.graph("GET", f"{path}/schema").json()
        clause = {
            "sourceOperandName": "department",
            "operatorName": "EQUALS",
            "targetOperand": {"values": ["Engineering"]},
        }
        users = schema["synchronizationRules"][0]["objectMappings"][0]
        users["scope"] = {"groups": [{"name": "engineers", "clauses": [clause]}]}
        assert outside.graph("PUT", f"{path}/schema", schema).status_code == 204
        results = {}
        for name in ("ann", "bob"):
            user = outside.graph("GET", f"/users/{name}.example@contoso.example").json()["id"]
            results[name] = json.loads(json.loads(outside.on_demand(path, user).content)["value"])["action"]
    assert results == {"ann": "Other", "bob": "Disable"}
    assert_replays(session, scenario)
