from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sim.access.policy import Facts
from sim.randomness import Streams
from sim.workforce.hierarchy import hierarchy
from sim.workforce.names import NamePool, NamePools, load_pools
from sim.workforce.people import People

_GIVEN = dict.fromkeys(["Ann", "R2", "7", "Zoë"], 1.0)
_FAMILY = dict.fromkeys(["O'Neil", "D2", "", "李"], 1.0)
ODD = NamePools([(NamePool("en_US", "test", _GIVEN, _FAMILY), 1)])


def crowd(
    total: int,
    size: int | None = None,
    pools: NamePools = ODD,
    domain: str = "Contoso.com",
    shares: NDArray[np.bool_] | None = None,
    taken: tuple[str, ...] = (),
    managers: bool = False,
) -> People:
    rows = np.arange(total)
    department, employment = rows % 2, (rows % 5 == 4).astype(np.int64)
    joined_at = rows - (total if size is None else size)
    here = total if size is None else size
    return People(
        size=here,
        domains=(domain,),
        combinations=tuple(Facts(d, e) for d in ("Engineering", "Sales") for e in ("employee", "contractor")),
        pools=pools,
        given=rows % len(pools.given),
        family=rows // len(pools.given) % len(pools.family),
        facts=department * 2 + employment,
        joined_at=joined_at,
        hierarchy=hierarchy(department, employment, joined_at, here) if managers else None,
        shares=shares,
        taken=taken,
    )


def test_what_a_row_says() -> None:
    people = crowd(20, size=12)
    assert (len(people), people.size) == (20, 12)
    assert people.given_name(3) == "Zoë"
    assert people.family_name(3) == "O'Neil"
    assert people.display_name(3) == "Zoë O'Neil"
    assert people.mail_nickname(3) == "zoe.oneil"
    assert people.user_principal_name(3) == "zoe.oneil@contoso.com"
    assert people.employee_id(3) == "E0000004"
    assert people.facts_of(3) == Facts("Sales", "employee")
    assert people.facts_of(4) == Facts("Engineering", "contractor")
    assert people.manager_of(3) is None


def test_the_next_of_the_same_folded_name_gets_a_number() -> None:
    """Of 16 pairs of names, ``''`` and 李 are both folded to x: Ann '' is row 8, Ann 李 row 12, Ann '' again row 24."""
    people = crowd(32)
    assert [people.user_principal_name(row) for row in (0, 16, 8, 12, 24)] == [
        "ann.oneil@contoso.com",
        "ann.oneil2@contoso.com",
        "ann.x@contoso.com",
        "ann.x2@contoso.com",
        "ann.x3@contoso.com",
    ]


def test_generated_people_make_way_for_those_whom_a_scenario_names() -> None:
    people = crowd(48, taken=("ann.oneil", "ann.oneil3", "somebody.else"))
    assert [people.mail_nickname(row) for row in (0, 16, 32)] == ["ann.oneil2", "ann.oneil4", "ann.oneil5"]
    named = ("ann.oneil", "ann.oneil2", "ann.oneil3", "ann.oneil4", "ann.oneil5", "ann.oneil6")
    assert [people.row_of_mail_nickname(text) for text in named] == [None, 0, None, 16, 32, None]


def test_namesakes_who_share_a_nickname_have_addresses_of_their_own() -> None:
    shares = np.zeros(48, dtype=bool)
    shares[[16, 17]] = True
    people = crowd(48, shares=shares)
    assert [people.mail_nickname(row) for row in (0, 16, 32)] == ["ann.oneil", "ann.oneil", "ann.oneil3"]
    assert [people.user_principal_name(row) for row in (0, 16)] == ["ann.oneil@contoso.com", "ann.oneil2@contoso.com"]
    assert people.row_of_mail_nickname("ann.oneil") == 0
    assert people.row_of_mail_nickname("ann.oneil2") is None
    assert people.row_of_user_principal_name("ann.oneil2@contoso.com") == 16


