"""Ids depend on seed, kind and ordinal, and lead back to the ordinal."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockservices.ids import IdSpace

ORDINALS = st.integers(min_value=0, max_value=(1 << 60) - 1)


@given(seed=st.integers(), ordinal=ORDINALS)
def test_an_id_leads_back_to_its_ordinal(seed: int, ordinal: int) -> None:
    space = IdSpace(seed, "scim.user")
    assert space.ordinal(space.of(ordinal)) == ordinal


@given(ordinal=ORDINALS)
def test_an_id_is_a_lower_case_version_4_uuid(ordinal: int) -> None:
    identifier = IdSpace(1, "scim.user").of(ordinal)
    assert str(UUID(identifier)) == identifier
    assert UUID(identifier).version == 4


def test_the_same_seed_and_kind_give_the_same_ids() -> None:
    assert [IdSpace(7, "scim.user").of(i) for i in range(5)] == [IdSpace(7, "scim.user").of(i) for i in range(5)]


def test_another_seed_or_kind_gives_other_ids() -> None:
    ids = {IdSpace(seed, kind).of(0) for seed in (1, 2) for kind in ("scim.user", "scim.group")}
    assert len(ids) == 4


def test_no_two_ordinals_share_an_id() -> None:
    space = IdSpace(1, "scim.user")
    assert len({space.of(i) for i in range(20_000)}) == 20_000


def test_letter_case_does_not_matter_when_an_id_is_looked_up() -> None:
    space = IdSpace(1, "scim.user")
    assert space.ordinal(space.of(41).upper()) == 41


def test_ids_of_another_kind_lead_nowhere() -> None:
    users, groups = IdSpace(1, "scim.user"), IdSpace(1, "scim.group")
    assert [users.ordinal(groups.of(i)) for i in range(1000)] == [None] * 1000


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ana@contoso.example",
        "00000000-0000-0000-0000-000000000000",
        "zzzzzzzz-zzzz-zzzz-zzzz-zzzzzzzzzzzz",
        "------------------------------------",
        "9067729b3d-94f1e0b3-c394-48d5-8ab1-2c122a167074",
    ],
)
def test_texts_that_are_no_id_lead_nowhere(text: str) -> None:
    assert IdSpace(1, "scim.user").ordinal(text) is None


@given(ordinal=ORDINALS, digit=st.integers(min_value=0, max_value=35))
def test_an_id_with_one_digit_changed_leads_nowhere(ordinal: int, digit: int) -> None:
    space = IdSpace(1, "scim.user")
    identifier = space.of(ordinal)
    changed = identifier[:digit] + ("0" if identifier[digit] != "0" else "1") + identifier[digit + 1 :]
    assert space.ordinal(changed) is None


@given(ordinal=ORDINALS)
def test_short_ids_are_sixteen_hexadecimal_digits(ordinal: int) -> None:
    text = IdSpace(1, "sso.permissionSet").hex16(ordinal)
    assert len(text) == 16
    assert int(text, 16) >= 0


@given(ordinal=ORDINALS)
def test_account_numbers_have_twelve_digits_and_no_leading_zero(ordinal: int) -> None:
    text = IdSpace(1, "sso.account").digits(ordinal, 12)
    assert len(text) == 12
    assert text.isdecimal()
    assert text[0] != "0"
