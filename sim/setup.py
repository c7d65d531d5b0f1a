"""Builds a world's services and everything that observes them, as a scenario says.

Invariant: what is built here is prehistory. It is done at simulated time -1, in one fixed order, and is the same
for every transport.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from mockservices.changes import Trace
from mockservices.clock import Clock, Millis
from mockservices.graph.applications import GROUP_PRINCIPAL, Applications
from mockservices.graph.directory import Directory
from mockservices.graph.source_attributes import GROUP_ATTRIBUTES, USER_ATTRIBUTES
from mockservices.graph.synchronization import ADDRESS
from mockservices.identitycenter.instance import GROUP, NOTHING, Grants, Instance
from mockservices.scim.profiles import AWS
from mockservices.scim.provider import ServiceProvider
from mockservices.services import Services
from mockservices.tokens import Tokens
from sim.access.policy import AccessPolicy
from sim.faults import faults_of
from sim.observation.causes import Causes
from sim.observation.divergence import Divergence
from sim.observation.headcount import Headcount
from sim.observation.ledger import Ledger
from sim.observation.observer import Observer
from sim.observation.stale import StaleAccess
from sim.parts import Parts
from sim.population import StartingPeople, TargetPeople
from sim.prehistory import people_before
from sim.provisioning.mapping import AttributeMap, Surroundings
from sim.provisioning.scope import Judging
from sim.provisioning.source_scope import SourceScope
from sim.provisioning.state import JobState, Links, Members
from sim.provisioning.terms import entitling_roles, options, treatment
from sim.provisioning.terms import mappings as rules_of
from sim.provisioning.view import View
from sim.randomness import Streams
from sim.scenario import Scenario
from sim.scenario.console import AwsAssign, AwsCreatePermissionSet, AwsUnassign
from sim.timeline_sessions import session_rules
from sim.workforce.hr import Hr
from sim.workforce.named import group_attributes
from sim.workforce.plan import EventKind, LagPlan, WorkforcePlan
from sim.workforce.register import Register
from sim.workforce.schedule import Schedule, build
from sim.workforce.truth import Truth

BEFORE = Millis(-1)
REGION = "us-east-1"


class _Nobody:
    """There is no generated population."""

    def entitled(self, number: int) -> Grants:
        return NOTHING

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


def set_up(scenario: Scenario, seed: int, replication: int) -> Parts:
    """Build everything for one run."""
    clock = Clock(scenario.start, BEFORE)
    trace = Trace(clock)
    access = scenario.organisation.access
    policy = AccessPolicy(
        access.birthright,
        {name: tuple((e.permission_set, e.account) for e in entries) for name, entries in access.catalogue.items()},
    )
    surroundings = Surroundings(lambda: clock.instant(clock.now), seed)
    user_map = AttributeMap(scenario.provisioning.mappings.user_rows(), surroundings)
    group_map = AttributeMap(scenario.provisioning.mappings.group_rows(), surroundings)
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
        trace.record("world", "populate", scenario.organisation.domain, fields)
        if in_sync:
            everything = scenario.provisioning.scope == "all"
            of_groups = SourceScope(scenario.provisioning.scoping.of_groups(), GROUP_ATTRIBUTES)
            scoped = [
                row
                for row, (name, assigned) in enumerate(names.items())
                if (assigned or everything) and of_groups.judge(group_attributes(name))
            ]
            before = Surroundings(lambda: clock.instant(BEFORE), seed)
            at_the_start = AttributeMap(user_map.mappings, before)  # whatever is mapped later, and whenever it is seen
            covered = {group_rows[name] for name, assigned in names.items() if assigned}
            of_users = SourceScope(scenario.provisioning.scoping.of_users(), USER_ATTRIBUTES)
            present = start.present(None if everything else covered, None if of_users.everybody else of_users)
            targets = TargetPeople(start, at_the_start, {row: i for i, row in enumerate(scoped)}, present)

    directory = Directory(
        seed=seed, clock=clock, trace=trace, population=start, domains=(scenario.organisation.domain,)
    )
    if targets is not None:
        targets.user_id = directory.user_id
    applications = Applications(directory, seed)
    quirks = scenario.target.quirks
    profile = replace(
        AWS,
        users_quota=scenario.target.users_quota,
        strict_booleans="strict_booleans" in quirks,
        removal_empties_group="removal_empties_group" in quirks,
        inactive_leave_groups="inactive_leave_groups" in quirks,
    )
    provider = ServiceProvider(seed=seed, clock=clock, trace=trace, profile=profile, population=targets)
    instance = Instance(seed=seed, clock=clock, trace=trace, store=provider, region=REGION)
    application = applications.instantiate()
    services = Services(clock, trace, Tokens(seed), directory, applications, application, provider, instance)
    services.doors.rules = session_rules(scenario)
    services.faults = faults_of(scenario, clock, seed, replication)

    for name, assigned in names.items():
        group = directory.create_group(group_attributes(name))
        if assigned:
            applications.assign(application.id, GROUP_PRINCIPAL, group.row)
    for account in scenario.target.accounts:
        instance.add_account(account)
    by_hand = scenario.target.set_up == "by_hand"
    done_later = {action.do for action in scenario.timeline}
    if by_hand or "save_credentials" in done_later:
        applications.save_secrets(application.id, {ADDRESS: ""})  # a job that nobody has configured
    instance.console.begin(
        enabled=not by_hand and "aws_enable" not in done_later,
        external=not by_hand and "aws_identity_source" not in done_later,
        provisioning=not by_hand and "aws_automatic_provisioning" not in done_later,
        token_life=scenario.target.token_life,
    )
    created_later = {a.permission_set for a in scenario.timeline if isinstance(a, AwsCreatePermissionSet)}
    if by_hand:
        held = {assignment.permission_set for assignment in scenario.before.assignments}
        created_later |= {e.permission_set for entries in access.catalogue.values() for e in entries} - held
    for spec in scenario.target.permission_sets:
        if spec.name in created_later:
            instance.plan_permission_set(spec.name)
            continue
        permission_set = instance.create_permission_set(spec.name, session=spec.session)
        for managed in spec.managed_policies:
            instance.attach_managed_policy(permission_set.arn, managed)

    state = _job_state(directory, provider, start, targets, in_sync)
    entitling = entitling_roles(scenario.provisioning, application)
    view = View(directory, applications, application.id, provider, instance, state, targets, entitling)
    mappings = rules_of(scenario.provisioning, user_map, group_map)
    judging = Judging(mappings, treatment(scenario.provisioning), options(services, scenario.provisioning))
    view.work_by(judging.current)
    register = Register(start)
    truth = Truth(policy, instance, directory)
    for group in directory.groups:
        truth.know_group(group.row)
    ledger = Ledger(
        clock=clock,
        instance=instance,
        beginning=start or _Nobody(),
        size=start.size if start else 0,
        headcount=Headcount(clock, start.people if start else None),
    )
    divergence = Divergence(directory, provider, view, user_map, group_map)
    mappings.listeners.append(divergence.everything)
    stale = StaleAccess(clock, ledger, scenario.organisation.stale_after)
    observer = Observer(
        directory=directory,
        provider=provider,
        instance=instance,
        register=register,
        ledger=ledger,
        divergence=divergence,
        stale=stale,
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
    causes = Causes(directory, instance, view, hr)
    ledger.judge = observer.backlog.causes = causes
    parts = Parts(
        scenario, services, policy, group_rows, start, schedule, register, truth, ledger, divergence, observer, stale,
        hr, view, state, user_map, group_map, mappings, judging, dict.fromkeys(access.catalogue),
    )  # fmt: skip
    if in_sync:
        for name in names:
            group = directory.groups[group_rows[name]]
            if view.group_in_scope(group.row):
                wanted = group_map.apply({**group.attributes, "id": group.id})
                target = provider.create_group(wanted)
                state.groups.set(group.id, target.id)
                set_up_target_group(parts, causes, target.id)
    if start is not None and targets is not None:
        start.in_target(targets, [instance.of_groups(groups) for groups in targets.groups_by_key])
    people_before(parts, in_sync=in_sync)
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
        return directory.user_id(targets.source(row)) if row is not None and row < targets.size else None

    def members(group: str) -> Iterable[str]:
        row = directory.group_row(group)
        return [directory.user_id(m) for m in start.members(row)] if row is not None else []

    return JobState(Links(target, source, targets.size), Links(), Members(members))


def _source_of(targets: TargetPeople | None) -> Callable[[int], int | None]:
    if targets is None:
        return lambda row: None
    return lambda row: targets.source(row) if row < targets.size else None


def _start_groups(start: StartingPeople | None) -> Callable[[int], tuple[int, ...] | None]:
    if start is None:
        return lambda row: None
    return lambda row: start.groups(row) if row < start.size else None


def _begin_observing(parts: Parts) -> None:
    """From here on every change is heard; what stands now is where the people of the scenario file begin."""
    services, observer = parts.services, parts.observer
    directory, provider = services.directory, services.provider
    base = parts.start.size if parts.start is not None else 0
    services.clock.now = Millis(0)
    for group in directory.groups:
        observer.begin_group(group.row)
    if parts.start is not None:
        _begin_population(parts, parts.start)
    for row in range(base, directory.users_count):
        observer.begin_account(row)
    for row in range(provider.base_size, provider.users_made):
        observer.begin_target(row)
    observer.active_users.set(0, provider.active_count)
    directory.listener = observer
    provider.listener = observer
    instance = services.instance
    instance.listener = observer
    parts.state.users.listener = observer.user_linked
    parts.state.groups.listener = observer.group_linked
    if parts.scenario.target.sessions is not None:
        services.doors.listen()


def _begin_population(parts: Parts, start: StartingPeople) -> None:
    """Of the generated people only those get a record who do not hold exactly what they should."""
    ledger, truth = parts.ledger, parts.truth
    start.entitle(truth.of_names)
    for row in start.waiting():
        ledger.settle(ledger.person(row))
    for exception in parts.scenario.organisation.access.exceptions:
        number = start.people.row_of_user_principal_name(exception.person) if "@" in exception.person else None
        if number is not None:
            truth.allow(number, exception.permission_set, exception.account)
    for number in truth.exceptions:
        if number < start.size:
            person = ledger.person(number)
            person.entitled = truth.of_facts(number, start.facts(number))
            ledger.settle(person)
    if parts.scenario.start_state == "empty":
        for row in range(start.size):
            parts.divergence.user(row)
