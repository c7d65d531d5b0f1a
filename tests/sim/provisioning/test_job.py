"""The job on its own: a scripted source is read, requests come out, scripted answers go in; no world, no time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from mockservices.clock import Clock, Millis
from mockservices.scim.operations import AddMembers, RemoveMembers, SetAttribute
from sim.ports import (
    GROUP,
    USER,
    Answer,
    Create,
    Delta,
    Find,
    Get,
    Patch,
    Refers,
    Request,
    SourceGroup,
    SourceUser,
    TargetGroup,
    TargetUser,
)
from sim.provisioning.job import Job, Settings
from sim.provisioning.log import FAILURE, SKIPPED, SUCCESS, ProvisioningLog
from sim.provisioning.mapping import GROUP_MAPPINGS, USER_MAPPINGS, AttributeMap
from sim.provisioning.state import Escrow, JobState, Links, Members
from sim.provisioning.tally import Tally

HOUR = 3_600_000


def account(name: str, *, enabled: bool = True, removed: str | None = None, **more: Any) -> SourceUser:
    attributes = {"userPrincipalName": f"{name}@contoso.example", "displayName": name, "mailNickname": name, **more}
    return SourceUser(name, enabled, {} if removed else attributes, removed)


@dataclass
class ScriptedSource:
    """A directory as the test says it is."""

    users: dict[str, SourceUser] = field(default_factory=dict)
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Group id, which is also its name, to its members."""
    in_scope: tuple[tuple[str, str], ...] = ()
    delta: Delta = field(default_factory=lambda: Delta((), (), "1"))

    def changes(self, watermark: str | None) -> Delta:
        return self.delta

    def latest(self) -> str:
        return self.delta.watermark

    def assigned(self) -> tuple[tuple[str, str], ...]:
        return self.in_scope

    def binned(self) -> tuple[str, ...]:
        return tuple(sorted(name for name, user in self.users.items() if user.removed == "changed"))

    def user(self, identifier: str) -> SourceUser:
        return self.users.get(identifier) or SourceUser(identifier, False, {}, "deleted")

    def group(self, identifier: str) -> SourceGroup:
        if identifier not in self.groups:
            return SourceGroup(identifier, {}, (), "deleted")
        return SourceGroup(identifier, {"displayName": identifier})

    def members(self, group: str) -> tuple[str, ...]:
        return self.groups.get(group, ())

    def groups_of(self, user: str) -> tuple[str, ...]:
        return tuple(group for group, members in self.groups.items() if user in members)


@dataclass
class Heard:
    """What a watcher was told."""

    told: list[tuple[str, Any]] = field(default_factory=list)

    def picked_up(self, users: Iterable[str], *, cycle: bool) -> None:
        self.told.append(("picked_up", tuple(users)))

    def failed(self, user: str, *, member: bool | None = None) -> None:
        self.told.append(("failed", user if member is None else (user, member)))

    def settled(self, users: Iterable[str], *, cycle: bool) -> None:
        self.told.append(("settled", tuple(users)))


