"""The kinds of value that a scenario file holds, as annotated types with their own sentences.

Invariant: numbers, booleans and texts are never turned into one another; what a key means is written, not guessed.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, NamedTuple

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    PlainValidator,
    Strict,
    WithJsonSchema,
)
from pydantic.functional_validators import AfterValidator
from pydantic_core import PydanticCustomError
from pydantic_core.core_schema import CoreSchema, ValidationInfo, no_info_after_validator_function

from mockservices.clock import Millis
from sim.time import (
    DURATION_PATTERN,
    FORMS,
    SIGNED_DURATION_PATTERN,
    TimeError,
    clipped,
    format_duration,
    looks_like_instant,
    parse_duration,
    parse_instant,
)


class Part(BaseModel):
    """A mapping of the scenario file: its keys are its attributes, and no others are allowed."""

    # Built when first used: most of the many parts are only ever used as pieces of a whole scenario.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


def wrong(sentence: str, *path: str | int) -> PydanticCustomError:
    """The error a validator raises: one sentence, and where below the validated value it belongs."""
    return PydanticCustomError("scenario", "{sentence}", {"sentence": sentence, "path": list(path)})


def at_least_one(part: Part, *keys: str) -> None:
    """Refuses a mapping in which none of the keys is given."""
    if all(getattr(part, key) is None for key in keys):
        raise wrong(f"nothing changes; give at least one of {', '.join(keys)}")


def exactly_one(part: Part, first: str, second: str) -> None:
    """Refuses a mapping in which both keys are given, or neither."""
    if (getattr(part, first) is None) == (getattr(part, second) is None):
        raise wrong(f"give exactly one of {first} and {second}")


def sourced(default: Any, *, source: str, grade: str, **limits: Any) -> Any:
    """A setting whose default stands for the real world, with where the default comes from.

    Grades: A official statistics or documentation, B large survey or platform data, C vendor survey, D assumption.
    """
    return Field(default=default, json_schema_extra={"source": source, "grade": grade}, **limits)


def described(value: object) -> str:
    """A value as a person would call it, for error sentences."""
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case int() | float():
            return f"the number {clipped(str(value))}"
        case str():
            return f"'{clipped(value)}'"
        case dict():
            return "a mapping"
        case _:
            return "a list"


# --- time ---------------------------------------------------------------------


def read_duration(value: object, *, allow_negative: bool = False) -> Millis:
    """A duration as it stands in the file, in milliseconds."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise wrong(f"must be a duration, not {described(value)}; write one such as {FORMS}")
    try:
        return parse_duration(value if isinstance(value, str) else str(value), allow_negative=allow_negative)
    except TimeError as error:
        raise wrong(str(error)) from None


