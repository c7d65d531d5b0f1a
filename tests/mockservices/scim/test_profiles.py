from __future__ import annotations

from dataclasses import replace

import pytest

from mockservices.scim.errors import ScimError
from mockservices.scim.operations import ENTERPRISE, Value
from mockservices.scim.profiles import AWS

WORK = (("primary", True), ("type", "work"), ("value", "ann@contoso.example"))
ANN: dict[str, Value] = {
    "userName": "ann@contoso.example",
    "name.givenName": "Ann",
    "name.familyName": "Miller",
    "displayName": "Ann Miller",
}


def reason(attributes: dict[str, Value]) -> str:
    with pytest.raises(ScimError) as refused:
        AWS.check_user(attributes)
    assert refused.value.status == 400
    assert refused.value.exception == "ValidationException"
    assert refused.value.message == "Request is unparsable, syntactically incorrect, or violates schema."
    return refused.value.reason


def test_the_four_required_attributes_are_enough() -> None:
    AWS.check_user(ANN)


def test_everything_that_aws_supports_is_taken() -> None:
    AWS.check_user(
        {
            **ANN,
            **{
                name: "x"
                for name in AWS.supported
                if name not in ANN and name not in ("emails", "phoneNumbers", "addresses", "roles")
            },
            "emails": (WORK,),
            "phoneNumbers": ((("type", "work"), ("value", "+48 555 0100")),),
            "addresses": ((("country", "PL"), ("formatted", "1 Quay\nGdynia"), ("primary", True), ("type", "work")),),
            "roles": ((("primary", True), ("type", "work"), ("value", "auditor")),),
        }
    )


def test_the_reason_for_the_audit_log_is_what_cloudtrail_says() -> None:
    """https://docs.aws.amazon.com/singlesignon/latest/userguide/scim-logging-using-cloudtrail.html"""
    assert reason({**ANN, "emails": (WORK, WORK)}) == "List attribute emails exceeds allowed limit of 1"
    assert reason({**ANN, "name.familyName": ""}) == (
        "1 validation errors detected: Value at 'name.familyName' failed to satisfy constraint: "
        "Member must have length greater than or equal to 1"
    )
    assert reason({**ANN, f"{ENTERPRISE}:manager": "a\u200b"}) == (
        f"1 validation errors detected: Value at '{ENTERPRISE}:manager' failed to satisfy constraint: "
        r"Member must satisfy regular expression pattern: [\p{L}\p{M}\p{S}\p{N}\p{P}\t\n\r ]+"
    )


@pytest.mark.parametrize("name", AWS.required)
def test_a_missing_attribute_is_named_in_the_reason(name: str) -> None:
    assert f"'{name}'" in reason({key: value for key, value in ANN.items() if key != name})


@pytest.mark.parametrize(
    ("name", "longest"), [("userName", 128), ("externalId", 256), ("displayName", 1024), ("title", 1024)]
)
def test_a_value_may_be_just_so_long(name: str, longest: int) -> None:
    AWS.check_user({**ANN, name: "a" * longest})
    assert "less than or equal to" in reason({**ANN, name: "a" * (longest + 1)})


@pytest.mark.parametrize("name", ["userName", "externalId"])
@pytest.mark.parametrize("blank", [" ", "\t", "\n", "\u00a0", "\u3000", "\u200b", "\x00"])
def test_names_and_ids_hold_no_blanks_of_any_kind(name: str, blank: str) -> None:
    assert "regular expression" in reason({**ANN, name: f"a{blank}b"})


def test_texts_hold_blanks_but_neither_control_nor_invisible_characters() -> None:
    AWS.check_user({**ANN, "title": "Head of\tthe\r\nsea\u3000and air"})
    for character in ("\x00", "\u200b", "\u202e", "\ufeff", "\u2028"):
        assert "regular expression" in reason({**ANN, "title": f"a{character}b"})


def test_letters_of_every_script_marks_and_symbols_are_text() -> None:
    AWS.check_user({**ANN, "displayName": "Zoë Łuk-Ångström 李 ✓", "userName": "żaneta@contoso.example"})


@pytest.mark.parametrize("character", "<>;:%")
def test_an_external_id_holds_none_of_the_characters_that_microsoft_lists(character: str) -> None:
    value = f"a{character}b"
    assert "regular expression" in reason({**ANN, "externalId": value})
    replace(AWS, refuse_characters=False).check_value("externalId", value)
    AWS.check_value("title", value)


@pytest.mark.parametrize("name", ["Administrator", "AWSADMINISTRATORS"])
def test_reserved_names_belong_to_nobody(name: str) -> None:
    assert "reserved" in reason({**ANN, "userName": name})
    AWS.check_user({**ANN, "displayName": name})
    with pytest.raises(ScimError, match="unparsable"):
        AWS.check_group({"displayName": name})


def test_an_address_has_to_be_primary_when_a_user_is_created() -> None:
    assert "primary" in reason({**ANN, "emails": ((("type", "work"), ("value", "a@x.example")),)})
    assert "primary" in reason({**ANN, "emails": ((("primary", False), ("value", "a@x.example")),)})


@pytest.mark.parametrize(("name", "value"), [("title", True), ("title", (WORK,)), ("emails", "ann@contoso.example")])
def test_a_value_is_of_its_attributes_type(name: str, value: Value) -> None:
    assert reason({**ANN, name: value}) == f"Attribute {name} is of another type"


@pytest.mark.parametrize("name", ["emails", "phoneNumbers", "addresses", "roles"])
def test_display_is_supported_nowhere(name: str) -> None:
    assert (
        reason({**ANN, name: ((("display", "x"), ("primary", True)),)}) == f"Attribute {name}.display is not supported"
    )


@pytest.mark.parametrize("attributes", [{}, {"displayName": ""}, {"displayName": "a", "title": "b"}])
def test_a_group_has_a_name_and_perhaps_an_external_id(attributes: dict[str, Value]) -> None:
    AWS.check_group({"displayName": "a", "externalId": "b"})
    with pytest.raises(ScimError, match="unparsable"):
        AWS.check_group(attributes)


def test_a_hundred_memberships_change_at_once_and_no_more() -> None:
    AWS.check_membership_changes(100)
    with pytest.raises(ScimError, match="unparsable"):
        AWS.check_membership_changes(101)
