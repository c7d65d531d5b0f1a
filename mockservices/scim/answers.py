"""Finished HTTP answers: a resource, a list, nothing or a refusal, each with its request id.

Invariant: made on the world thread, in the same closure as the work, so that an answer is a snapshot.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mockservices.desk import Answer
from mockservices.scim.errors import ScimError
from mockservices.scim.paging import Page, cursor_at
from mockservices.scim.records import Group, User
from mockservices.scim.resources import cursor_page, first_page, group_resource, refusal, to_bytes, user_resource
from mockservices.services import Services

REQUEST_ID = "x-amzn-RequestId"


class Answers:
    """Makes the answers of one world's SCIM endpoint."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def document(self, status: int, body: Mapping[str, Any]) -> Answer:
        """Any JSON object."""
        return Answer(status, to_bytes(body), headers={REQUEST_ID: self._services.tokens.request_id()})

    def nothing(self) -> Answer:
        """204; AWS names a content type beside the empty body.
        https://docs.aws.amazon.com/singlesignon/latest/developerguide/deleteuser.html"""
        request_id = self._services.tokens.request_id()
        return Answer(204, headers={REQUEST_ID: request_id, "content-type": "application/json"})

    def user(self, status: int, user: User) -> Answer:
        """One user."""
        return self.document(status, user_resource(user, self._services.clock))

    def group(self, status: int, group: Group, *, members: bool = True) -> Answer:
        """One group, with its always empty ``members`` or without the key."""
        return self.document(status, group_resource(group, self._services.clock, members=members))

    def users(self, rows: Iterable[int], total: int, page: Page, following: int | None) -> Answer:
        """A page of users; those whom nothing has touched stay in their columns."""
        provider, clock = self._services.provider, self._services.clock
        return self._list("Users", [user_resource(provider.peek(row), clock) for row in rows], total, page, following)

    def groups(self, rows: Iterable[int], total: int, page: Page, following: int | None) -> Answer:
        """A page of groups."""
        groups, clock = self._services.provider.groups, self._services.clock
        return self._list("Groups", [group_resource(groups[row], clock) for row in rows], total, page, following)

    def _list(
        self, kind: str, resources: list[dict[str, Any]], total: int, page: Page, following: int | None
    ) -> Answer:
        if not page.cursor:
            return self.document(200, first_page(resources, total))
        return self.document(200, cursor_page(resources, None if following is None else cursor_at(kind, following)))

    def refusal(self, error: ScimError) -> Answer:
        """A refusal in AWS's words at the simulated time."""
        request_id = self._services.tokens.request_id()
        clock = self._services.clock
        body = refusal(error, request_id, clock.instant(clock.now))
        return Answer(error.status, to_bytes(body), headers={REQUEST_ID: request_id})