@dataclass(frozen=True, slots=True)
class Within:
    """Bounds of a duration, both allowed."""

    least: Millis
    most: Millis

    def __call__(self, value: Millis) -> Millis:
        """The value itself; refuses one out of bounds."""
        if not self.least <= value <= self.most:
            bounds = f"from {format_duration(self.least)} to {format_duration(self.most)}"
            raise wrong(f"{format_duration(value)} is out of range; allowed is {bounds}")
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Checks after the duration has been read."""
        return no_info_after_validator_function(self, handler(source))


def _read_point(value: object, info: ValidationInfo) -> Millis:
    if isinstance(value, str) and looks_like_instant(value):
        try:
            instant = parse_instant(value)
        except TimeError as error:
            raise wrong(str(error)) from None
        start = (info.context or {}).get("start")
        if not isinstance(start, datetime):
            raise wrong("a date needs a valid start of the scenario; write the time since the start, for example 26h")
        since = instant - start
        return Millis((since.days * 86_400 + since.seconds) * 1_000 + since.microseconds // 1_000)
    return read_duration(value, allow_negative=True)


def _not_before_start(value: Millis) -> Millis:
    if value < 0:
        raise wrong(f"{format_duration(value)} lies before the start; an action happens at 0m or later")
    return value


def read_point(value: object, info: ValidationInfo) -> Millis:
    """A point in time at or after the start, as it stands in the file."""
    return _not_before_start(_read_point(value, info))


def _read_instant(value: object) -> datetime:
    if not isinstance(value, str):
        raise wrong(f"must be a date and time, not {described(value)}; write one such as 2026-03-02T08:00:00Z")
    try:
        instant = parse_instant(value)
    except TimeError as error:
        raise wrong(str(error)) from None
    if instant.microsecond:
        raise wrong(f"{clipped(value)} has a fraction of a second; write whole seconds")
    return instant


def _iso(value: datetime) -> str:
    return value.strftime("%Y-%m-%dT%H:%M:%SZ")


_duration_text: Final = PlainSerializer(format_duration, return_type=str)
_duration_schema: Final = WithJsonSchema({"type": "string", "pattern": DURATION_PATTERN, "examples": ["40m", "P1DT2H"]})
_signed_schema: Final = WithJsonSchema(
    {"type": "string", "pattern": SIGNED_DURATION_PATTERN, "examples": ["40m", "-1d"]}
)
_point_schema: Final = WithJsonSchema(
    {"type": "string", "description": "a duration since the start, or a date and time", "examples": ["26h"]}
)

Duration = Annotated[Millis, PlainValidator(read_duration), _duration_text, _duration_schema]
SignedDuration = Annotated[
    Millis, PlainValidator(lambda value: read_duration(value, allow_negative=True)), _duration_text, _signed_schema
]
AnyPoint = Annotated[Millis, PlainValidator(_read_point), _duration_text, _point_schema]
"""A point in time, before the start or after it: a duration since the start, or a date."""
Point = Annotated[Millis, PlainValidator(_read_point), AfterValidator(_not_before_start), _duration_text, _point_schema]
Instant = Annotated[
    datetime,
    PlainValidator(_read_instant),
    PlainSerializer(_iso, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]


class Distribution(NamedTuple):
    """How long something takes: equally likely from `low` to `high`, both included; constant where they are equal."""

    low: Millis
    high: Millis

    @property
    def constant(self) -> bool:
        """Whether nothing is drawn."""
        return self.low == self.high


_DISTRIBUTION_FORMS: Final = "write a duration such as 0m, or {uniform: [24h, 72h]}"


def read_distribution(value: object) -> Distribution:
    """How long something takes, as it stands in the file."""
    if isinstance(value, Distribution):
        return value
    if isinstance(value, dict):
        if list(value) != ["uniform"]:
            shown = clipped(", ".join(str(key) for key in value)) or "an empty mapping"
            raise wrong(f"unknown distribution {shown}; {_DISTRIBUTION_FORMS}")
        bounds = value["uniform"]
        if not isinstance(bounds, list | tuple) or len(bounds) != 2:
            raise wrong(f"must be a list of two durations, not {described(bounds)}; for example [24h, 72h]", "uniform")
        low, high = (read_duration(bound) for bound in bounds)
        if low > high:
            raise wrong("the shorter duration comes first; for example [24h, 72h]", "uniform")
        return Distribution(low, high)
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        constant = read_duration(value)
        return Distribution(constant, constant)
    raise wrong(f"must be a duration or a distribution, not {described(value)}; {_DISTRIBUTION_FORMS}")


def write_distribution(value: Distribution) -> object:
    """The same as it is written."""
    if value.constant:
        return format_duration(value.low)
    return {"uniform": [format_duration(value.low), format_duration(value.high)]}


_A_DURATION: Final = {"type": "string", "pattern": DURATION_PATTERN}
DistributionField = Annotated[
    Distribution,
    PlainValidator(read_distribution),
    PlainSerializer(write_distribution),
    WithJsonSchema(
        {
            "anyOf": [
                _A_DURATION,
                {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["uniform"],
                    "properties": {"uniform": {"type": "array", "items": _A_DURATION, "minItems": 2, "maxItems": 2}},
                },
            ]
        }
    ),
]

# --- texts --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Matching:
    """A form that a text must have, and the words that say so; the JSON Schema gets the same form."""

    pattern: str
    allowed: str

    def __call__(self, value: str) -> str:
        """The text itself; refuses one of another form."""
        if re.fullmatch(self.pattern, value) is None:
            raise wrong(f"{described(value)} is not allowed; {self.allowed}")
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Checks after pydantic has made sure that it is text."""
        return no_info_after_validator_function(self, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """The form as a regular expression."""
        return {**handler(schema), "pattern": f"^(?:{self.pattern})$"}


Flag = Annotated[bool, Strict()]
Whole = Annotated[int, Strict()]
Number = Annotated[float, Strict(), Field(allow_inf_nan=False)]
Text = Annotated[str, Matching(r"\S(?:[^\n]{0,254}\S)?", "write one line of 1 to 256 characters")]
"""A name or a title: one line, without spaces around it."""

_SLUG_WORDS: Final = "write lower-case letters and digits with - between them, for example my-story"
_ID_WORDS: Final = "write lower-case letters and digits with . _ or - between them, for example t.chen"
Slug = Annotated[str, Matching(r"(?=.{1,64}$)[a-z0-9]+(?:-[a-z0-9]+)*", _SLUG_WORDS)]
PersonId = Annotated[str, Matching(r"(?=.{1,64}$)[a-z0-9]+(?:[._-][a-z0-9]+)*", _ID_WORDS)]
Upn = Annotated[
    str,
    Matching(
        r"(?=.{3,128}$)[A-Za-z0-9._'^#!~-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+",
        "write a userPrincipalName such as t.chen@contoso.example",
    ),
]
"""Letters as https://learn.microsoft.com/graph/api/user-post-users allows them, and short enough for AWS's userName."""
UserName = Annotated[str, Matching(r"\S{1,128}", "write 1 to 128 characters without spaces")]
"""https://docs.aws.amazon.com/singlesignon/latest/developerguide/createuser.html."""
MailNickname = Annotated[
    str,
    Matching(r"[A-Za-z0-9._'+=!#^~-]{1,64}", "write 1 to 64 letters, digits or . _ -"),
]
PermissionSetName = Annotated[
    str, Matching(r"[A-Za-z0-9_+=,.@-]{1,32}", "write 1 to 32 letters, digits or any of _+=,.@-")
]
"""https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_CreatePermissionSet.html."""
Domain = Annotated[
    str,
    Matching(r"(?=.{1,60}$)[a-z0-9-]+(?:\.[a-z0-9-]+)+", "write a domain such as contoso.example"),
]


def ascii_local_part(text: str) -> str:
    """The lower-case letters and digits of a name: ``Zoë O'Hara`` becomes ``zoeohara``."""
    for letter, spelling in (("ß", "ss"), ("ø", "o"), ("Ø", "o"), ("æ", "ae"), ("Æ", "ae"), ("ł", "l"), ("Ł", "l")):
        text = text.replace(letter, spelling)
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return "".join(letter for letter in folded.lower() if letter.isalnum())