class Bench:
    """A job, a source, and a target that answers what it is asked, or what the test says."""

    def __init__(self, source: ScriptedSource, *, watermark: str | None = "0", **settings: Any) -> None:
        self.heard = Heard()
        self.log = ProvisioningLog()
        self.state = JobState(Links(), Links(), Members(), watermark, source.in_scope)
        maps = AttributeMap(USER_MAPPINGS), AttributeMap(GROUP_MAPPINGS)
        self.clock = Clock(datetime(2026, 3, 2, tzinfo=UTC))
        self.job = Job(
            clock=self.clock,
            source=source,
            state=self.state,
            settings=Settings(*maps, **settings),
            watcher=self.heard,
            log=self.log,
        )
        self.source = source
        self.target: dict[str, TargetUser | TargetGroup] = {}
        self.refuse: dict[str, int] = {}
        """A request, as :func:`words` has it, to the status of its refusal."""
        self.refers: set[tuple[str, str]] = set()
        """Who has whom as manager in the target."""
        self.sent: list[str] = []

    def link(self, *names: str, active: bool = True) -> None:
        """These users are provisioned, just as the source has them."""
        for name in names:
            wanted = AttributeMap(USER_MAPPINGS).apply(self.source.user(name).attributes)
            self.target[f"T{name}"] = TargetUser(f"T{name}", wanted, active)
            self.state.users.set(name, f"T{name}")

    def link_group(self, *names: str) -> None:
        for name in names:
            self.target[f"T{name}"] = TargetGroup(f"T{name}", {"displayName": name, "externalId": name})
            self.state.groups.set(name, f"T{name}")

    def forget_assignments(self) -> None:
        """As if nothing had been assigned in the last cycle."""
        self.state.assigned = ()

    def cycle(self) -> list[str]:
        """Run one cycle; what was sent."""
        self.sent = []
        self.job.progress.tally = Tally()
        agenda = self.job.begin_cycle(1)
        if agenda.empty:
            self.job.pass_over(agenda)
            return []
        work = self.job.work(agenda)
        try:
            request = next(work)
            while True:
                self.job.progress.tally.requests += 1
                request = work.send(self.answer(request))
        except StopIteration:
            return self.sent

    def on_demand(self, name: str) -> bool:
        """Provision one user now; whether it came through."""
        work = self.job.on_demand(name)
        try:
            request = next(work)
            while True:
                request = work.send(self.answer(request))
        except StopIteration as stop:
            return bool(stop.value)

    def answer(self, request: Request) -> Answer:
        said = words(request)
        self.sent.append(said)
        if said in self.refuse:
            return Answer(self.refuse[said])
        if isinstance(request, Get):
            found = self.target.get(request.id)
            return Answer(404) if found is None else Answer(200, (found,))
        if isinstance(request, Refers):
            found = self.target.get(request.id) if (request.id, request.value) in self.refers else None
            return Answer(200, () if found is None else (found,))
        if isinstance(request, Find):
            matches = [each for each in self.target.values() if each.attributes.get(request.attribute) == request.value]
            return Answer(200, tuple(matches))
        if isinstance(request, Create):
            name = str(request.attributes["displayName"])
            kind = TargetUser if request.kind == USER else TargetGroup
            made = TargetUser(f"T{name}", request.attributes, True) if kind is TargetUser else None
            created: TargetUser | TargetGroup = made or TargetGroup(f"T{name}", request.attributes)
            self.target[created.id] = created
            return Answer(201, (created,))
        return Answer(204)


def words(request: Request) -> str:
    """A request in a few words: ``find ann``, ``patch Tann active displayName``, ``patch TG +Tann -Tbob``."""
    if isinstance(request, Find):
        return f"find {request.value.partition('@')[0]}"
    if isinstance(request, Create):
        return f"create {request.attributes['displayName']}"
    if isinstance(request, Patch):
        said = []
        for operation in request.operations:
            if isinstance(operation, AddMembers | RemoveMembers):
                said += [("+" if isinstance(operation, AddMembers) else "-") + each for each in operation.ids]
            elif isinstance(operation, SetAttribute):
                said.append(str(operation.path))
        return f"patch {request.id} {' '.join(said)}"
    return f"{type(request).__name__.lower()} {getattr(request, 'id', '')}"


def changed(*users: SourceUser, groups: Mapping[str, tuple[tuple[str, bool], ...]] | None = None) -> Delta:
    """What a delta query tells."""
    told = tuple(SourceGroup(name, {"displayName": name}, members) for name, members in (groups or {}).items())
    return Delta(users, told, "1")


def company(*names: str, **groups: tuple[str, ...]) -> ScriptedSource:
    """People by name, and groups that are all in scope."""
    scope = tuple((GROUP, group) for group in groups)
    return ScriptedSource({name: account(name) for name in names}, groups, scope)


# --- reading ---------------------------------------------------------------------------------------------


def test_a_cycle_without_changes_sends_nothing_and_moves_the_watermark() -> None:
    bench = Bench(company("ann", G=("ann",)))
    assert bench.cycle() == []
    assert bench.state.watermark == "1"
    assert bench.heard.told == [("picked_up", ())]


