"""Builds a world's services and everything that observes them, as a scenario says.

Invariant: what is built here is prehistory. It is done at simulated time -1, in one fixed order, and is the same
for every transport.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from mockservices.changes import Trace, fields_text
from mockservices.clock import Clock, Millis
from mockservices.graph.applications import GROUP_PRINCIPAL, Applications
from mockservices.graph.directory import Attribute, Directory
from mockservices.identitycenter.instance import GROUP, NOTHING, USER, Grants, Instance
from mockservices.scim.operations import AddMembers, Value
from mockservices.scim.profiles import AWS
from mockservices.scim.provider import CONSOLE, ServiceProvider
from mockservices.services import Services
from mockservices.tokens import Tokens
from sim.access.policy import AccessPolicy, Facts
from sim.observation.causes import Causes
from sim.observation.divergence import Divergence
from sim.observation.ledger import Ledger
from sim.observation.observer import Observer
from sim.population import StartingPeople, TargetPeople
from sim.ports import SourceUser
from sim.provisioning.mapping import GROUP_MAPPINGS, USER_MAPPINGS, AttributeMap
from sim.provisioning.state import JobState, Links, Members
from sim.provisioning.view import View
from sim.randomness import Streams
from sim.scenario import Scenario
from sim.scenario.organisation import PersonSpec
from sim.scenario.timeline import Absent, Back, Expire, Extend, Join, Leave, Move, Rehire
from sim.workforce.hr import Hr
from sim.workforce.plan import EventKind, LagPlan, WorkforcePlan
from sim.workforce.register import Register
from sim.workforce.schedule import Schedule, build
from sim.workforce.truth import Truth

BEFORE = Millis(-1)
REGION = "us-east-1"


@dataclass(slots=True)
class Parts:
    """Everything that a world is made of, wired together."""

    scenario: Scenario
    services: Services
    policy: AccessPolicy
    group_rows: dict[str, int]
    start: StartingPeople | None
    schedule: Schedule | None
    register: Register
    truth: Truth
    ledger: Ledger
    divergence: Divergence
    observer: Observer
    hr: Hr
    view: View
    state: JobState
    user_map: AttributeMap
    group_map: AttributeMap
    catalogue_setup: dict[str, None]
    """Groups of the catalogue that the target has not had yet: assigned when they appear there."""


class _Nobody:
    """There is no generated population."""

    def grants(self, number: int) -> Grants:
        return NOTHING

    def account(self, number: int) -> int:
        return -1

    def target(self, number: int) -> int:
        return -1


def workforce_plan(scenario: Scenario) -> WorkforcePlan | None:
    """What the scenario asks of the generated workforce."""
    workforce = scenario.workforce
    if workforce is None:
        return None
    counts = workforce.counts
    departments = tuple((d.name, float(d.weight)) for d in scenario.organisation.departments) or (("Everybody", 1.0),)
    return WorkforcePlan(
        size=workforce.size,
        domain=scenario.organisation.domain,
        departments=departments,
        contractors=workforce.contractors,
        joiners=workforce.rates.joiners,
        leavers=workforce.rates.leavers,
        movers=workforce.rates.movers,
        counts=None
        if counts is None
        else {
            EventKind.JOINER: counts.joiner,
            EventKind.MOVER: counts.mover,
            EventKind.LEAVER: counts.leaver,
            EventKind.CONTRACTOR_EXPIRY: counts.contractor_expiry,
        },
        contract_mean=workforce.contract.mean,
        calendar=workforce.calendar,
        hr_lag=LagPlan(workforce.hr_lag.low, workforce.hr_lag.high),
        locale=workforce.locale,
    )


def group_names(scenario: Scenario) -> dict[str, bool]:
    """Every group that exists at the start, and whether it is assigned to the application."""
    access = scenario.organisation.access
    names = dict.fromkeys(access.catalogue, True)
    for rule in access.birthright:
        for name in rule.groups:
            names.setdefault(name, True)
    for group in scenario.before.groups:
        names[group.name] = group.assigned
    return names


def hr_people(scenario: Scenario) -> dict[str, None]:
    """People of the scenario file about whom HR has the word: those whom a timeline action of HR names."""
    named: dict[str, None] = {}
    for action in scenario.timeline:
        if isinstance(action, Move | Leave | Expire | Extend | Rehire | Absent | Back):
            named[action.person] = None
        elif isinstance(action, Join):
            named[action.person.id] = None
    named.update({person.id: None for person in scenario.before.people if person.contract_end is not None})
    return named


def account_of(spec: PersonSpec, domain: str) -> dict[str, Attribute]:
    """The Graph properties of the account of somebody from the scenario file."""
    upn = spec.upn(domain)
    attributes: dict[str, Attribute] = {
        "userPrincipalName": upn,
        "displayName": spec.display_name,
        "givenName": spec.given_name,
        "surname": spec.family_name,
        "mail": upn,
        "mailNickname": spec.nickname(domain),
        "department": spec.department,
        "employeeType": spec.employment.capitalize(),
    }
    if spec.role is not None:
        attributes["jobTitle"] = spec.role
    if spec.location is not None:
        attributes["officeLocation"] = spec.location
    return attributes


def facts_of(spec: PersonSpec) -> Facts:
    """What the policy asks about somebody from the scenario file."""
    return Facts(spec.department, spec.employment, spec.role, spec.location)


def set_up(scenario: Scenario, seed: int, replication: int) -> Parts:
    """Build everything for one run."""
    clock = Clock(scenario.start, BEFORE)
    trace = Trace(clock)
    access = scenario.organisation.access
    policy = AccessPolicy(
        access.birthright,
        {name: tuple((e.permission_set, e.account) for e in entries) for name, entries in access.catalogue.items()},
    )
    user_map, group_map = AttributeMap(USER_MAPPINGS), AttributeMap(GROUP_MAPPINGS)
    names = group_names(scenario)
    group_rows = {name: row for row, name in enumerate(names)}
    in_sync = scenario.start_state == "in_sync"

    plan = workforce_plan(scenario)
    start: StartingPeople | None = None
    schedule: Schedule | None = None
    targets: TargetPeople | None = None
    if plan is not None:
        people, schedule = build(plan, scenario.start, scenario.duration, Streams(seed, replication))
        start = StartingPeople(people, policy, group_rows)
        fields = {"people": people.digest(), "size": people.size, "inSync": in_sync}
        trace.record("world", "populate", scenario.organisation.domain, fields_text(fields))
        if in_sync:
            scoped = [row for row, assigned in enumerate(names.values()) if assigned]
            targets = TargetPeople(start, user_map, {row: i for i, row in enumerate(scoped)})

    directory = Directory(
        seed=seed, clock=clock, trace=trace, population=start, domains=(scenario.organisation.domain,)
    )
    applications = Applications(directory, seed)
    profile = replace(AWS, users_quota=scenario.target.users_quota)
    provider = ServiceProvider(seed=seed, clock=clock, trace=trace, profile=profile, population=targets)
    instance = Instance(seed=seed, clock=clock, trace=trace, store=provider, region=REGION)
    application = applications.instantiate()
    services = Services(clock, trace, Tokens(seed), directory, applications, application, provider, instance)

    for name, assigned in names.items():
        group = directory.create_group(group_attributes(name))
        if assigned:
            applications.assign(application.id, GROUP_PRINCIPAL, group.row)
    for account in scenario.target.accounts:
        instance.add_account(account)
    for spec in scenario.target.permission_sets:
        permission_set = instance.create_permission_set(spec.name, session=spec.session)
        for managed in spec.managed_policies:
            instance.attach_managed_policy(permission_set.arn, managed)

    state = _job_state(directory, provider, start, targets, in_sync)
    view = View(directory, applications, application.id, provider, instance, state)
    register = Register(start)
    truth = Truth(policy, instance, directory)
    ledger = Ledger(clock=clock, instance=instance, beginning=start or _Nobody(), size=start.size if start else 0)
    divergence = Divergence(directory, provider, view, user_map, group_map)
    observer = Observer(
        directory=directory,
        provider=provider,
        instance=instance,
        register=register,
        ledger=ledger,
        divergence=divergence,
        view=view,
        truth=truth,
        manual_changes=scenario.organisation.truth_of_manual_changes,
        source_of=_source_of(targets),
        start_groups=_start_groups(start),
    )
    hr = Hr(
        directory=directory,
        ledger=ledger,
        register=register,
        truth=truth,
        policy=policy,
        group_rows=group_rows,
        on_leave=scenario.provisioning.on_leave,
    )
    observer.hr = hr
    causes = Causes(directory, instance, view)
    ledger.judge = causes
    parts = Parts(
        scenario, services, policy, group_rows, start, schedule, register, truth, ledger, divergence, observer, hr,
        view, state, user_map, group_map, dict.fromkeys(access.catalogue),
    )  # fmt: skip
    if in_sync:
        for name, assigned in names.items():
            if assigned:
                group = directory.groups[group_rows[name]]
                wanted = group_map.apply({**group.attributes, "id": group.id})
                target = provider.create_group(wanted)
                state.groups.set(group.id, target.id)
                set_up_target_group(parts, causes, target.id)
    if start is not None and targets is not None:
        start.in_target(targets, [instance.of_groups(groups) for groups in targets.groups_by_key])
    _people_before(parts, causes, in_sync)
    ledger.privileged = frozenset(
        grant
        for name, entries in access.catalogue.items()
        for e in entries
        if e.privileged
        for grant in truth.of_names((name,))
        if (instance.grant_parts(grant)[1].name, instance.grant_parts(grant)[0].name) == (e.permission_set, e.account)
    )
    _begin_observing(parts)
    return parts


def group_attributes(name: str) -> dict[str, Attribute]:
    """The Graph properties of a cloud security group."""
    nickname = "".join(c if c.isalnum() and c.isascii() else "-" for c in name)[:64]
    return {"displayName": name, "mailEnabled": False, "mailNickname": nickname, "securityEnabled": True}


def set_up_target_group(parts: Parts, causes: Causes, target_group: str) -> None:
    """Assign a group that has appeared in the target to what the catalogue gives it: the set-up of the target.

    Once for every name: a group that is made again later has a new id, and nothing is assigned to it.
    """
    provider, instance = parts.services.provider, parts.services.instance
    group = provider.find_group(target_group)
    name = str(group.attributes["displayName"])
    if name not in parts.catalogue_setup:
        return
    del parts.catalogue_setup[name]
    causes.policy_grants[group.row] = parts.truth.of_names((name,))
    for permission_set, account in parts.policy.catalogue[name]:
        found = instance.permission_set_named(permission_set)
        if found is not None:
            instance.create_assignment(GROUP, group.id, account, found.arn)


def _job_state(
    directory: Directory,
    provider: ServiceProvider,
    start: StartingPeople | None,
    targets: TargetPeople | None,
    in_sync: bool,
) -> JobState:
    if start is None or targets is None:
        return JobState(Links(), Links(), Members())

    def target(source: str) -> str | None:
        row = directory.user_row(source)
        found = start.target(row) if row is not None and row < start.size else -1
        return provider.user_id(found) if found >= 0 else None

    def source(identifier: str) -> str | None:
        row = provider.user_row(identifier)
        return directory.user_id(int(targets.source_of[row])) if row is not None and row < targets.size else None

    def members(group: str) -> Iterable[str]:
        row = directory.group_row(group)
        return [directory.user_id(m) for m in start.members(row)] if row is not None else []

    return JobState(Links(target, source), Links(), Members(members))


def _source_of(targets: TargetPeople | None) -> Callable[[int], int | None]:
    if targets is None:
        return lambda row: None
    return lambda row: int(targets.source_of[row]) if row < targets.size else None


def _start_groups(start: StartingPeople | None) -> Callable[[int], tuple[int, ...] | None]:
    if start is None:
        return lambda row: None
    return lambda row: start.groups(row) if row < start.size else None


def _people_before(parts: Parts, causes: Causes, in_sync: bool) -> None:
    """People, memberships, hand-made users and assignments that the scenario file says are there at the start."""
    scenario, services, register = parts.scenario, parts.services, parts.register
    directory, provider, instance = services.directory, services.provider, services.instance
    domain = scenario.organisation.domain
    hr_named = hr_people(scenario)
    for spec in scenario.before.people:
        number = register.new_person(hr=spec.id in hr_named)
        register.names[spec.id] = number
        register.set_facts(number, facts_of(spec))
        register.own_account(directory.users_count, number)
        user = directory.create_user(account_of(spec, domain), enabled=spec.enabled)
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
            register.own_target(made.row, register.names[hand.owner])
    for assignment in scenario.before.assignments:
        found = instance.permission_set_named(assignment.permission_set)
        kind, principal = (USER, assignment.user) if assignment.user is not None else (GROUP, assignment.group)
        identifier = target_principal(parts, kind, str(principal))
        if found is not None and identifier is not None:
            instance.create_assignment(kind, identifier, assignment.account, found.arn)


def _account_row(parts: Parts, person: str) -> int:
    upn = next(p.upn(parts.scenario.organisation.domain) for p in parts.scenario.before.people if p.id == person)
    return parts.services.directory.find_user(upn).row


def _provision_before(parts: Parts) -> None:
    """The people of the scenario file are in the target too, when a run starts in sync."""
    directory, provider, state = parts.services.directory, parts.services.provider, parts.state
    base = parts.start.size if parts.start is not None else 0
    for row in range(base, directory.users_count):
        user = directory.user(row)
        groups = [g for g in directory.groups_of(row) if parts.view.group_in_scope(g)]
        if not user.enabled or not groups:
            continue
        source = SourceUser(user.id, True, user.attributes)
        made = provider.create_user(parts.user_map.apply(source.attributes))
        state.users.set(user.id, made.id)
        for group in groups:
            target = parts.view.target_group_of(group)
            provider.apply_to_group(target, (AddMembers((made.id,)),))
            state.members.note(directory.groups[group].id, user.id, member=True)


def target_principal(parts: Parts, kind: str, name: str) -> str | None:
    """The id of a target user (by userName, or the person it belongs to) or group (by displayName)."""
    provider = parts.services.provider
    if kind == GROUP:
        group = provider.group_by("displayName", name)
        return group.id if group is not None else None
    user = provider.user_by("userName", name)
    if user is not None:
        return user.id
    number = parts.register.names.get(name)
    if number is None:
        return None
    targets = parts.ledger.person(number).targets
    return provider.user_id(targets[0]) if targets else None


def _begin_observing(parts: Parts) -> None:
    """From here on every change is heard; what stands now is where the people of the scenario file begin."""
    services, ledger, observer = parts.services, parts.ledger, parts.observer
    directory, provider = services.directory, services.provider
    base = parts.start.size if parts.start is not None else 0
    services.clock.now = Millis(0)
    for row in range(base, directory.users_count):
        observer.begin_account(row)
    for row in range(provider.base_size, provider.users_made):
        observer.begin_target(row)
    directory.listener = observer
    provider.listener = observer
    instance = services.instance
    instance.listener = observer
