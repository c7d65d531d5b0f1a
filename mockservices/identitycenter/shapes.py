"""What request bodies of the AWS JSON services have in common: checked before a core hears of them.

Invariant: a body that passes is complete and well-formed; whether what it names exists is for the core to say.
Constraints are those of the published service models (sso-admin 2020-07-20, identitystore 2020-06-15):
https://github.com/boto/botocore/tree/develop/botocore/data
"""

from __future__ import annotations

from typing import Annotated, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_pascal
from pydantic_core import ErrorDetails

from mockservices.identitycenter.errors import AwsError, invalid, no_such, not_found, unreadable
from mockservices.identitycenter.instance import Instance
from mockservices.identitycenter.paging import LARGEST_PAGE
from mockservices.identitycenter.render import lower_first, store_arn

B = TypeVar("B", bound="Body")

_UUID = "[A-Fa-f0-9]{8}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{12}"
ID = f"([0-9a-f]{{10}}-)?{_UUID}"
INSTANCE = "(sso)?ins-[a-zA-Z0-9-.]{16}"


InstanceArn: TypeAlias = Annotated[str, Field(pattern=f"^arn:aws(-[a-z]{{1,5}}){{0,3}}:sso:::instance/{INSTANCE}$")]


class Body(BaseModel):
    """Members in AWS's spelling; unknown ones are passed over, as AWS does."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore", alias_generator=to_pascal)

    @classmethod
    def parse(cls: type[B], raw: bytes) -> B:
        """From the request's bytes; SerializationException or ValidationException for what does not fit."""
        try:
            return cls.model_validate_json(raw or b"{}")
        except ValidationError as error:
            raise _refusal(error) from None

    def check(self, instance: Instance) -> None:
        """Refuse a body that is for another instance or identity store than the one that is here."""


class SsoBody(Body):
    """A body of an sso-admin operation."""

    instance_arn: InstanceArn

    def check(self, instance: Instance) -> None:
        """ResourceNotFoundException for any other instance."""
        if self.instance_arn != instance.arn:
            raise not_found(f"Could not find Instance with id {self.instance_arn.rpartition('/')[2]}")


class StoreBody(Body):
    """A body of an identitystore operation."""

    identity_store_id: Annotated[str, Field(min_length=1, max_length=93)]

    def check(self, instance: Instance) -> None:
        """ResourceNotFoundException for any other identity store; the id may be given as an ARN."""
        if self.identity_store_id not in (instance.identity_store_id, store_arn(instance)):
            raise no_such("IDENTITY_STORE", self.identity_store_id)


class Paged(Body):
    """A body of a List operation."""

    max_results: Annotated[int, Field(ge=1, le=LARGEST_PAGE)] | None = None
    next_token: str | None = None


# --- refusals --------------------------------------------------------------------------------------------

_CONSTRAINTS = {
    "missing": "Member must not be null",
    "string_pattern_mismatch": "Member must satisfy regular expression pattern: {pattern}",
    "string_too_short": "Member must have length greater than or equal to {min_length}",
    "string_too_long": "Member must have length less than or equal to {max_length}",
    "too_short": "Member must have length greater than or equal to {min_length}",
    "too_long": "Member must have length less than or equal to {max_length}",
    "greater_than_equal": "Member must have value greater than or equal to {ge}",
    "less_than_equal": "Member must have value less than or equal to {le}",
    "literal_error": "Member must satisfy enum value set: {expected}",
}


def _refusal(error: ValidationError) -> AwsError:
    """Constraints as AWS words them; everything else is a body that could not be read."""
    problems = error.errors(include_url=False)
    for problem in problems:
        if problem["type"] not in _CONSTRAINTS:
            where = ".".join(str(part) for part in problem["loc"])
            return unreadable(f"{where}: {problem['msg']}" if where else problem["msg"])
    count = f"{len(problems)} validation error{'s' if len(problems) > 1 else ''} detected"
    return invalid(f"{count}: {'; '.join(_constraint(problem) for problem in problems)}")


def _constraint(problem: ErrorDetails) -> str:
    where = ".".join(lower_first(str(part)) for part in problem["loc"])
    rule = _CONSTRAINTS[problem["type"]].format(**problem.get("ctx", {}))
    value = "null" if problem["type"] == "missing" else f"'{problem['input']}'"
    return f"Value {value} at '{where}' failed to satisfy constraint: {rule}"
