"""The parts of a scenario file that say what generated people are like: locales, roles, locations.

Invariant: shares are whole weights beside each other, written as a mapping from name to weight.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias

from pydantic import Field

from sim.scenario.fields import Matching, Part, Text, Whole
from sim.scenario.zones import Holidays, TimeZone

Locale: TypeAlias = Literal[
    "ar_DZ", "ar_PS", "ar_SA", "az_AZ", "bg_BG", "bn_BD", "cs_CZ", "da_DK", "de_AT", "de_CH", "de_DE", "de_LI", "de_LU",
    "el_GR", "en_GB", "en_IE", "en_IN", "en_KE", "en_NG", "en_NZ", "en_PK", "en_US", "es_AR", "es_CL", "es_CO", "es_ES",
    "es_MX", "et_EE", "fa_IR", "fi_FI", "fr_BE", "fr_CA", "fr_CH", "fr_DZ", "fr_FR", "ga_IE", "gu_IN", "ha_NG", "he_IL",
    "hi_IN", "hr_HR", "hu_HU", "hy_AM", "id_ID", "ig_NG", "it_IT", "ja_JP", "ka_GE", "ko_KR", "lt_LT", "lv_LV", "mk_MK",
    "mr_IN", "ne_NP", "nl_BE", "nl_NL", "no_NO", "or_IN", "pl_PL", "pt_BR", "pt_PT", "ro_RO", "ru_RU", "si_LK", "sk_SK",
    "sl_SI", "sv_SE", "ta_IN", "th_TH", "tr_TR", "tw_GH", "uk_UA", "uz_UZ", "vi_VN", "yo_NG", "zh_CN", "zh_TW", "zu_ZA",
]  # fmt: skip
"""Those for which Faker has names of its own, and that are named for a country."""

Weight: TypeAlias = Annotated[Whole, Field(ge=1, le=1_000_000)]
Shares: TypeAlias = dict[Text, Weight]
"""Names with their weights, relative to each other."""
LocaleShares: TypeAlias = Annotated[
    dict[Locale, Weight], Field(min_length=1, examples=[{"en_US": 6, "de_DE": 2, "pl_PL": 1}])
]
Country: TypeAlias = Annotated[str, Matching(r"[A-Z]{2}", "write a country's two letters, for example DE")]

_EXAMPLES: Final = (["example", "com"], ["example", "net"], ["example", "org"])
NAMESAKES: Final = (
    "https://learn.microsoft.com/graph/api/resources/user asks for a mailNickname and not that it be unique; how often "
    "namesakes get the same one is nowhere published"
)
MANAGED: Final = "a choice of scale: each manager who is set costs a look-up and a PATCH of the target"


class Location(Part):
    """An office; `weight` is its share of the people whose department names no locations of its own.

    `timezone`, `holidays`: of those who work there, under `workforce.calendar: corporate`; else those of the workforce.
    Holidays are dates such as 2026-12-25, or a country's code such as US or DE-BY.
    """

    name: Text
    weight: Weight = 1
    country: Country | None = None
    city: Text | None = None
    street: Text | None = None
    postal_code: Text | None = None
    state: Text | None = None
    timezone: TimeZone | None = None
    holidays: Holidays | None = None


def is_nobodys(domain: str) -> bool:
    """Whether a domain is one that is kept for examples and tests. https://www.rfc-editor.org/rfc/rfc6761"""
    labels = domain.split(".")
    return labels[-1] in {"example", "test", "invalid", "localhost"} or labels[-2:] in _EXAMPLES
