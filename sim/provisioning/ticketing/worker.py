"""Somebody works a ticket: by hand, in the target's console.

Invariant: gives only what the ticket asks for and the directory still gives, and takes only what the directory does not
give any more; a ticket that a later change has overtaken does no harm. Every act in the console is a manual step.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

from mockservices.errors import ServiceError
from mockservices.graph.directory import Directory
from mockservices.identitycenter.entities import USER
from mockservices.identitycenter.instance import Instance
from mockservices.scim.operations import AddMembers, Path, RemoveMembers, SetAttribute, Value
from mockservices.scim.provider import CONSOLE, ServiceProvider
from sim.observation.ledger import Ledger
from sim.observation.person import Person
from sim.provisioning.ticketing.ticket import GOING, JOINER, MOVER, NOTHING_TO_DO, REFUSED, REVIEW, WORKED, Ticket
from sim.workforce.register import Register
from sim.workforce.truth import Truth

Ends = Literal["unassign", "disable", "delete"]
_ACTIVE: Final = Path("active")


class Worker:
    """Whoever works tickets, with AWS's console open on one side and Entra on the other."""

    def __init__(
        self,
        *,
        directory: Directory,
        provider: ServiceProvider,
        instance: Instance,
        register: Register,
        ledger: Ledger,
        truth: Truth,
        memberships: bool,
        ends: Ends,
        named_by: str,
        did: Callable[[str], None],
        overlooks: Callable[[Ticket, int], bool],
    ) -> None:
        """Work on one target.

        ``memberships``: whether access is given by group. ``named_by``: the Graph property that a new user is called
        by. ``did``: told of every act. ``overlooks``: whether this grant is not seen by whoever works this ticket.
        """
        self._directory = directory
        self._provider = provider
        self._instance = instance
        self._register = register
        self._ledger = ledger
        self._truth = truth
        self._memberships = memberships
        self._ends = ends
        self._named_by = named_by
        self._did = did
        self._overlooks = overlooks
        self._acts = 0

    def work(self, ticket: Ticket) -> tuple[str, int]:
        """Do what a ticket asks for, as far as it is still to be done: how that ended, and acts in the console."""
        self._acts = 0
        person = self._ledger.person(ticket.person)
        try:
            if ticket.kind in GOING:
                self._end(ticket, person)
            elif ticket.kind == REVIEW:
                for grant in sorted(ticket.lost & frozenset(person.orphans)):
                    self._take(person, grant)
            else:
                given = self._truth.of_account(person.number, person.row)
                self._give(person, sorted(ticket.gained & given))
                if not ticket.keeps:
                    for grant in sorted(ticket.lost - given):
                        self._take(person, grant)
        except ServiceError:
            return REFUSED, self._acts
        return (WORKED if self._acts else NOTHING_TO_DO), self._acts

    def _act(self, action: str) -> None:
        self._acts += 1
        self._did(action)

    # --- giving ------------------------------------------------------------------------------------------

    def _give(self, person: Person, grants: list[int]) -> None:
        wanted = [grant for grant in grants if grant not in person.effective and self._can_be_assigned(grant)]
        if not wanted:
            return
        row = self._user(person)
        if self._memberships:
            self._join(person, row)
            return
        for grant in wanted:
            if grant in person.effective:
                continue  # a user that was switched on again has kept it
            account, permission_set = self._instance.grant_parts(grant)
            identifier = self._provider.user_id(row)
            self._instance.create_assignment(USER, identifier, account.id, permission_set.arn)
            self._act("aws_assign")

    def _can_be_assigned(self, grant: int) -> bool:
        """Whether the permission set is there, and not only planned."""
        return self._instance.grant_parts(grant)[1] in self._instance.permission_sets

    def _user(self, person: Person) -> int:
        """The person's user in the target, switched on, or made now."""
        provider = self._provider
        row = next((row for row in person.targets if provider.exists(row)), None)
        if row is None:
            return self._create(person)
        if not provider.is_active(row):
            provider.apply_to_user(row, (SetAttribute(_ACTIVE, True),))
            self._act("aws_enable_user")
        return row

    def _create(self, person: Person) -> int:
        provider, row = self._provider, self._provider.users_made
        said = self._directory.attributes_of(person.row)
        self._register.own_target(row, person.number)
        try:
            provider.create_user(hand_made(said, self._free_name(str(said[self._named_by]))), origin=CONSOLE)
        except ServiceError:
            self._register.disown_target(row)
            raise
        self._act("aws_create_user")
        return row

    def _free_name(self, wanted: str) -> str:
        """The name itself, or with the first number that makes it unique."""
        name, number = wanted, 1
        while self._provider.user_row_by("userName", name) is not None:
            number += 1
            local, at, domain = wanted.partition("@")
            name = f"{local}{number}{at}{domain}"
        return name

    def _join(self, person: Person, row: int) -> None:
        """Put the person's user into the groups that the account is in, as far as they give anything."""
        for group in self._directory.groups_of(person.row):
            name = self._truth.group_name(group)
            if not self._truth.of_names((name,)):
                continue
            target = self._provider.group_by("displayName", name)
            if target is None:
                target = self._provider.create_group({"displayName": name}, origin=CONSOLE)
                self._act("aws_create_group")
            if self._provider.apply_to_group(target.row, (AddMembers((self._provider.user_id(row),)),)):
                self._act("aws_add_member")

    # --- taking ------------------------------------------------------------------------------------------

    def _end(self, ticket: Ticket, person: Person) -> None:
        """Somebody has gone: everything goes, or what the account gives no more if it is back by now."""
        if person.row >= 0 and self._directory.is_enabled(person.row):
            given = self._truth.of_account(person.number, person.row)
            for grant in sorted((person.effective | person.suspended) - given):
                if not self._overlooks(ticket, grant):
                    self._take(person, grant)
            return
        for row in person.targets:
            if self._ends == "delete" and self._provider.exists(row):
                self._provider.delete_user(row)
                self._act("aws_delete_user")
            elif self._ends == "disable" and self._provider.is_active(row):
                self._provider.apply_to_user(row, (SetAttribute(_ACTIVE, False),))
                self._act("aws_disable_user")
        if self._ends == "unassign":
            for grant in sorted(person.effective | person.suspended):
                if not self._overlooks(ticket, grant):
                    self._take(person, grant)

    def _take(self, person: Person, grant: int) -> None:
        """Take a grant from a person's users: what is assigned to them, and memberships that give it."""
        provider, instance = self._provider, self._instance
        account, permission_set = instance.grant_parts(grant)
        wanted = self._wanted_groups(person)
        for row in person.targets:
            if not provider.exists(row):
                continue
            identifier = provider.user_id(row)
            if grant in instance.direct(row):
                instance.delete_assignment(USER, identifier, account.id, permission_set.arn)
                self._act("aws_unassign")
            for group in provider.groups_of(row):
                if grant in instance.of_groups((group,)) and str(
                    provider.groups[group].attributes["displayName"]
                ) not in wanted and provider.apply_to_group(group, (RemoveMembers((identifier,)),)):  # fmt: skip
                    self._act("aws_remove_member")

    def _wanted_groups(self, person: Person) -> dict[str, None]:
        """Names of the groups that the person's account is in, if it is enabled."""
        directory = self._directory
        if person.row < 0 or not directory.is_enabled(person.row):
            return {}
        return {self._truth.group_name(group): None for group in directory.groups_of(person.row)}


def hand_made(said: object, name: str) -> dict[str, Value]:
    """What is typed in when a user is made by hand, from what the directory says of an account."""
    held: dict[str, object] = dict(said)  # type: ignore[call-overload] # a mapping of Graph properties
    given, family = str(held.get("givenName") or ""), str(held.get("surname") or "")
    shown = str(held.get("displayName") or f"{given} {family}".strip() or name)
    return {
        "userName": name,
        "displayName": shown,
        "name.givenName": given or shown,
        "name.familyName": family or shown,
    }


__all__ = ["JOINER", "MOVER", "Ends", "Worker", "hand_made"]
