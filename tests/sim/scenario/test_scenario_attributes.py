"""Properties of accounts in a scenario: Graph's names, Graph's limits, and null to clear one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sim.scenario import Scenario, ScenarioError
from sim.workforce.named import account_of

Build = Callable[..., Scenario]
CYD = {"id": "cyd", "given_name": "Cyd", "family_name": "Roe", "department": "Security"}


def sets(**attributes: Any) -> list[dict[str, Any]]:
    return [{"at": "1h", "do": "set_attributes", "person": "ann", "attributes": attributes}]


def refusal(build: Build, **changes: Any) -> str:
    with pytest.raises(ScenarioError) as caught:
        build(**changes)
    return str(caught.value).removeprefix("scenario: ")


def test_person_has_the_properties_that_are_given_beside_those_of_every_person(build: Build) -> None:
    """A role gives the job title, unless another is given; one number stands for a list of one."""
    given = {"jobTitle": "Head", "businessPhones": "+1 5", "employeeOrgData/costCenter": "C1", "mailNickname": "cy"}
    scenario = build(before__people=[{**CYD, "role": "Lead", "attributes": given}])
    account = account_of(scenario.before.people[0], "contoso.example")
    assert account["userPrincipalName"] == "cyd.roe@contoso.example"
    assert {name: account[name] for name in given} == {**given, "businessPhones": ("+1 5",)}


def test_attributes_are_set_and_cleared(build: Build) -> None:
    (action,) = build(timeline=sets(jobTitle="Lead", officeLocation=None)).timeline
    assert action.model_dump(mode="json")["attributes"] == {"jobTitle": "Lead", "officeLocation": None}


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ({}, ": nothing changes; give at least one property, such as jobTitle"),
        ({"jobtitle": "x"}, ".jobtitle: unknown property 'jobtitle' (did you mean 'jobTitle'?)"),
        ({"telephoneNumber": "1"}, ".telephoneNumber: Graph calls the property 'telephoneNumber' 'businessPhones'"),
        (
            {"userPrincipalName": "a@b"},
            (
                ".userPrincipalName: 'userPrincipalName' is set otherwise: user_principal_name in a"
                " person, or do: rename"
            ),
        ),
        (
            {"accountEnabled": False},
            (".accountEnabled: 'accountEnabled' is set otherwise: enabled in a person, or do: disable and do: enable"),
        ),
        (
            {"jobTitle": 5},
            ".jobTitle: must be a text of 1 to 128 characters, in quotes if it is a number, not the number 5",
        ),
        (
            {"employeeId": "E" * 17},
            (".employeeId: must be a text of 1 to 16 characters, in quotes if it is a number, not 'EEEEEEEEEEEEEEEEE'"),
        ),
        (
            {"mailNickname": "a b"},
            (
                ".mailNickname: must be 1 to 64 ASCII characters without blanks and without @ ( ) \\ [ ] "
                "\" ; : < > ,, not 'a b'"
            ),
        ),
        ({"mailNickname": None}, ".mailNickname: mailNickname cannot be cleared; every account has one"),
        (
            {"businessPhones": ["1", "2"]},
            (".businessPhones: Graph keeps one number in businessPhones; write the others as mobilePhone or faxNumber"),
        ),
    ],
)
def test_wrong_attributes_are_refused_in_one_sentence(build: Build, attributes: dict[str, Any], said: str) -> None:
    assert refusal(build, timeline=sets(**attributes)) == f"timeline.0.attributes{said}"


def test_new_account_has_nothing_to_clear(build: Build) -> None:
    said = refusal(build, before__people=[{**CYD, "attributes": {"jobTitle": None}}])
    assert said == (
        "before.people.0.attributes.jobTitle: null clears a property, and there is nothing to clear yet; leave it out"
    )