def test_every_address_leads_to_its_row_whatever_its_case() -> None:
    people = crowd(200)
    for row in range(200):
        assert people.row_of_user_principal_name(people.user_principal_name(row).upper()) == row
        assert people.row_of_mail_nickname(people.mail_nickname(row).title()) == row


def test_a_later_joiners_address_is_nobodys_below_their_row() -> None:
    people = crowd(40, size=20)
    later = people.user_principal_name(35)
    assert people.row_of_user_principal_name(later) == 35
    assert people.row_of_user_principal_name(later, below=20) is None


def test_no_two_people_share_an_address_and_all_fit_into_64_characters() -> None:
    long = NamePool(
        "en_US", "test", {"Wolfeschlegelsteinhausenbergerdorff": 1}, {"Keihanaikukauakahihulihe'ekahaunaele": 1}
    )
    people = crowd(50, pools=NamePools([(long, 1)]))
    names = [people.mail_nickname(row) for row in range(50)]
    assert len(set(names)) == 50
    assert max(map(len, names)) <= 64 - 5


@pytest.mark.parametrize(
    "text",
    [
        "",
        "@",
        "ann.oneil14@contoso.com",
        "ann.oneil02@contoso.com",
        "ann.oneil0@contoso.com",
        "ann.oneil1@contoso.com",
        "ann.oneil2@fabrikam.com",
        "ann.oneil2@contoso.com@contoso.com",
        "ann.oneil2",
        "ann.oneil2@",
        "ann.oneil٢@contoso.com",
        "ann.oneil2@contoso.com ",
        "2@contoso.com",
        "ann.neil@contoso.com",
        "bob.oneil@contoso.com",
        "ann.oneil.oneil@contoso.com",
        "ann.oneil" + "9" * 5_000 + "@contoso.com",
        "ann.oneil-1@contoso.com",
    ],
)
def test_an_address_that_is_nobodys_leads_nowhere(text: str) -> None:
    """Of 200 people with 16 pairs of names the first eight pairs have 13, the others 12."""
    people = crowd(200)
    assert people.user_principal_name(16) == "ann.oneil2@contoso.com"
    assert people.user_principal_name(192) == "ann.oneil13@contoso.com"
    assert people.row_of_user_principal_name(text) is None


def test_somebody_who_is_renamed_comes_after_everybody_who_ever_has_that_name() -> None:
    """200 people: 13 are Ann O'Neil, so the next is the 14th; an earlier change of name may have made it the 15th."""
    people = crowd(200)
    used: set[str] = set()
    for expected in ("ann.oneil14", "ann.oneil15"):
        made = people.addresses.renamed(4, 0, used.__contains__)
        assert made == expected
        used.add(made)
    alone = crowd(1)
    assert alone.addresses.renamed(0, 1, used.__contains__) == "ann.d"


@given(st.text())
def test_any_text_at_all_leads_to_a_row_only_if_it_is_that_rows(text: str) -> None:
    people = crowd(20)
    row = people.row_of_mail_nickname(text)
    assert row is None or people.mail_nickname(row) == text.lower()


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.booleans()), max_size=60),
    st.lists(st.sampled_from(["ann.oneil", "ann.oneil2", "ann.x", "r2.d", "r2.d4", "7.x2", "nobody"]), max_size=4),
    st.integers(0, 60),
)
def test_looking_somebody_up_agrees_with_a_plain_index(
    names: list[tuple[int, int, bool]], taken: list[str], below: int
) -> None:
    people = People(
        size=len(names),
        domains=("contoso.example",),
        combinations=(Facts("A"),),
        pools=ODD,
        given=np.array([given for given, _, _ in names], dtype=np.int64),
        family=np.array([family for _, family, _ in names], dtype=np.int64),
        facts=np.zeros(len(names), dtype=np.int64),
        joined_at=np.zeros(len(names), dtype=np.int64),
        shares=np.array([shares for _, _, shares in names], dtype=bool),
        taken=taken,
    )
    addresses: dict[str, int] = {}
    nicknames: dict[str, int] = {}
    for row in range(len(names)):
        address = people.user_principal_name(row)
        assert address not in addresses
        assert address.partition("@")[0] not in taken
        addresses[address] = row
        nicknames.setdefault(people.mail_nickname(row), row)
    for text in [f"{name}@contoso.example" for name in taken] + list(addresses):
        row = addresses.get(text, below)
        assert people.row_of_user_principal_name(text, below) == (row if row < below else None)
    for text in [*taken, *nicknames]:
        row = nicknames.get(text, below)
        assert people.row_of_mail_nickname(text, below) == (row if row < below else None)