def test_users_come_first_then_groups_then_memberships() -> None:
    source = company("ann", "bob", G=("ann",), H=("bob",))
    source.delta = changed(account("ann"), account("bob"), groups={"G": (("ann", True),), "H": (("bob", True),)})
    assert Bench(source, watermark=None).cycle() == [
        "find ann", "create ann", "find bob", "create bob",
        "find G", "create G", "find H", "create H",
        "patch TG +Tann", "patch TH +Tbob",
    ]  # fmt: skip


def test_additions_come_before_removals_in_requests_of_the_set_size() -> None:
    source = company("a", "b", "c", "d", G=("a", "b", "c"))
    source.delta = changed(groups={"G": (("d", False), ("a", True), ("b", True), ("c", True))})
    bench = Bench(source, members_per_patch=2)
    bench.link("a", "b", "c")
    bench.link("d", active=False)
    bench.link_group("G")
    assert bench.cycle() == [
        "get Td", "get Ta", "get Tb", "get Tc",
        "get TG",
        "patch TG +Ta +Tb", "patch TG +Tc", "patch TG -Td",
    ]  # fmt: skip


def test_a_group_is_read_before_its_members_change_and_only_once() -> None:
    """Not when it has just been made: then the job knows it."""
    source = company("ann", G=("ann",))
    source.delta = changed(account("ann"), groups={"G": (("ann", True),)})
    assert Bench(source).cycle() == ["find ann", "create ann", "find G", "create G", "patch TG +Tann"]


def test_who_is_out_of_scope_is_passed_over() -> None:
    source = company("ann", "bob", G=("ann",))
    source.delta = changed(account("bob"))
    bench = Bench(source)
    assert bench.cycle() == []
    assert [(row.status, row.reason) for row in bench.log.rows] == [(SKIPPED, "NotEffectivelyEntitled")]
    assert bench.job.tally.objects == 0


def test_a_member_who_is_not_provisioned_is_left_out_and_forgotten() -> None:
    """A documented blind spot: https://learn.microsoft.com/entra/identity/app-provisioning/known-issues"""
    source = company("ann", G=("ann",))
    source.users["ann"] = account("ann", enabled=False)
    source.delta = changed(groups={"G": (("ann", True),)})
    bench = Bench(source)
    bench.link_group("G")
    assert bench.cycle() == ["get TG"]
    assert bench.state.escrows == {}


def test_a_principal_that_was_assigned_brings_its_members_along() -> None:
    source = company("ann", G=("ann",))
    bench = Bench(source)
    bench.forget_assignments()
    assert bench.cycle() == ["find ann", "create ann", "find G", "create G", "patch TG +Tann"]
    assert bench.state.assigned == ((GROUP, "G"),)
    assert bench.cycle() == []


def test_an_unassigned_group_is_deleted_and_its_members_looked_at() -> None:
    """Ann has another path into scope, bob has none."""
    source = company("ann", "bob", G=("ann", "bob"), H=("ann",))
    source.delta = changed(groups={"G": (("ann", True), ("bob", True)), "H": (("ann", True),)})
    bench = Bench(source, watermark=None)
    bench.cycle()
    source.delta = Delta((), (), "2")
    source.in_scope = ((GROUP, "H"),)
    assert bench.cycle() == ["get Tann", "get Tbob", "patch Tbob active", "delete TG"]


def test_who_is_assigned_directly_is_in_scope() -> None:
    source = company("ann")
    source.in_scope = ((USER, "ann"),)
    bench = Bench(source)
    bench.state.assigned = ()
    assert bench.cycle() == ["find ann", "create ann"]


def test_a_restart_finds_members_and_groups_that_are_there_no_longer() -> None:
    source = company("ann", "bob", G=("ann", "bob"), H=("ann",))
    source.delta = changed(groups={"G": (("ann", True), ("bob", True)), "H": (("ann", True),)})
    bench = Bench(source, watermark=None)
    bench.cycle()
    bench.job.restart()
    source.groups["G"] = ("ann",)
    source.in_scope = ((GROUP, "G"),)
    source.delta = changed(account("ann"), account("bob"), groups={"G": (("ann", True),)})
    sent = bench.cycle()
    assert sent[-4:] == ["get TG", "delete TH", "patch TG +Tann", "patch TG -Tbob"]
    assert "patch Tbob active" in sent


