"""What the scenario file says is there at the start, done before anything is observed.

Invariant: runs once, at set-up, in the order of the file.
"""

from __future__ import annotations

from mockservices.identitycenter.entities import GROUP, USER
from mockservices.scim.operations import AddMembers, Value
from mockservices.scim.provider import CONSOLE
from sim.parts import Parts, call, person_called, target_principal
from sim.provisioning.ticketing.start import NAMED_BY, made_by_hand
from sim.provisioning.ticketing.worker import hand_made
from sim.workforce.named import account_of, facts_of, hr_people


def people_before(parts: Parts, *, in_sync: bool) -> None:
    """People, memberships, hand-made users and assignments that the scenario file says are there at the start."""
    scenario, services, register = parts.scenario, parts.services, parts.register
    directory, provider, instance = services.directory, services.provider, services.instance
    domain = scenario.organisation.domain
    hr_named = hr_people(scenario)
    for spec in scenario.before.people:
        number = register.new_person(hr=spec.id in hr_named)
        call(parts, spec.id, number)
        register.set_facts(number, facts_of(spec))
        if spec.contract_end is not None:
            register.contract_ends[number] = spec.contract_end
        if spec.disabled_at is not None:
            register.disabled_at[number] = spec.disabled_at
        register.own_account(directory.users_count, number)
        user = directory.create_user(account_of(spec, domain), enabled=spec.account_enabled)
        for name in parts.policy.groups(facts_of(spec)):
            directory.add_member(parts.group_rows[name], user.row)
    for membership in scenario.before.members:
        row = _account_row(parts, membership.person)
        group = parts.group_rows[membership.group]
        if group not in directory.groups_of(row):
            directory.add_member(group, row)
    if in_sync:
        _provision_before(parts)
    for hand in scenario.before.target_users:
        attributes: dict[str, Value] = {
            "userName": hand.user_name,
            "displayName": hand.display_name or f"{hand.given_name} {hand.family_name}",
            "name.givenName": hand.given_name,
            "name.familyName": hand.family_name,
        }
        made = provider.create_user(attributes, active=hand.active, origin=CONSOLE)
        if hand.owner is not None:
            register.own_target(made.row, person_called(parts, hand.owner))
    for assignment in scenario.before.assignments:
        found = instance.permission_set_named(assignment.permission_set)
        kind, principal = (USER, assignment.user) if assignment.user is not None else (GROUP, assignment.group)
        identifier = _linked_user(parts, str(principal)) if kind == USER else None
        if identifier is None:
            identifier = target_principal(parts, kind, str(principal))
        if found is not None and identifier is not None:
            instance.create_assignment(kind, identifier, assignment.account, found.arn)


def _linked_user(parts: Parts, name: str) -> str | None:
    """The id of the user that somebody who is called by an id is provisioned as."""
    if name not in parts.register.names:
        return None
    row = parts.view.target_of(_account_row(parts, name))
    return parts.services.provider.user_id(row) if row >= 0 else None


def _account_row(parts: Parts, person: str) -> int:
    upn = next(p.upn(parts.scenario.organisation.domain) for p in parts.scenario.before.people if p.id == person)
    return parts.services.directory.find_user(upn).row


def _provision_before(parts: Parts) -> None:
    """The people of the scenario file are in the target too, when a run starts in sync."""
    if made_by_hand(parts.scenario):
        _make_by_hand(parts)
        return
    directory, provider, state = parts.services.directory, parts.services.provider, parts.state
    base = parts.start.size if parts.start is not None else 0
    for row in range(base, directory.users_count):
        user = directory.user(row)
        groups = [g for g in directory.groups_of(row) if parts.view.group_in_scope(g)]
        if not user.enabled or not parts.view.in_scope(row):
            continue
        made = provider.create_user(parts.user_map.apply(parts.user_map.seen(user)))
        state.users.set(user.id, made.id)
        for group in groups:
            target = parts.view.target_group_of(group)
            provider.apply_to_group(target, (AddMembers((made.id,)),))
            state.members.note(directory.groups[group].id, {user.id: True})


def _make_by_hand(parts: Parts) -> None:
    """The people of the scenario file got what they should have by ticket, before the start."""
    services, settings = parts.services, parts.scenario.provisioning.ticket
    directory, provider, instance = services.directory, services.provider, services.instance
    base = parts.start.size if parts.start is not None else 0
    for row in range(base, directory.users_count):
        names = tuple(parts.truth.group_name(group) for group in directory.groups_of(row))
        grants = [g for g in sorted(parts.truth.of_names(names)) if _is_created(parts, g)]
        owner = parts.register.account_owner(row)
        if not directory.is_enabled(row) or not grants or owner is None:
            continue
        said = directory.attributes_of(row)
        made = provider.create_user(hand_made(said, str(said[NAMED_BY[settings.user_names]])), origin=CONSOLE)
        parts.register.own_target(made.row, owner)
        if settings.gives == "assignments":
            for grant in grants:
                account, permission_set = instance.grant_parts(grant)
                instance.create_assignment(USER, made.id, account.id, permission_set.arn)
            continue
        for name in names:
            group = provider.group_by("displayName", name)
            if group is not None:
                provider.apply_to_group(group.row, (AddMembers((made.id,)),))


def _is_created(parts: Parts, grant: int) -> bool:
    return parts.services.instance.grant_parts(grant)[1] in parts.services.instance.permission_sets
