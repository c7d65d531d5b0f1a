"""A company of one account, three permission sets, one group and Ann, whose time is told in minutes."""

from __future__ import annotations

from typing import Any

from mockservices.clock import Millis
from mockservices.identitycenter.sessions.access import Verdict
from mockservices.identitycenter.sessions.records import PortalSession
from mockservices.identitycenter.sessions.rules import SessionRules
from mockservices.scim.operations import AddMembers, Path, RemoveMembers, SetAttribute
from mockservices.testing import make_services

MINUTE = 60_000
UPN = "ann@contoso.example"


def minutes(number: float) -> Millis:
    return Millis(round(number * MINUTE))


class Company:
    """Ann is an Operator on ``prod`` through the group ``operators``, an Auditor by an assignment of her own."""

    def __init__(self, **rules: Any) -> None:
        self.services = make_services()
        self.instance = self.services.instance
        self.doors = self.services.doors
        self.doors.rules = SessionRules(**rules)
        self.account = self.instance.add_account("prod").id
        names = ("Operator", "Auditor", "Breakglass")
        self.sets = {name: self.instance.create_permission_set(name, session=minutes(720)).arn for name in names}
        properties = {"userPrincipalName": UPN, "displayName": "Ann", "mailNickname": "ann"}
        self.directory_row = self.services.directory.create_user(dict(properties)).row
        self.user = self.new_user(UPN)
        self.group = self.services.provider.create_group({"displayName": "operators"}, [self.id]).row
        self.assign("Operator", group=True)
        self.assign("Auditor")

    def new_user(self, name: str) -> int:
        names = {"userName": name, "name.givenName": "Ann", "name.familyName": "Test", "displayName": "Ann Test"}
        return self.services.provider.create_user(names).row

    @property
    def id(self) -> str:
        return self.services.provider.user_id(self.user)

    def _principal(self, group: bool) -> tuple[str, str]:
        return ("GROUP", self.services.provider.groups[self.group].id) if group else ("USER", self.id)

    def assign(self, name: str, *, group: bool = False) -> None:
        self.instance.create_assignment(*self._principal(group), self.account, self.sets[name])

    def unassign(self, name: str, *, group: bool = False) -> None:
        self.instance.delete_assignment(*self._principal(group), self.account, self.sets[name])

    def at(self, minute: float) -> None:
        self.services.clock.now = minutes(minute)

    # --- acts --------------------------------------------------------------------------------------------

    def disable_in_directory(self, enabled: bool = False) -> None:
        self.services.directory.update_user(self.directory_row, {"accountEnabled": enabled})

    def set_active(self, active: bool) -> None:
        self.services.provider.apply_to_user(self.user, [SetAttribute(Path("active"), active)])

    def rename(self, name: str) -> None:
        self.services.provider.apply_to_user(self.user, [SetAttribute(Path("userName"), name)])

    def delete(self) -> None:
        self.services.provider.delete_user(self.user)

    def leave(self) -> None:
        self.services.provider.apply_to_group(self.group, [RemoveMembers((self.id,))])

    def join(self) -> None:
        self.services.provider.apply_to_group(self.group, [AddMembers((self.id,))])

    def perform(self, action: str, **arguments: Any) -> Any:
        return self.services.perform(action, arguments)

    # --- questions ---------------------------------------------------------------------------------------

    def grant(self, name: str) -> int:
        return self.instance.grant(0, self.instance.find_permission_set(self.sets[name]).row)

    def offers(self, session: PortalSession, name: str) -> bool:
        """Whether a portal session hands out credentials now."""
        return self.grant(name) in self.doors.startable(self.again(session))

    def is_open(self, session: PortalSession) -> bool:
        return self.doors.is_open(self.again(session))

    def again(self, session: PortalSession) -> PortalSession:
        """The session as it is recorded now."""
        found = self.doors.portal(session.id)
        assert found is not None
        return found

    def tried(self, name: str) -> tuple[Verdict, float | None]:
        """What comes of it now, and until which minute it stays so."""
        attempt = self.doors.attempt(self.user, "prod", name)
        return attempt.verdict, None if attempt.until is None else attempt.until / MINUTE