def test_a_restart_during_a_cycle_outlives_it() -> None:
    source = company("ann", G=("ann",))
    source.delta = changed(account("ann"))
    bench = Bench(source)
    agenda = bench.job.begin_cycle(1)
    work = bench.job.work(agenda)
    next(work)
    bench.job.restart()
    with pytest.raises(StopIteration):
        work.send(Answer(500))
    assert bench.state.watermark is None


# --- matching --------------------------------------------------------------------------------------------


def test_a_user_with_the_same_name_is_matched_and_brought_up_to_date() -> None:
    source = company("ann", G=("ann",))
    source.delta = changed(account("ann"))
    bench = Bench(source)
    bench.target["X"] = TargetUser("X", {"userName": "ann@contoso.example", "displayName": "Anna"}, False)
    assert bench.cycle() == ["find ann", "patch X displayName name.formatted externalId active"]
    assert bench.state.users.get("ann") == "X"
    assert (bench.job.tally.users_matched, bench.job.tally.users_created) == (1, 0)


def test_a_group_with_the_same_name_is_matched_and_brought_up_to_date() -> None:
    source = company("ann", G=("ann",))
    source.delta = changed(groups={"G": (("ann", True),)})
    bench = Bench(source)
    bench.link("ann")
    bench.target["X"] = TargetGroup("X", {"displayName": "G"})
    assert bench.cycle() == ["get Tann", "find G", "patch X externalId", "patch X +Tann"]
    assert (bench.job.tally.groups_created, bench.job.tally.groups_updated) == (0, 1)


def test_two_users_with_the_same_name_are_a_failure() -> None:
    source = company("ann", G=("ann",))
    source.delta = changed(account("ann"))
    bench = Bench(source)
    for name in ("X", "Y"):
        bench.target[name] = TargetUser(name, {"userName": "ann@contoso.example"}, True)
    bench.cycle()
    assert [(row.status, row.reason) for row in bench.log.rows] == [(FAILURE, "DuplicateTargetEntries")]


def test_nothing_to_change_is_a_skipped_row() -> None:
    source = company("ann", G=("ann",))
    source.delta = changed(account("ann"))
    bench = Bench(source)
    bench.link("ann")
    assert bench.cycle() == ["get Tann"]
    assert [(row.status, row.reason, row.requests) for row in bench.log.rows] == [(SKIPPED, "RedundantExport", 1)]


def test_an_object_that_belongs_to_somebody_who_is_still_there_is_not_taken_over() -> None:
    """https://learn.microsoft.com/entra/identity/monitoring-health/howto-analyze-provisioning-logs"""
    source = company("ann", "ben", G=("ann", "ben"))
    bench = Bench(source)
    bench.link("ann")
    source.delta = changed(account("ben", userPrincipalName="ann@contoso.example"))
    assert bench.cycle() == ["find ann"]
    assert [(row.status, row.reason) for row in bench.log.rows] == [(FAILURE, "DuplicateSourceEntries")]
    assert (bench.state.users.get("ann"), bench.state.users.get("ben")) == ("Tann", None)


@pytest.mark.parametrize("left", ["deleted", "unassigned"])
def test_a_leftover_is_adopted_and_activated(left: str) -> None:
    source = company("ann", "ben", G=("ann", "ben"))
    bench = Bench(source)
    bench.link("ann", active=False)
    if left == "deleted":
        source.users["ann"] = account("ann", removed="changed")
    else:
        bench.state.released["ann"] = None
    source.delta = changed(account("ben", userPrincipalName="ann@contoso.example"))
    sent = bench.cycle()
    assert sent[0] == "find ann"
    assert sent[1].startswith("patch Tann")
    assert sent[1].endswith("active")
    assert (bench.state.users.get("ann"), bench.state.users.get("ben")) == (None, "Tann")
    assert bench.state.released == {}


def test_two_groups_of_one_name_do_not_share_an_object() -> None:
    """Entra lets them have one; the target does not."""
    source = company("ann", G=("ann",), H=("ann",))
    told = (SourceGroup("G", {"displayName": "Same"}), SourceGroup("H", {"displayName": "Same"}))
    source.delta = Delta((), told, "1")
    bench = Bench(source)
    assert bench.cycle() == ["find Same", "create Same", "find Same"]
    assert [(row.status, row.reason) for row in bench.log.rows] == [(SUCCESS, ""), (FAILURE, "DuplicateSourceEntries")]


