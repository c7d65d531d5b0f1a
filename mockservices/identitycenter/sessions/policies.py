"""The explicit Deny that ends role sessions before they expire: an inline policy, or a service control policy.

Invariant: of a policy only this is read: a statement that denies all actions on all resources to named users. Whatever
else it says changes nothing here, and a policy in force is a fact with a beginning and an end.
https://docs.aws.amazon.com/singlesignon/latest/userguide/authconcept-revoke-access.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from mockservices.clock import Millis
from mockservices.identitycenter.sessions.spans import ALWAYS, NEVER_ENDS, Spans, union

_USER_ID = "identitystore:userid"
_SESSION = "aws:userid"
_SID = "RevokeIdentityCenterUser"
_CLASS = re.compile(r"[\[\]]")


@dataclass(frozen=True, slots=True)
class Denied:
    """Whom a policy denies everything."""

    ids: tuple[str, ...] = ()
    """Ids of users, compared exactly."""
    patterns: tuple[str, ...] = ()
    """Of ``aws:UserId``, which is ``<role id>:<userName>``; ``*`` and ``?`` stand for other characters."""
    everybody: bool = False

    def hits(self, user_id: str, user_name: str) -> bool:
        """Whether this user is among them."""
        if self.everybody or user_id in self.ids:
            return True
        session = f"AROAJMLAB:{user_name}"  # the part before the colon is the role's own id, which nobody writes out
        return any(fnmatchcase(session, pattern) for pattern in self.patterns)


NOBODY = Denied()


def denied_by(policy: str) -> Denied:
    """Whom a policy document denies everything; ``ValueError`` for a text that is no policy document."""
    try:
        document = json.loads(policy)
    except (ValueError, RecursionError):
        raise ValueError("the policy is no JSON") from None
    if not isinstance(document, dict) or "Statement" not in document:
        raise ValueError("the policy has no Statement")
    ids: list[str] = []
    patterns: list[str] = []
    everybody = False
    for statement in _list(document["Statement"]):
        if not isinstance(statement, dict) or statement.get("Effect") not in ("Allow", "Deny"):
            raise ValueError("every statement needs an Effect: Allow or Deny")
        if statement["Effect"] == "Allow" or "*" not in _list(statement.get("Action", ())):
            continue
        if "*" not in _list(statement.get("Resource", ())):
            continue
        conditions = list(_conditions(statement.get("Condition", {})))
        everybody |= not conditions
        if len(conditions) == 1:  # with more of them all have to be met, which nobody can tell without the request
            operator, key, values = conditions[0]
            if operator == "stringequals" and key == _USER_ID:
                ids += values
            elif operator in ("stringlike", "stringequals") and key in (_SESSION, _USER_ID):
                if key == _USER_ID:
                    ids += values
                else:
                    patterns += [_CLASS.sub(lambda found: f"[{found[0]}]", value) for value in values]
    return Denied(tuple(ids), tuple(patterns), everybody)


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _conditions(condition: Any) -> Iterable[tuple[str, str, list[str]]]:
    if isinstance(condition, dict):
        for operator, keys in condition.items():
            for key, values in keys.items() if isinstance(keys, dict) else ():
                yield operator.lower(), key.lower(), [str(value) for value in _list(values)]


def with_denied(policy: str | None, user_id: str) -> str:
    """The policy with one more user in the statement that AWS's guide gives; the rest of it stays as it is."""
    document = {"Version": "2012-10-17", "Statement": []} if policy is None else json.loads(policy)
    ids = {*_revoked(document), user_id}
    return _rewritten(document, sorted(ids))


def without_denied(policy: str, user_id: str) -> str | None:
    """The policy without this user in that statement; None when nothing is left of the policy."""
    document = json.loads(policy)
    text = _rewritten(document, [identifier for identifier in _revoked(document) if identifier != user_id])
    return text if json.loads(text)["Statement"] else None


def _revoked(document: dict[str, Any]) -> list[str]:
    ours = (s for s in _list(document["Statement"]) if isinstance(s, dict) and s.get("Sid") == _SID)
    conditions = [condition for statement in ours for condition in _conditions(statement.get("Condition", {}))]
    return [identifier for _, _, values in conditions for identifier in values]


def _rewritten(document: dict[str, Any], ids: list[str]) -> str:
    others = [s for s in _list(document["Statement"]) if not (isinstance(s, dict) and s.get("Sid") == _SID)]
    condition = {"StringEquals": {"identitystore:UserId": ids}}
    revoking = {"Sid": _SID, "Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition}
    statements = [*others, revoking] if ids else others
    return json.dumps({**document, "Statement": statements}, separators=(",", ":"))


@dataclass(slots=True)
class PolicyHistory:
    """What one policy denied from when on; it begins as one that denies nobody."""

    text: str | None = None
    _versions: list[tuple[Millis, Denied]] = field(default_factory=list)

    def put(self, text: str | None, now: Millis) -> None:
        """Another text from now on, or none; ``ValueError`` for what is no policy document, and nothing changes."""
        denied = NOBODY if text is None else denied_by(text)
        self.text = text
        self._versions.append((now, denied))

    def denies(self, user_id: str, user_name: str) -> Spans:
        """When it denied this user everything."""
        spans = []
        since, hit = ALWAYS, False
        for at, denied in self._versions:
            if hit:
                spans.append((since, at))
            since, hit = at, denied.hits(user_id, user_name)
        if hit:
            spans.append((since, NEVER_ENDS))
        return union(spans)
