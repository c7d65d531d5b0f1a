from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from faker.providers.person.en_US import Provider
from hypothesis import given
from hypothesis import strategies as st

from sim.randomness import Streams
from sim.workforce.letters import LONGEST_PART, fold
from sim.workforce.names import LocaleError, NamePool, NamePools, load_pool, load_pools


def test_the_pools_are_fakers_own_in_its_order() -> None:
    pools = load_pools("en_US")
    assert pools.given == tuple(Provider.first_names)
    assert pools.family == tuple(Provider.last_names)


def test_common_names_are_as_common_as_faker_says() -> None:
    pools = load_pool("en_US")
    drawn = np.bincount(pools.family_choice.draw(Streams(1).stream("x"), 100_000))
    smith = Provider.last_names["Smith"] / sum(Provider.last_names.values())
    assert abs(drawn[pools.family.index("Smith")] / 100_000 - smith) < 3.9 * (smith / 100_000) ** 0.5


def test_the_version_of_the_pools_is_recorded() -> None:
    import faker

    assert load_pools("de_DE").version == f"faker {faker.VERSION} de_DE"


@pytest.mark.parametrize("locale", ["de_DE", "de_LU", "fr_FR", "ja_JP", "pl_PL", "es_CL", "az_AZ"])
def test_other_locales_have_names_of_their_own(locale: str) -> None:
    pools = load_pools(locale)
    assert "Doe" not in pools.family
    assert len(set(pools.given)) == len(pools.given) > 10
    assert all(name == name.strip() for name in pools.given)


@pytest.mark.parametrize("locale", ["", "xx_XX", "es", "is_IS", "../en_US", "en_US.os", "en_us"])
def test_a_locale_without_names_is_refused_in_one_sentence(locale: str) -> None:
    with pytest.raises(LocaleError, match="such as en_US"):
        load_pools(locale)


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("O'Brien", "obrien"),
        ("Müller-Lüdenscheidt", "mullerludenscheidt"),
        ("Großmann", "grossmann"),
        ("Łukasz", "lukasz"),
        ("Øyvind", "oyvind"),
        ("İbrahim", "ibrahim"),
        ("van der Berg", "vanderberg"),
        ("Наталья Щербакова", "nataliashcherbakova"),
        ("Їжакевич", "izhakevich"),
        ("Παπαδόπουλος", "papadopoylos"),
        ("ღვინიაშვილი", "ghviniashvili"),
        ("Հովհաննիսյան", "hovhannisyan"),
        ("김", "gim"),
        ("山田", "x"),
        ("", "x"),
    ],
)
def test_names_are_folded_to_plain_letters(name: str, folded: str) -> None:
    assert fold(name) == folded


@given(st.text())
def test_every_name_folds_to_something_that_an_address_takes(name: str) -> None:
    folded = fold(name)
    assert folded.isascii()
    assert folded.isalnum()
    assert folded == folded.lower()
    assert 1 <= len(folded) <= LONGEST_PART


def test_digits_at_the_end_of_a_family_name_stay_out_of_the_address() -> None:
    pool = NamePool("en_US", "test", {"R2": 1}, {"D2": 1, "42": 1})
    assert pool.given_folded == ("r2",)
    assert pool.family_folded == ("d", "x")


def test_names_that_cannot_be_spelt_letter_by_letter_are_written_as_faker_reads_them() -> None:
    pool = load_pool("ja_JP")
    assert pool.family_folded[pool.family.index("佐藤")] == "sato"
    assert "x" not in (*pool.given_folded, *pool.family_folded)


def test_a_pool_that_two_bytes_cannot_number_is_refused() -> None:
    with pytest.raises(ValueError, match="65,536"):
        NamePool("en_US", "test", {"Ann": 1}, {f"name {number}": 1 for number in range(65_537)})


# --- several locales ----------------------------------------------------------

THREE = (("en_US", 6.0), ("de_DE", 2.0), ("pl_PL", 1.0))


def test_people_of_several_locales_have_both_names_from_one_of_them() -> None:
    pools = load_pools(THREE)
    given, family = pools.draw(Streams(1), 10_000)
    parts = pools.parts_of(given)
    for first, last, part in zip(given.tolist(), family.tolist(), parts.tolist(), strict=True):
        assert pools.part_of(first) == part
        assert pools.given[first] in pools.parts[part].given
        assert last in pools.family_names(part)


def test_locales_are_as_common_as_their_weights() -> None:
    """6 : 2 : 1 of 90,000 are 60,000, 20,000 and 10,000, each within 3.9 standard deviations."""
    pools = load_pools(THREE)
    given, _ = pools.draw(Streams(1), 90_000)
    counts = np.bincount(pools.parts_of(given), minlength=3)
    for count, share in zip(counts.tolist(), (6 / 9, 2 / 9, 1 / 9), strict=True):
        assert abs(count - 90_000 * share) < 3.9 * (90_000 * share * (1 - share)) ** 0.5


def test_whoever_is_of_a_locale_has_the_same_name_as_in_a_company_of_that_locale_alone() -> None:
    pools, alone = load_pools(THREE), load_pools("en_US")
    given, family = pools.draw(Streams(1), 1_000)
    only_given, only_family = alone.draw(Streams(1), 1_000)
    american = pools.parts_of(given) == 0
    assert (given[american] == only_given[american]).all()
    assert (family[american] == only_family[american]).all()


def test_the_versions_of_all_locales_are_recorded() -> None:
    import faker

    version = load_pools((("en_US", 1.0), ("de_DE", 1.0))).version
    assert version == f"faker {faker.VERSION} en_US, faker {faker.VERSION} de_DE"


def test_pools_that_two_bytes_cannot_number_together_are_refused() -> None:
    pool = NamePool("en_US", "test", {"Ann": 1}, {f"name {number}": 1 for number in range(40_000)})
    with pytest.raises(ValueError, match="65,536 names together"):
        NamePools([(pool, 1), (pool, 1)])


def test_faker_is_loaded_when_names_are_needed_and_its_drawing_never() -> None:
    script = (
        "import sys, sim.workforce.schedule\n"
        "assert 'faker' not in sys.modules\n"
        "from sim.workforce.names import load_pools\n"
        "load_pools('en_US')\n"
        "assert 'faker.providers.address.en_US' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