EIGHT = ("en_US", "de_DE", "pl_PL", "es_ES", "ja_JP", "uk_UA", "zh_CN", "tr_TR")


@pytest.mark.slow
def test_200000_people_of_eight_locales_have_addresses_of_their_own_and_are_found_by_them() -> None:
    pools = load_pools(tuple((locale, 1.0) for locale in EIGHT))
    given, family = pools.draw(Streams(7), 200_000)
    people = People(
        size=200_000, domains=("contoso.example",), combinations=(Facts("A"),), pools=pools, given=given, family=family,
        facts=np.zeros(200_000, dtype=np.int64), joined_at=np.zeros(200_000, dtype=np.int64),
    )  # fmt: skip
    addresses = [people.user_principal_name(row) for row in range(200_000)]
    assert len(set(addresses)) == 200_000
    assert all(address.isascii() for address in addresses)
    assert max(len(address.partition("@")[0]) for address in addresses) <= 64
    assert all(people.row_of_user_principal_name(addresses[row]) == row for row in range(0, 200_000, 7))


def test_nothing_changes_people() -> None:
    with pytest.raises(ValueError, match="read-only"):
        crowd(3).facts[0] = 1


def test_columns_of_different_lengths_are_refused() -> None:
    three = np.zeros(3, dtype=np.int64)
    with pytest.raises(ValueError, match="equally long"):
        People(
            size=3, domains=("a.b",), combinations=(Facts("A"),), pools=ODD, given=three, family=three,
            facts=np.zeros(2, dtype=np.int64), joined_at=three,
        )  # fmt: skip


def test_a_person_takes_19_bytes_and_8_more_once_somebody_is_looked_for() -> None:
    people = crowd(100)
    assert people.nbytes == 1_900
    people.row_of_mail_nickname("ann.oneil")
    assert people.nbytes == 2_700


def test_managers_take_5_bytes_more() -> None:
    assert crowd(100, managers=True).nbytes == 2_400


def test_the_digest_tells_everything_apart() -> None:
    same = crowd(20)
    assert crowd(20).digest() == same.digest()
    others = [crowd(21), crowd(20, size=19), crowd(20, domain="b.com"), crowd(20, pools=load_pools("en_US"))]
    others += [crowd(20, managers=True), crowd(20, taken=("ann.oneil",)), crowd(20, shares=np.arange(20) > 9)]
    assert len({same.digest(), *(people.digest() for people in others)}) == 8


@pytest.mark.parametrize("column", ["given", "family", "facts", "joined_at", "grade"])
def test_one_changed_value_changes_the_digest(column: str) -> None:
    people, changed = crowd(20), crowd(20)
    values = getattr(changed, column).copy()
    values[7] += 1
    setattr(changed, column, values)
    assert people.digest() != changed.digest()


def test_names_of_generated_people_are_drawn_from_the_pools() -> None:
    pools = load_pools("en_US")
    given, family = pools.draw(Streams(1), 1_000)
    assert 0 <= given.min() <= given.max() < len(pools.given)
    assert 0 <= family.min() <= family.max() < len(pools.family)
