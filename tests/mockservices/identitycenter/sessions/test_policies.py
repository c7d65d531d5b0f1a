"""Whom a policy document denies everything."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mockservices.identitycenter.sessions.policies import denied_by


def deny(condition: dict[str, Any] | None, **more: Any) -> str:
    statement = {"Effect": "Deny", "Action": "*", "Resource": "*", **more}
    if condition is not None:
        statement["Condition"] = condition
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


HITS = [
    deny({"StringEquals": {"identitystore:UserId": "id-1"}}),
    deny({"StringEquals": {"identitystore:userId": ["id-0", "id-1"]}}),
    deny({"StringLike": {"aws:UserId": "*:ann@contoso.example"}}),
    deny({"StringLike": {"aws:userid": "*:ann@*"}}),
    deny(None),
    deny({"StringEquals": {"identitystore:UserId": "id-1"}}, Action=["*"], Resource=["*"]),
    json.dumps({"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}),
]
MISSES = [
    deny({"StringEquals": {"identitystore:UserId": "id-2"}}),
    deny({"StringLike": {"aws:UserId": "*:bob@contoso.example"}}),
    deny({"StringLike": {"aws:UserId": "ann@contoso.example"}}),  # without the role's part it matches nobody
    deny({"StringEquals": {"identitystore:UserId": "id-1"}}, Action="s3:*"),
    deny({"StringEquals": {"identitystore:UserId": "id-1"}}, Effect="Allow"),
    deny({"StringEquals": {"identitystore:UserId": "id-1"}, "Bool": {"aws:SecureTransport": "false"}}),
    deny({"StringNotEquals": {"identitystore:UserId": "id-9"}}),
]


@pytest.mark.parametrize("policy", HITS)
def test_policy_denies_ann_everything(policy: str) -> None:
    assert denied_by(policy).hits("id-1", "ann@contoso.example")


@pytest.mark.parametrize("policy", MISSES)
def test_policy_leaves_ann_something(policy: str) -> None:
    assert not denied_by(policy).hits("id-1", "ann@contoso.example")


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"Statement": [1]}', '{"Statement": [{"Effect": "Maybe"}]}', "[" * 100_000]
)
def test_what_is_no_policy_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"policy|statement"):
        denied_by(text)
