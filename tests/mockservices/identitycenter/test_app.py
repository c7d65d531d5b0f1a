"""The door of the AWS JSON services: targets, credentials, bodies, headers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import httpx
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from mockservices.identitycenter.app import OPERATIONS, build
from mockservices.identitycenter.credentials import aws_credentials
from mockservices.identitycenter.errors import AwsError
from mockservices.identitycenter.operations import Read
from mockservices.services import Services
from mockservices.testing import ImmediateGate, make_services

LIST_USERS = "AWSIdentityStore.ListUsers"
LIST_INSTANCES = "SWBExternalService.ListInstances"


def signed_with(key: str) -> str:
    return (
        f"AWS4-HMAC-SHA256 Credential={key}/20260302/us-east-1/sso/aws4_request, "
        f"SignedHeaders=host;x-amz-date;x-amz-target, Signature={'0' * 64}"
    )


class Door:
    """POSTs by hand, signed unless told otherwise."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def call(
        self, target: str | None = LIST_INSTANCES, body: bytes = b"{}", authorization: str | None = signed_with("x")
    ) -> httpx.Response:
        headers = {"content-type": "application/x-amz-json-1.1"}
        if target is not None:
            headers["x-amz-target"] = target
        if authorization is not None:
            headers["authorization"] = authorization
        return self._http.post("/", content=body, headers=headers)

    def request(self, method: str, path: str) -> httpx.Response:
        return self._http.request(method, path)


@pytest.fixture
def door(endpoint: str, gate: ImmediateGate) -> Iterator[Door]:
    with httpx.Client(base_url=endpoint, trust_env=False) as http:
        yield Door(http)


# --- answers ---------------------------------------------------------------------------------------------


def test_an_answer_is_amazons_json_with_a_request_id(door: Door) -> None:
    first, second = door.call(), door.call()
    assert first.status_code == 200
    assert first.headers["content-type"] == "application/x-amz-json-1.1"
    ids = {UUID(response.headers["x-amzn-RequestId"]) for response in (first, second)}
    assert len(ids) == 2


def test_times_are_epoch_seconds(door: Door) -> None:
    """2026-03-02T08:00:00Z is 20,514 days and 8 hours after 1970: 20514 · 86400 + 28800."""
    (instance,) = door.call().json()["Instances"]
    assert instance["CreatedDate"] == 1_772_438_400.0


def test_an_empty_body_is_a_body_without_members(door: Door) -> None:
    assert door.call(body=b"").status_code == 200


def test_members_that_nobody_knows_are_passed_over(door: Door) -> None:
    assert door.call(body=b'{"Surprise": [1, 2, 3]}').status_code == 200


# --- credentials -----------------------------------------------------------------------------------------


def test_a_request_without_a_credential_is_refused_with_403(door: Door) -> None:
    """Not 401: https://docs.aws.amazon.com/singlesignon/latest/APIReference/CommonErrors.html"""
    refused = door.call(authorization=None)
    assert refused.status_code == 403
    assert refused.json() == {
        "__type": "MissingAuthenticationTokenException",
        "message": "Missing Authentication Token",
    }
    assert "x-amzn-RequestId" in refused.headers


def test_boto3_without_credentials_is_refused(client: Callable[..., Any], gate: ImmediateGate) -> None:
    unsigned = client("sso-admin", config=Config(signature_version=UNSIGNED))
    with pytest.raises(ClientError, match="MissingAuthenticationTokenException"):
        unsigned.list_instances()


@pytest.mark.parametrize(
    "authorization",
    ["Bearer abc", "AWS4-HMAC-SHA256 Credential=x", signed_with("x")[:-1], signed_with(""), signed_with("x") + ", a=b"],
)
def test_what_is_no_signature_is_refused(door: Door, authorization: str) -> None:
    refused = door.call(authorization=authorization)
    assert (refused.status_code, refused.json()["__type"]) == (400, "IncompleteSignatureException")


def test_any_access_key_will_do(door: Door) -> None:
    assert [door.call(authorization=signed_with(key)).status_code for key in ("x", "AKIDEXAMPLE")] == [200, 200]


def test_an_app_can_insist_on_the_key_of_its_world(door: Door, services: Services, switch: Any) -> None:
    switch.app = build(services, ImmediateGate(services), any_key=False)
    refused = door.call(authorization=signed_with("AKIDEXAMPLE"))
    assert refused.status_code == 400
    assert refused.json() == {
        "__type": "UnrecognizedClientException",
        "message": "The security token included in the request is invalid.",
    }
    assert door.call(authorization=signed_with(aws_credentials(services)["access_key_id"])).status_code == 200


def test_the_key_of_a_world_looks_like_one_of_amazons() -> None:
    first, second = aws_credentials(make_services(seed=1)), aws_credentials(make_services(seed=2))
    assert first != second
    assert first == aws_credentials(make_services(seed=1))
    assert len(first["access_key_id"]) == 20
    assert first["access_key_id"].startswith("AKIA")
    assert first["access_key_id"].isalnum()
    assert len(first["secret_access_key"]) == 40


# --- targets ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target", [None, "", "SWBExternalService.DoSomething", "AWSIdentityStore.ListInstances", "ListInstances"]
)
def test_an_unknown_operation_is_refused_by_name(door: Door, target: str | None) -> None:
    refused = door.call(target)
    assert (refused.status_code, refused.json()["__type"]) == (400, "UnknownOperationException")
    assert (target or "X-Amz-Target") in refused.json()["message"]


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/", 405), ("POST", "/Users", 404)])
def test_there_is_nothing_but_post_at_the_root(door: Door, method: str, path: str, status: int) -> None:
    refused = door.request(method, path)
    assert (refused.status_code, refused.json()["__type"]) == (status, "UnknownOperationException")