@pytest.mark.parametrize("name", [None, ""])
def test_a_group_without_a_name_is_not_provisioned_nor_its_members_through_it(name: str | None) -> None:
    source = company("ann", G=("ann",))
    source.users["ann"] = account("ann")
    source.delta = Delta((), (SourceGroup("G", {"displayName": name}, (("ann", True),)),), "1")
    bench = Bench(source)
    assert bench.cycle() == ["find ann", "create ann"]
    assert [(row.kind, row.status, row.reason) for row in bench.log.rows] == [
        (USER, SUCCESS, ""),
        (GROUP, SKIPPED, "ImportSkipped"),
    ]


def test_a_user_without_a_value_to_match_by_is_skipped_before_scope_is_looked_at() -> None:
    """She is not assigned either, but that is not what is told."""
    source = company("ann")
    source.delta = changed(account("ann", userPrincipalName=None))
    bench = Bench(source)
    assert bench.cycle() == []
    assert [(row.status, row.reason) for row in bench.log.rows] == [(SKIPPED, "ImportSkipped")]


def test_an_initial_cycle_finds_who_is_in_the_recycle_bin() -> None:
    """An enumeration does not tell of them; whoever has left the bin is found by nothing."""
    source = company("ann", "ben", G=())
    bench = Bench(source, watermark=None)
    bench.link("ann", "ben")
    source.users = {"ann": account("ann", removed="changed")}
    assert bench.cycle() == ["get Tann", "patch Tann active"]


# --- managers --------------------------------------------------------------------------------------------


def test_a_manager_who_fails_in_this_cycle_is_referred_to_when_he_comes_through() -> None:
    source = company("ann", "ben", G=("ann", "ben"))
    ann = SourceUser("ann", True, account("ann").attributes, None, "ben")
    source.users["ann"] = ann
    source.delta = changed(ann, account("ben"))
    bench = Bench(source)
    bench.refuse["create ben"] = 500
    assert bench.cycle() == ["find ann", "create ann", "find ben", "create ben"]
    del bench.refuse["create ben"]
    source.delta = Delta((), (), "2")
    assert bench.cycle()[-4:] == [
        "create ben",
        "get Tann",
        "refers Tann",
        "patch Tann urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
    ]


def test_a_manager_whom_the_target_has_already_is_not_sent() -> None:
    source = company("ann", "ben", G=("ann", "ben"))
    bench = Bench(source)
    bench.link("ann", "ben")
    bench.refers = {("Tann", "Tben")}
    source.delta = changed(SourceUser("ann", True, account("ann").attributes, None, "ben"))
    assert bench.cycle() == ["get Tann", "refers Tann"]
    assert bench.cycle() == ["get Tann"]  # nothing new about it


# --- leaving ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("removed", [None, "changed"])
def test_a_disabled_or_soft_deleted_user_is_disabled(removed: str | None) -> None:
    source = company("ann", G=("ann",))
    bench = Bench(source)
    bench.link("ann")
    source.users["ann"] = account("ann", enabled=False, removed=removed)
    source.delta = changed(source.users["ann"])
    assert bench.cycle() == ["get Tann", "patch Tann active"]
    assert bench.job.tally.users_disabled == 1
    assert bench.state.released == {}


def test_who_falls_out_of_scope_is_disabled_and_let_go_until_assigned_again() -> None:
    source = company("ann", G=("ann",))
    bench = Bench(source)
    bench.link("ann")
    bench.link_group("G")
    source.groups["G"] = ()
    source.delta = changed(groups={"G": (("ann", False),)})
    assert bench.cycle() == ["get Tann", "patch Tann active", "get TG", "patch TG -Tann"]
    source.delta = changed(account("ann", removed="deleted"))
    assert bench.cycle() == []  # purged, but not managed any more
    source.groups["G"] = ("ann",)
    source.delta = changed(account("ann"))
    bench.target["Tann"] = TargetUser("Tann", bench.target["Tann"].attributes, False)
    assert bench.cycle() == ["get Tann", "patch Tann active"]
    assert bench.state.released == {}


