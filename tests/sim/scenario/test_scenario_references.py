"""Names are known or unknown at the moment when they are used."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sim.scenario import Scenario, ScenarioError

Build = Callable[..., Scenario]
CYD = {"id": "cyd", "given_name": "Cyd", "family_name": "Roe", "department": "Security"}
Action = dict[str, Any]


def at(when: str, do: str, **facts: Any) -> Action:
    return {"at": when, "do": do, **facts}


def refusal(build: Build, *actions: Action, **changes: Any) -> str:
    with pytest.raises(ScenarioError) as caught:
        build(timeline=list(actions), **changes)
    return str(caught.value).removeprefix("scenario: ")


def accepts(build: Build, *actions: Action, **changes: Any) -> bool:
    return len(build(timeline=list(actions), **changes).timeline) == len(actions)


# --- people -------------------------------------------------------------------


def test_joiner_is_known_from_joining_on(build: Build) -> None:
    assert accepts(build, at("1h", "join", person=CYD), at("2h", "leave", person="cyd"))


def test_order_is_that_of_time_not_of_the_file(build: Build) -> None:
    assert accepts(build, at("2h", "leave", person="cyd"), at("1h", "join", person=CYD))


def test_at_the_same_instant_the_order_of_the_file_counts(build: Build) -> None:
    assert accepts(build, at("1h", "join", person=CYD), at("1h", "assign", person="cyd"))
    said = refusal(build, at("1h", "assign", person="cyd"), at("1h", "join", person=CYD))
    assert said == "timeline.0.person: 'cyd' is in the directory only from 1h on; act on them after that"


def test_leaving_before_joining_is_refused(build: Build) -> None:
    said = refusal(build, at("1h", "leave", person="cyd"), at("2h", "join", person=CYD))
    assert said == "timeline.0.person: 'cyd' joins only at 2h; act on them after that"


def test_directory_knows_a_joiner_only_after_the_lag_of_hr(build: Build) -> None:
    joins = at("1h", "join", person=CYD, hr_lag="3h")
    assert accepts(build, joins, at("4h", "disable", person="cyd"))
    said = refusal(build, joins, at("2h", "disable", person="cyd"))
    assert said == "timeline.1.person: 'cyd' is in the directory only from 4h on; act on them after that"


def test_directory_cannot_follow_a_leaver_whom_it_does_not_know_yet(build: Build) -> None:
    joins = at("1h", "join", person=CYD, hr_lag="3h")
    assert accepts(build, joins, at("2h", "leave", person="cyd", hr_lag="2h"))
    assert "only from 4h on" in refusal(build, joins, at("2h", "leave", person="cyd"))


def test_future_dated_joiner_is_in_the_directory_beforehand(build: Build) -> None:
    assert accepts(
        build, at("5h", "join", person=CYD, hr_lag="-4h"), at("2h", "add_member", group="GRP-Security", person="cyd")
    )


def test_hr_cannot_have_acted_before_the_start(build: Build) -> None:
    said = refusal(build, at("5h", "leave", person="ann", hr_lag="-6h"))
    assert said == "timeline.0.hr_lag: -6h puts the directory's change before the start; it may reach back to 0m"


def test_id_belongs_to_one_person(build: Build) -> None:
    said = refusal(build, at("1h", "join", person={**CYD, "id": "ann"}))
    assert said == "timeline.0.person.id: the id 'ann' is taken; somebody who comes back is a rehire"
    again = {**CYD, "given_name": "Cy"}
    said = refusal(build, at("1h", "join", person=CYD), at("2h", "create_user", person=again))
    assert said == "timeline.1.person.id: the id 'cyd' is taken; somebody who comes back is a rehire"


def test_name_that_is_taken_is_refused_until_it_is_free(build: Build) -> None:
    twin = {**CYD, "id": "twin", "given_name": "Ann", "family_name": "Lee"}
    joins = at("3h", "join", person=twin)
    taken = "timeline.0.person: the userPrincipalName 'ann.lee@contoso.example' belongs to 'ann'; write another user"
    assert refusal(build, joins).startswith(taken)
    assert accepts(build, at("1h", "delete", person="ann"), joins)
    renamed = at("1h", "rename", person="ann", user_principal_name="ann@contoso.example")
    assert accepts(build, renamed, joins)


def test_rename_to_a_taken_name_is_refused(build: Build) -> None:
    said = refusal(build, at("1h", "rename", person="ann", user_principal_name="BEN.ode@contoso.example"))
    assert said.startswith("timeline.0: the userPrincipalName 'BEN.ode@contoso.example' belongs to 'ben'; ")


def test_purged_account_is_gone_until_a_rehire_with_a_new_identity(build: Build) -> None:
    purge = at("1h", "purge", person="ann")
    assert "was purged at 1h" in refusal(build, purge, at("2h", "enable", person="ann"))
    new = at("2h", "rehire", person="ann", identity="new", user_principal_name="ann2@contoso.example")
    assert accepts(build, purge, new, at("3h", "disable", person="ann"))


def test_generated_people_are_named_by_user_principal_name(build: Build) -> None:
    leaves = at("1h", "leave", person="zoe.ohara@contoso.example")
    disables = at("1h", "aws_disable_user", user="zoe.ohara@contoso.example")
    assert accepts(build, leaves, disables, workforce={"size": 20})
    assert refusal(build, disables).startswith("timeline.0.user: unknown user 'zoe.ohara@contoso.example'; ")
    assert refusal(build, leaves).startswith("timeline.0.person: unknown person 'zoe.ohara@contoso.example'; name an")


def test_without_an_at_sign_a_name_is_checked_even_with_a_workforce(build: Build) -> None:
    said = refusal(build, at("1h", "leave", person="anne"), workforce={"size": 20})
    assert said.startswith("timeline.0.person: unknown person 'anne'; ")
    assert said.endswith(" (did you mean 'ann'?)")


def test_exception_may_name_somebody_who_joins_later(build: Build) -> None:
    exception = {"person": "cyd", "permission_set": "ReadOnly", "account": "dev"}
    joins = at("1h", "join", person=CYD)
    assert accepts(build, joins, organisation__access__exceptions=[exception])
    said = refusal(build, organisation__access__exceptions=[exception])
    assert said.startswith("organisation.access.exceptions.0.person: unknown person 'cyd'; ")


def test_department_is_checked_wherever_somebody_gets_one(build: Build) -> None:
    unknown = "unknown department 'Sales'; allowed: Engineering or Security"
    assert refusal(build, at("1h", "move", person="ann", department="Sales")) == f"timeline.0.department: {unknown}"
    said = refusal(build, at("1h", "join", person={**CYD, "department": "Sales"}))
    assert said == f"timeline.0.person.department: {unknown}"
    rule = {"department": "Sales", "groups": ["GRP-Security"]}
    said = refusal(build, organisation__access__birthright=[rule])
    assert said == f"organisation.access.birthright.0.department: {unknown}"


def test_without_departments_any_will_do(build: Build) -> None:
    assert accepts(build, at("1h", "move", person="ann", department="Sales"), organisation__departments=[])


def test_membership_made_by_hand_is_of_somebody_who_is_there(build: Build) -> None:
    joins = at("1h", "join", person=CYD)
    people = [{"id": "ann", "given_name": "Ann", "family_name": "Lee", "department": "Security"}]
    members = [{"group": "GRP-Security", "person": "ann"}]
    assert accepts(build, joins, before={"people": people, "members": members})
    members = [{"group": "GRP-Security", "person": "cyd"}]
    said = refusal(build, joins, before={"people": people, "members": members})
    assert said.startswith("before.members.0.person: unknown person 'cyd'; ")


# --- groups -------------------------------------------------------------------


def test_group_is_known_while_it_exists(build: Build) -> None:
    adds = at("2h", "add_member", group="GRP-New", person="ann")
    assert accepts(build, at("1h", "create_group", group="GRP-New"), adds)
    unknown = "timeline.0.group: unknown group 'GRP-New'; allowed: GRP-Engineering or GRP-Security"
    assert refusal(build, adds).startswith(unknown)
    assert accepts(build, adds, before__groups=[{"name": "GRP-New", "assigned": False}])


def test_renamed_group_has_its_new_name_only(build: Build) -> None:
    renames = at("1h", "rename_group", group="GRP-Security", to="GRP-SecOps")
    assert accepts(build, renames, at("2h", "delete_group", group="GRP-SecOps"))
    said = refusal(build, renames, at("2h", "delete_group", group="GRP-Security"))
    assert said.startswith("timeline.1.group: unknown group 'GRP-Security'; allowed: GRP-Engineering or GRP-SecOps")


def test_group_name_is_not_given_twice(build: Build) -> None:
    exists = "the group 'GRP-Security' exists already; choose another name"
    assert refusal(build, at("1h", "create_group", group="GRP-Security")) == f"timeline.0.group: {exists}"
    said = refusal(build, at("1h", "rename_group", group="GRP-Engineering", to="GRP-Security"))
    assert said == f"timeline.0.to: {exists}"
    again = at("2h", "create_group", group="GRP-Security")
    assert accepts(build, at("1h", "delete_group", group="GRP-Security"), again)


def test_target_may_still_hold_a_group_that_the_directory_has_deleted(build: Build) -> None:
    deletes = at("1h", "delete_group", group="GRP-Security")
    assert accepts(build, deletes, at("2h", "aws_add_member", group="GRP-Security", user="ann"))


def test_long_list_of_groups_is_cut(build: Build) -> None:
    groups = [{"name": f"G{number}"} for number in range(30)]
    said = refusal(build, at("1h", "delete_group", group="?"), before__groups=groups)
    assert said.endswith("GRP-Engineering, GRP-Security, G0, G1, G2, G3, G4, G5, G6, G7, G8, G9 or …")


# --- the target ---------------------------------------------------------------


def test_target_user_is_known_by_user_name_person_or_user_principal_name(build: Build) -> None:
    hand_made = {"user_name": "Ann-Local", "owner": "ann", "given_name": "Ann", "family_name": "Lee"}
    for user in ("ann-local", "ben", "ben.ode@contoso.example"):
        assert accepts(build, at("1h", "aws_delete_user", user=user), before__target_users=[hand_made])


def test_user_made_by_hand_is_known_afterwards(build: Build) -> None:
    makes = at("1h", "aws_create_user", user_name="temp", given_name="Te", family_name="Mp")
    assert accepts(build, makes, at("2h", "aws_disable_user", user="temp"))
    assert "unknown user 'temp'" in refusal(build, makes, at("30m", "aws_disable_user", user="temp"))


def test_owner_must_be_somebody(build: Build) -> None:
    hand_made = {"user_name": "x", "owner": "nobody", "given_name": "X", "family_name": "Y"}
    said = refusal(build, before__target_users=[hand_made])
    assert said.startswith("before.target_users.0.owner: unknown person 'nobody'; ")
    makes = at("1h", "aws_create_user", user_name="x", owner="nobody", given_name="X", family_name="Y")
    assert refusal(build, makes).startswith("timeline.0.owner: unknown person 'nobody'; ")


def test_user_name_in_the_target_is_unique(build: Build) -> None:
    hand_made = {"user_name": "x", "given_name": "X", "family_name": "Y"}
    said = refusal(build, before__target_users=[hand_made, {**hand_made, "user_name": "X"}])
    assert said == "before.target_users.1.user_name: the userName 'X' is taken; it is unique in the target"


def test_assignment_by_hand_has_one_known_principal(build: Build) -> None:
    grant = {"permission_set": "ReadOnly", "account": "dev"}
    people = [{"id": "ann", "given_name": "Ann", "family_name": "Lee", "department": "Security"}]
    before = {"people": people, "assignments": [{"user": "ann", **grant}, {"group": "GRP-Security", **grant}]}
    assert accepts(build, before=before)
    said = refusal(build, before={"people": people, "assignments": [grant]})
    assert said == "before.assignments.0: give exactly one of user and group"
    said = refusal(build, before={"people": people, "assignments": [{"user": "anna", **grant}]})
    assert said.startswith("before.assignments.0.user: unknown user 'anna'; ")


def test_grant_in_the_timeline_is_checked(build: Build) -> None:
    assigns = at("1h", "aws_assign", user="ann", permission_set="ReadOnly", account="staging")
    assert refusal(build, assigns) == "timeline.0.account: unknown account 'staging'; allowed: dev or prod"


def test_nothing_declared_is_said_so(build: Build) -> None:
    grant = {"user": "ann", "permission_set": "ReadOnly", "account": "dev"}
    people = [{"id": "ann", "given_name": "Ann", "family_name": "Lee", "department": "Security"}]
    said = refusal(build, organisation={}, before={"people": people, "assignments": [grant]})
    assert said == (
        "before.assignments.0.permission_set: unknown permission set 'ReadOnly'; "
        "this scenario declares no permission set"
    )


def test_catalogue_entry_stands_once(build: Build) -> None:
    entry = {"permission_set": "ReadOnly", "account": "dev"}
    said = refusal(build, organisation__access={"catalogue": {"G": [entry, entry]}})
    assert said == "organisation.access.catalogue.G.1: this entry stands here twice; keep one"