# --- bodies ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'"text"', b"\xff", b'{"MaxResults": "5"}', b'{"MaxResults": 1.5}', b'{"NextToken": 5}']
)
def test_a_body_of_the_wrong_form_cannot_be_read(door: Door, body: bytes) -> None:
    refused = door.call(body=body)
    assert (refused.status_code, refused.json()["__type"]) == (400, "SerializationException")


def test_what_is_missing_is_named_in_the_words_of_aws(door: Door) -> None:
    refused = door.call("SWBExternalService.DescribePermissionSet")
    assert refused.json() == {
        "__type": "ValidationException",
        "Message": (
            "2 validation errors detected: "
            "Value null at 'instanceArn' failed to satisfy constraint: Member must not be null; "
            "Value null at 'permissionSetArn' failed to satisfy constraint: Member must not be null"
        ),
    }


def test_what_is_wrong_inside_a_list_is_named_with_its_place(door: Door, services: Services) -> None:
    body = {
        "IdentityStoreId": services.instance.identity_store_id,
        "MemberId": {"UserId": "11111111-1111-4111-8111-111111111111"},
        "GroupIds": ["nonsense"],
    }
    message = door.call("AWSIdentityStore.IsMemberInGroups", json.dumps(body).encode()).json()["Message"]
    assert message.startswith("1 validation error detected: Value 'nonsense' at 'groupIds.0' failed to satisfy")


@pytest.mark.parametrize("token", ["", "x", "Zm9v", "TGlzdFVzZXJzOjE=", "TGlzdEluc3RhbmNlczph", "ä"])
def test_a_token_of_another_operation_or_of_none_is_refused(door: Door, token: str) -> None:
    """The fourth is a token of ListUsers, the fifth one of ListInstances whose key is no number."""
    refused = door.call(body=json.dumps({"NextToken": token}).encode())
    assert (refused.status_code, refused.json()["__type"]) == (400, "ValidationException")


def test_refusals_of_the_identity_store_repeat_the_request_id(door: Door) -> None:
    refused = door.call(LIST_USERS)
    assert refused.json()["RequestId"] == refused.headers["x-amzn-RequestId"]


@pytest.mark.parametrize(
    "identifier",
    [
        {},
        {
            "ExternalId": {"Issuer": "https://scim.aws.com/x", "Id": "e-1"},
            "UniqueAttribute": {"AttributePath": "userName", "AttributeValue": "ana"},
        },
    ],
    ids=["none", "both"],
)
def test_an_object_is_sought_in_exactly_one_way(door: Door, services: Services, identifier: dict[str, Any]) -> None:
    body = {"IdentityStoreId": services.instance.identity_store_id, "AlternateIdentifier": identifier}
    refused = door.call("AWSIdentityStore.GetUserId", json.dumps(body).encode())
    assert refused.json()["__type"] == "ValidationException"
    assert "exactly one of" in refused.json()["Message"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
MEMBERS = sorted(
    {field.alias or name for operation in OPERATIONS.values() for name, field in operation.body.model_fields.items()}
)
MODELLED = {"ConflictException", "ResourceNotFoundException", "SerializationException", "ValidationException"}


def outcome(services: Services, target: str, body: dict[str, Any]) -> str:
    """``ok``, or the exception's name."""
    operation = OPERATIONS[target]
    try:
        parsed = operation.body.parse(json.dumps(body).encode())
        parsed.check(services.instance)
        if isinstance(operation, Read):
            operation.answer(services, parsed)
        else:
            operation.answer(services, services.perform(operation.action, operation.arguments(parsed)))
    except AwsError as error:
        return error.exception
    return "ok"


@settings(max_examples=300)
@given(data=st.data(), target=st.sampled_from(sorted(OPERATIONS)))
def test_whatever_a_body_holds_it_is_answered_or_refused(data: st.DataObject, target: str) -> None:
    services = make_services()
    names = {"userName": "ana", "name.givenName": "Ana", "name.familyName": "Lopez", "displayName": "Ana Lopez"}
    user = services.provider.create_user({**names}).id
    group = services.provider.create_group({"displayName": "developers"}, [user]).id
    permission_set = services.instance.create_permission_set("Developer").arn
    good = {
        "IdentityStoreId": services.instance.identity_store_id,
        "InstanceArn": services.instance.arn,
        "PermissionSetArn": permission_set,
        "AccountId": services.instance.add_account("payments").id,
        "PrincipalType": "USER",
        "PrincipalId": user,
        "UserId": user,
        "GroupId": group,
        "GroupIds": [group],
        "MemberId": {"UserId": user},
        "MembershipId": services.instance.membership_id(0, 0),
    }
    strange = data.draw(st.dictionaries(st.sampled_from(MEMBERS), JSON, max_size=4))
    assert outcome(services, target, {**good, **strange}) in {"ok", *MODELLED}


# --- counting --------------------------------------------------------------------------------------------


def test_every_request_is_counted_refused_or_not(door: Door, services: Services) -> None:
    door.call()
    door.call(authorization=None)
    door.call("AWSIdentityStore.DoSomething")
    door.call(LIST_USERS)
    assert services.traffic.counts == {"aws": 4}
    assert [kept.status for kept in services.traffic.ring] == [200, 403, 400, 400]


def test_only_what_changes_something_is_a_command(door: Door, services: Services, gate: ImmediateGate) -> None:
    door.call()
    body = {"InstanceArn": services.instance.arn, "Name": "Audit"}
    door.call("SWBExternalService.CreatePermissionSet", json.dumps(body).encode())
    door.call("SWBExternalService.CreatePermissionSet", json.dumps({**body, "Name": "no good"}).encode())
    assert gate.commands == [("sso.permissionSet.create", {"name": "Audit"})]
