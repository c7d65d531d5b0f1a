"""How the target stands when a run begins: its console, accounts and permission sets, and what is assigned to a group.

Invariant: what a timeline is to show, or somebody is to do by hand, is not there yet.
"""

from __future__ import annotations

from mockservices.graph.synchronization import ADDRESS
from mockservices.identitycenter.entities import GROUP
from mockservices.services import Services
from sim.observation.causes import Causes
from sim.parts import Parts
from sim.scenario import Scenario
from sim.scenario.console import AwsAssign, AwsCreatePermissionSet, AwsUnassign
from sim.scenario.phases import by_hand_alone


def set_up_target(scenario: Scenario, services: Services) -> None:
    """Accounts, the console's switches and the permission sets, as far as they are there at the start."""
    applications, application, instance = services.applications, services.application, services.instance
    for account in scenario.target.accounts:
        instance.add_account(account)
    by_hand = scenario.target.set_up == "by_hand"
    piped = not by_hand_alone(scenario)
    done_later = {action.do for action in scenario.timeline}
    if by_hand or "save_credentials" in done_later:
        applications.save_secrets(application.id, {ADDRESS: ""})  # a job that nobody has configured
    instance.console.begin(
        enabled=not by_hand and "aws_enable" not in done_later,
        external=piped and not by_hand and "aws_identity_source" not in done_later,
        provisioning=piped and not by_hand and "aws_automatic_provisioning" not in done_later,
        token_life=scenario.target.token_life,
    )
    created_later = {a.permission_set for a in scenario.timeline if isinstance(a, AwsCreatePermissionSet)}
    if by_hand:
        held = {assignment.permission_set for assignment in scenario.before.assignments}
        catalogue = scenario.organisation.access.catalogue
        created_later |= {e.permission_set for entries in catalogue.values() for e in entries} - held
    for spec in scenario.target.permission_sets:
        if spec.name in created_later:
            instance.plan_permission_set(spec.name)
            continue
        permission_set = instance.create_permission_set(spec.name, session=spec.session)
        for managed in spec.managed_policies:
            instance.attach_managed_policy(permission_set.arn, managed)


def set_up_target_group(parts: Parts, causes: Causes, target_group: str) -> None:
    """Assign a group that has appeared in the target to what the catalogue gives it: the set-up of the target.

    Once for every group of the catalogue: one that is made again later has a new id, and nothing is assigned to it.
    """
    provider, instance = parts.services.provider, parts.services.instance
    group = provider.find_group(target_group)
    source = parts.services.directory.group_row(str(group.attributes.get("externalId")))
    # the job names its source: a group that was renamed before it got here is still the policy's
    name = str(group.attributes["displayName"]) if source is None else parts.truth.group_name(source)
    if name not in parts.catalogue_setup:
        return
    del parts.catalogue_setup[name]
    causes.policy_grants[group.row] = parts.truth.of_names((name,))
    for permission_set, account in parts.policy.catalogue[name]:
        found = instance.permission_set_named(permission_set)
        if found is not None and not _assigned_by_hand(parts.scenario, name, permission_set, account):
            instance.create_assignment(GROUP, group.id, account, found.arn)


def _assigned_by_hand(scenario: Scenario, group: str, permission_set: str, account: str) -> bool:
    """Whether it is shown, or left to somebody, to assign a group what the catalogue gives it."""
    if scenario.target.set_up == "by_hand":
        return True
    acts = [a for a in scenario.timeline if isinstance(a, AwsAssign | AwsUnassign)]
    about = [a for a in acts if (a.group, a.permission_set, a.account) == (group, permission_set, account)]
    return bool(about) and isinstance(min(about, key=lambda action: action.at), AwsAssign)
