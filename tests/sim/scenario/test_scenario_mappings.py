"""Mappings in a scenario: presets, rows that take the place of others, and a sentence for each thing that is wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mockservices.scim.operations import ENTERPRISE, Path
from sim.provisioning.mapping import GROUP_MAPPINGS, MINIMAL_USER_MAPPINGS, USER_MAPPINGS
from sim.scenario import Scenario, ScenarioError, canonical_text, loads

Build = Callable[..., Scenario]


def mapped(build: Build, *rows: dict[str, Any], **more: Any) -> Scenario:
    return build(provisioning__mappings={"users": list(rows), **more})


def refusal(build: Build, mappings: Any) -> str:
    with pytest.raises(ScenarioError) as caught:
        build(provisioning__mappings=mappings)
    return str(caught.value).removeprefix("scenario: provisioning.mappings")


# --- what is accepted ----------------------------------------------------------------------------------------


def test_default_is_the_mapping_of_the_aws_application(build: Build) -> None:
    mappings = build().provisioning.mappings
    assert (mappings.user_rows(), mappings.group_rows()) == (USER_MAPPINGS, GROUP_MAPPINGS)


@pytest.mark.parametrize("written", ["minimal", {"preset": "minimal"}])
def test_preset_is_named_alone_or_among_the_keys(build: Build, written: Any) -> None:
    assert build(provisioning__mappings=written).provisioning.mappings.user_rows() == MINIMAL_USER_MAPPINGS


def test_row_takes_the_place_of_the_presets_and_keeps_what_it_matches_by(build: Build) -> None:
    rows = mapped(build, {"target": "userName", "source": "mail"}).provisioning.mappings.user_rows()
    assert len(rows) == 25
    assert (rows[0].source, rows[0].target, rows[0].match) == ("mail", Path("userName"), 1)


def test_row_for_another_attribute_comes_after_the_presets(build: Build) -> None:
    target = 'phoneNumbers[type eq "mobile"].value'
    rows = mapped(build, {"target": target, "source": "mobile"}).provisioning.mappings.user_rows()
    assert (len(rows), rows[-1].target) == (26, Path("phoneNumbers", "mobile", "value"))


def test_row_says_when_it_applies_and_what_stands_for_null(build: Build) -> None:
    row = {"target": "title", "expression": 'Join(" ", [jobTitle])', "apply": "on_create", "default": "Staff"}
    title = next(r for r in mapped(build, row).provisioning.mappings.user_rows() if r.target == Path("title"))
    assert (title.expression, title.apply, title.default) == ('Join(" ", [jobTitle])', "on_create", "Staff")


def test_expression_that_is_only_an_attribute_or_a_text_is_a_direct_or_constant_mapping(build: Build) -> None:
    rows = mapped(
        build, {"target": "title", "expression": "[department]"}, {"target": "locale", "expression": '"en-GB"'}
    ).provisioning.mappings.user_rows()
    found = {str(row.target): (row.source, row.constant, row.expression) for row in rows}
    assert found["title"] == ("department", None, None)
    assert found["locale"] == (None, "en-GB", None)


def test_letter_case_counts_for_external_ids_and_where_the_row_says_so(build: Build) -> None:
    row = {"target": "displayName", "source": "displayName", "case_exact": True}
    rows = {str(each.target): each.case_exact for each in mapped(build, row).provisioning.mappings.user_rows()}
    assert (rows["externalId"], rows["displayName"], rows["title"]) == (True, True, False)


def test_canonical_text_reads_back(build: Build) -> None:
    row = {"target": 'emails[type eq "work"].value', "expression": 'Switch([mail], "a\\"b", "x", "y")'}
    scenario = mapped(build, row, {"target": "locale", "none": True, "default": "en-GB"})
    assert loads(canonical_text(scenario), "again").scenario == scenario


# --- what is refused -----------------------------------------------------------------------------------------

PHONE = 'phoneNumbers[type eq "work"].value'
MANAGER = f"{ENTERPRISE}:manager"


@pytest.mark.parametrize(
    ("mappings", "said"),
    [
        (
            "defalt",
            (
                ": unknown preset 'defalt'; allowed: default or minimal, or a mapping with preset, users and groups"
                " (did you mean 'default'?)"
            ),
        ),
        ({"preset": "small"}, ".preset: 'small' is not allowed; write default or minimal"),
        ({"users": [{"target": "title"}]}, ".users.0: give exactly one of source, constant, expression and none"),
        (
            {"users": [{"target": "title", "source": "jobTitle", "none": True}]},
            ".users.0: give exactly one of source, constant, expression and none",
        ),
        (
            {"users": [{"target": "userNam", "source": "mail"}]},
            (
                ".users.0.target: unknown attribute 'userNam' of the target; allowed: a path such as "
                "userName, name.givenName "
                "or emails[type eq \"work\"].value (did you mean 'userName'?)"
            ),
        ),
        (
            {"users": [{"target": 'emails[type eq "work"].display', "source": "mail"}]},
            (
                ".users.0.target: unknown attribute 'emails[type eq \"work\"].display' of the target; allowed: "
                'a path such as userName, name.givenName or emails[type eq "work"].value '
                "(did you mean 'emails[type eq \"work\"].value'?)"
            ),
        ),
        (
            {"users": [{"target": "title", "source": "jobtitle"}]},
            ".users.0.source: unknown attribute 'jobtitle' of the source (did you mean 'jobTitle'?)",
        ),
        (
            {"users": [{"target": PHONE, "source": "businessPhones"}]},
            (
                ".users.0.source: unknown attribute 'businessPhones' of the source; the provisioning service calls it "
                "'telephoneNumber'"
            ),
        ),
        (
            {"users": [{"target": "title", "source": "manager"}]},
            (
                ".users.0.source: 'manager' cannot be mapped to 'title': a reference is no value; only "
                "manager and members are "
                "mapped from one"
            ),
        ),
        (
            {"users": [{"target": MANAGER, "source": "mail"}]},
            f".users.0.source: 'mail' cannot be mapped to '{MANAGER}': a reference is mapped from 'manager', or none",
        ),
        (
            {"users": [{"target": MANAGER, "constant": "x"}]},
            ".users.0.target: A reference is mapped from 'manager', or none",
        ),
        (
            {"users": [{"target": "title", "source": "jobTitle", "match": 1}]},
            ".users.0.match: AWS cannot be asked for 'title'; match by userName, displayName or externalId",
        ),
        (
            {"users": [{"target": "userName", "none": True}]},
            ".users: nothing is matched by; give a row for userName or externalId a match of 1",
        ),
        (
            {"users": [{"target": "title", "none": True}, {"target": "title", "constant": "x"}]},
            ".users.1.target: 'title' is mapped twice; keep one row",
        ),
        (
            {"groups": [{"target": "title", "constant": "x"}]},
            ".groups.0.target: unknown attribute 'title' of the target; allowed: displayName, externalId or members",
        ),
        (
            {"users": [{"target": "title", "source": "jobTitle", "apply": "sometimes"}]},
            ".users.0.apply: 'sometimes' is not allowed; write always or on_create",
        ),
    ],
)
def test_wrong_mapping_is_refused_in_one_sentence(build: Build, mappings: Any, said: str) -> None:
    assert refusal(build, mappings) == said


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ('Join(" ", [givenName]', ".users.0.expression: at 5: "),
        ("Jion([givenName])", ".users.0.expression: at 1: "),
        ("Join([jobtitle])", ".users.0.expression: "),
        ("ToLower([manager])", ".users.0.expression: [manager] is a reference, which an expression cannot read"),
        ("ToLower([jobtitle])", ".users.0.expression: unknown attribute 'jobtitle' of the source (did you mean 'job"),
    ],
)
def test_wrong_expression_is_refused_with_its_place(build: Build, expression: str, said: str) -> None:
    assert refusal(build, {"users": [{"target": "title", "expression": expression}]}).startswith(said)


def test_place_of_a_wrong_expression_is_its_line_in_the_file_and_the_character_in_it(build: Build) -> None:
    text = canonical_text(build()).replace(
        "    users: []\n    groups: []",
        '    users:\n    - target: title\n      expression: "ToLower([jobTitle]"\n    groups: []',
    )
    line = text.splitlines().index('      expression: "ToLower([jobTitle]"') + 1
    with pytest.raises(ScenarioError) as caught:
        loads(text, "story.yaml")
    assert str(caught.value).startswith(f"story.yaml:{line}: provisioning.mappings.users.0.expression: at 8: ")