@pytest.mark.parametrize("status", [204, 404])
def test_a_purged_user_is_deleted_even_if_it_is_gone_already(status: int) -> None:
    source = company(G=())
    source.delta = changed(account("ann", removed="deleted"))
    bench = Bench(source)
    bench.state.users.set("ann", "Tann")
    if status == 404:
        bench.refuse["delete Tann"] = 404
    assert bench.cycle() == ["delete Tann"]
    assert bench.state.users.get("ann") is None
    assert bench.job.tally.users_deleted == (status == 204)
    assert bench.state.escrows == {}


# --- failing ---------------------------------------------------------------------------------------------


def test_a_user_that_failed_is_in_escrow_and_looked_at_again() -> None:
    source = company("ann", G=("ann",))
    source.delta = changed(account("ann"))
    bench = Bench(source)
    bench.refuse["create ann"] = 409
    bench.cycle()
    due = Millis(6 * HOUR)
    assert bench.state.escrows == {(USER, "ann"): Escrow(Millis(0), 1, due, "EntryConflict", own=True)}
    row = bench.log.rows[-1]
    assert (row.reason, row.tries, row.retry_at) == ("EntryConflict", 1, due)
    source.delta = Delta((), (), "2")
    bench.clock.now = Millis(6 * HOUR - 1)
    assert bench.cycle() == []
    bench.clock.now = due
    assert bench.cycle() == ["find ann", "create ann"]
    assert (bench.state.escrows[USER, "ann"].tries, bench.state.escrows[USER, "ann"].due) == (2, 12 * HOUR)
    bench.refuse.clear()
    bench.clock.now = Millis(12 * HOUR)
    assert bench.cycle() == ["find ann", "create ann"]
    assert bench.state.escrows == {}
    assert bench.cycle() == []


def test_whoever_watches_is_told_what_failed() -> None:
    source = company("ann", "bob", "cyd", G=("ann", "bob"))
    bench = Bench(source)
    bench.link("ann", "bob", "cyd")
    bench.link_group("G")
    source.delta = changed(account("ann", displayName="Anna"), groups={"G": (("bob", True), ("cyd", False))})
    bench.refuse = {"patch Tann displayName": 500, "patch TG +Tbob": 500, "patch TG -Tcyd": 500}
    bench.cycle()
    assert bench.heard.told == [
        ("picked_up", ("ann", "bob", "cyd")),
        ("failed", "ann"),
        ("failed", ("bob", True)),
        ("failed", ("cyd", False)),
        ("settled", ("ann", "bob", "cyd")),
    ]


def test_memberships_that_failed_are_sent_again_alone() -> None:
    source = company("a", "b", G=("a", "b"))
    source.delta = changed(groups={"G": (("a", True), ("b", True))})
    bench = Bench(source)
    bench.link("a", "b")
    bench.link_group("G")
    bench.refuse["patch TG +Ta"] = 503
    assert bench.cycle()[-2:] == ["patch TG +Ta", "patch TG +Tb"]
    bench.refuse.clear()
    source.delta = Delta((), (), "2")
    assert bench.cycle() == ["get Ta", "get TG", "patch TG +Ta"]
    assert bench.cycle() == []


def test_a_newer_word_about_a_membership_overrules_the_one_that_failed() -> None:
    source = company("a", G=("a",))
    source.delta = changed(groups={"G": (("a", True),)})
    bench = Bench(source)
    bench.link("a")
    bench.link_group("G")
    bench.refuse["patch TG +Ta"] = 503
    bench.cycle()
    source.delta = changed(groups={"G": (("a", False),)})
    source.groups["G"] = ()
    assert bench.cycle()[-1] == "patch TG -Ta"
    assert bench.state.escrows == {}


def test_memberships_wait_for_a_group_that_could_not_be_created() -> None:
    source = company("ann", G=("ann",))
    source.delta = changed(account("ann"), groups={"G": (("ann", True),)})
    bench = Bench(source)
    bench.refuse["create G"] = 500
    assert bench.cycle() == ["find ann", "create ann", "find G", "create G"]
    bench.refuse.clear()
    source.delta = Delta((), (), "2")
    assert bench.cycle() == ["get Tann", "find G", "create G", "patch TG +Tann"]
    assert bench.cycle() == []


