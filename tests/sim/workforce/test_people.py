from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.access.policy import Facts
from sim.randomness import Streams
from sim.workforce.names import NamePools, load_pools
from sim.workforce.people import People

ODD = NamePools(
    "en_US", "test", dict.fromkeys(["Ann", "R2", "7", "Zoë"], 1.0), dict.fromkeys(["O'Neil", "D2", "", "李"], 1.0)
)


def crowd(total: int, size: int | None = None, pools: NamePools = ODD, domain: str = "Contoso.com") -> People:
    return People(
        size=total if size is None else size,
        domain=domain,
        combinations=tuple(Facts(d, e) for d in ("Engineering", "Sales") for e in ("employee", "contractor")),
        pools=pools,
        given=np.arange(total) % len(pools.given),
        family=np.arange(total) // len(pools.given) % len(pools.family),
        facts=np.arange(total) % 2 * 2 + (np.arange(total) % 5 == 4),
        joined_at=np.arange(total) - (total if size is None else size),
    )


def test_what_a_row_says() -> None:
    people = crowd(20, size=12)
    assert (len(people), people.size) == (20, 12)
    assert people.given_name(3) == "Zoë"
    assert people.family_name(3) == "O'Neil"
    assert people.display_name(3) == "Zoë O'Neil"
    assert people.mail_nickname(3) == "zoe.oneil4"
    assert people.user_principal_name(3) == "zoe.oneil4@contoso.com"
    assert people.employee_id(3) == "E0000004"
    assert people.facts_of(3) == Facts("Sales", "employee")
    assert people.facts_of(4) == Facts("Engineering", "contractor")


def test_every_address_leads_to_its_row_whatever_its_case() -> None:
    people = crowd(200)
    for row in range(200):
        assert people.row_of_user_principal_name(people.user_principal_name(row).upper()) == row
        assert people.row_of_mail_nickname(people.mail_nickname(row).title()) == row


def test_no_two_people_share_an_address_and_all_fit_into_64_characters() -> None:
    long = NamePools(
        "en_US", "test", {"Wolfeschlegelsteinhausenbergerdorff": 1}, {"Keihanaikukauakahihulihe'ekahaunaele": 1}
    )
    people = crowd(50, pools=long)
    names = [people.mail_nickname(row) for row in range(50)]
    assert len(set(names)) == 50
    assert max(map(len, names)) <= 64 - 5


@pytest.mark.parametrize(
    "text",
    [
        "",
        "@",
        "ann.oneil@contoso.com",
        "ann.oneil01@contoso.com",
        "ann.oneil0@contoso.com",
        "ann.oneil2@contoso.com",
        "ann.oneil1@fabrikam.com",
        "ann.oneil1@contoso.com@contoso.com",
        "ann.oneil1",
        "ann.oneil1@",
        "ann.oneil١@contoso.com",
        "ann.oneil1@contoso.com ",
        "1@contoso.com",
        "ann.oneil201@contoso.com",
        "ann.oneil" + "9" * 5_000 + "@contoso.com",
        "ann.oneil-1@contoso.com",
    ],
)
def test_an_address_that_is_nobodys_leads_nowhere(text: str) -> None:
    people = crowd(200)
    assert people.user_principal_name(0) == "ann.oneil1@contoso.com"
    assert people.row_of_user_principal_name(text) is None


def test_there_is_no_row_before_the_first() -> None:
    people = crowd(200)
    nobody = people.mail_nickname(199).removesuffix("200") + "0"
    assert people.row_of_mail_nickname(nobody) is None


@given(st.text())
def test_any_text_at_all_leads_to_a_row_only_if_it_is_that_rows(text: str) -> None:
    people = crowd(20)
    row = people.row_of_mail_nickname(text)
    assert row is None or people.mail_nickname(row) == text.lower()


def test_nothing_changes_people() -> None:
    with pytest.raises(ValueError, match="read-only"):
        crowd(3).facts[0] = 1


def test_columns_of_different_lengths_are_refused() -> None:
    three = np.zeros(3, dtype=np.int64)
    with pytest.raises(ValueError, match="equally long"):
        People(
            size=3, domain="a.b", combinations=(Facts("A"),), pools=ODD, given=three, family=three,
            facts=np.zeros(2, dtype=np.int64), joined_at=three,
        )  # fmt: skip


def test_a_person_takes_16_bytes() -> None:
    assert crowd(100).nbytes == 1_600


def test_the_digest_tells_everything_apart() -> None:
    same = crowd(20)
    assert crowd(20).digest() == same.digest()
    others = [crowd(21), crowd(20, size=19), crowd(20, domain="b.com"), crowd(20, pools=load_pools("en_US"))]
    assert len({same.digest(), *(people.digest() for people in others)}) == 5


@pytest.mark.parametrize("column", ["given", "family", "facts", "joined_at"])
def test_one_changed_value_changes_the_digest(column: str) -> None:
    people, changed = crowd(20), crowd(20)
    values = getattr(changed, column).copy()
    values[7] += 1
    setattr(changed, column, values)
    assert people.digest() != changed.digest()


def test_names_of_generated_people_are_drawn_from_the_pools() -> None:
    pools = load_pools("en_US")
    drawn = pools.given_choice.draw(Streams(1).stream("x"), 1_000)
    assert 0 <= drawn.min() <= drawn.max() < len(pools.given)