def test_memberships_wait_for_a_user_that_could_not_be_created() -> None:
    source = company("ann", G=("ann",))
    source.delta = changed(account("ann"), groups={"G": (("ann", True),)})
    bench = Bench(source)
    bench.link_group("G")
    bench.refuse["create ann"] = 500
    assert bench.cycle() == ["find ann", "create ann", "get TG"]
    bench.refuse.clear()
    source.delta = Delta((), (), "2")
    assert bench.cycle() == ["find ann", "create ann", "get TG", "patch TG +Tann"]


@pytest.mark.parametrize("refused", ["find G", "create G"])
def test_a_group_in_escrow_that_was_unassigned_meanwhile_is_forgotten(refused: str) -> None:
    source = company("ann", G=("ann",))
    source.delta = changed(groups={"G": ()})
    bench = Bench(source)
    bench.refuse[refused] = 500
    bench.cycle()
    assert (GROUP, "G") in bench.state.escrows
    source.delta = Delta((), (), "2")
    source.in_scope = bench.state.assigned = ()
    assert bench.cycle() == []
    assert bench.state.escrows == {}


def test_a_group_that_could_be_read_again_is_out_of_escrow() -> None:
    source = company("ann", G=("ann",))
    source.delta = changed(groups={"G": ()})
    bench = Bench(source)
    bench.link_group("G")
    bench.refuse["get TG"] = 500
    bench.cycle()
    bench.refuse.clear()
    source.delta = Delta((), (), "2")
    assert bench.cycle() == ["get TG"]
    assert bench.cycle() == []


def test_a_group_whose_attributes_were_refused_is_patched_again() -> None:
    source = company("ann", G=("ann",))
    source.delta = changed(groups={"G": ()})
    bench = Bench(source)
    bench.target["TG"] = TargetGroup("TG", {"displayName": "Old", "externalId": "G"})
    bench.state.groups.set("G", "TG")
    bench.refuse["patch TG displayName"] = 500
    assert bench.cycle() == ["get TG", "patch TG displayName"]
    bench.refuse.clear()
    source.delta = Delta((), (), "2")
    assert bench.cycle() == ["get TG", "patch TG displayName"]
    assert bench.state.escrows == {}


def test_an_unknown_status_has_a_code_too() -> None:
    source = company("ann", G=("ann",))
    source.delta = changed(account("ann"))
    bench = Bench(source)
    bench.refuse["find ann"] = 418
    bench.cycle()
    assert bench.log.rows[-1].reason == "InternalError"


# --- the rest --------------------------------------------------------------------------------------------


def test_the_connection_is_probed_first_when_asked_for() -> None:
    source = company("ann", G=("ann",))
    source.delta = changed(account("ann"))
    assert Bench(source, connection_probe=True).cycle()[0] == "find probe-1"


def test_every_object_acted_on_leaves_one_row_with_its_requests() -> None:
    source = company("ann", G=("ann",))
    source.delta = changed(account("ann"), groups={"G": (("ann", True),)})
    bench = Bench(source)
    bench.cycle()
    rows = [(row.kind, row.action, row.status, row.requests) for row in bench.log.rows]
    assert rows == [(USER, "create", SUCCESS, 2), (GROUP, "create", SUCCESS, 2), (GROUP, "update", SUCCESS, 1)]


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        (account("ann"), ["find ann", "create ann"]),
        (account("ann", enabled=False), []),
        (account("ann", removed="changed"), []),
    ],
)
def test_on_demand_does_no_more_than_a_cycle_would(user: SourceUser, expected: list[str]) -> None:
    """https://learn.microsoft.com/entra/identity/app-provisioning/provision-on-demand"""
    source = company(G=("ann",))
    source.users["ann"] = user
    bench = Bench(source)
    assert bench.on_demand("ann") == bool(expected)
    test, *sent = bench.sent or [""]
    assert sent == expected
    assert test.startswith("find ") == bool(expected)  # somebody who is not there
