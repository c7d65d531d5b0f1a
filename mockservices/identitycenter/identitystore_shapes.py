"""Request bodies of ``identitystore``.

Invariant: a body that passes is complete and well-formed; which characters a name may hold is for the store to say.
Constraints: https://github.com/boto/botocore/tree/develop/botocore/data/identitystore
"""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from pydantic import BeforeValidator, Field

from mockservices.identitycenter.shapes import ID, Body, Paged, StoreBody


def _without_arn(value: object) -> object:
    """An id may be given as an ARN, which ends in it."""
    return value.rpartition("/")[2] if isinstance(value, str) and value.startswith("arn:") else value


ResourceId: TypeAlias = Annotated[str, BeforeValidator(_without_arn), Field(pattern=f"^{ID}$")]
Revision: TypeAlias = Annotated[str, Field(pattern="^[0-9]{1,64}$")]
Path: TypeAlias = Annotated[str, Field(min_length=1, max_length=255)]
Text: TypeAlias = Annotated[str, Field(min_length=1, max_length=1024)]


class AttributeFilter(Body):
    """One attribute, one value."""

    attribute_path: Path
    attribute_value: Text


class ListObjects(StoreBody, Paged):
    """Users or groups, all or the one whose name is asked for."""

    filters: Annotated[list[AttributeFilter], Field(max_length=1)] | None = None


class OfUser(StoreBody):
    """Names a user."""

    user_id: ResourceId


class OfGroup(StoreBody):
    """Names a group."""

    group_id: ResourceId


class DeleteUser(OfUser):
    """A user to delete, if it is still at that revision."""

    revision: Revision | None = None


class DeleteGroup(OfGroup):
    """A group to delete, if it is still at that revision."""

    revision: Revision | None = None


class ExternalId(Body):
    """An id that an identity provider has issued."""

    issuer: Annotated[str, Field(min_length=1, max_length=256)]
    id: Annotated[str, Field(min_length=1, max_length=256)]


class UniqueAttribute(Body):
    """An attribute that no two objects share; its value is a document, so any JSON."""

    attribute_path: Path
    attribute_value: Any


class AlternateIdentifier(Body):
    """One of two ways to name an object without its id."""

    external_id: ExternalId | None = None
    unique_attribute: UniqueAttribute | None = None


class GetId(StoreBody):
    """Asks for the id of an object."""

    alternate_identifier: AlternateIdentifier


class Member(Body):
    """A user, as a member."""

    user_id: ResourceId


class ListMemberships(OfGroup, Paged):
    """The memberships of a group."""


class ListMembershipsForMember(StoreBody, Paged):
    """The memberships of a user."""

    member_id: Member


class IsMemberInGroups(StoreBody):
    """Asks of one user and up to 100 groups."""

    member_id: Member
    group_ids: Annotated[list[ResourceId], Field(min_length=1, max_length=100)]


class CreateMembership(OfGroup):
    """A user to add to a group."""

    member_id: Member


class DeleteMembership(StoreBody):
    """Names a membership."""

    membership_id: ResourceId


class CreateGroup(StoreBody):
    """A new group."""

    display_name: Text | None = None
    description: Text | None = None


class Name(Body):
    """The parts of a person's name."""

    formatted: Text | None = None
    family_name: Text | None = None
    given_name: Text | None = None
    middle_name: Text | None = None
    honorific_prefix: Text | None = None
    honorific_suffix: Text | None = None


class Typed(Body):
    """An e-mail address, a phone number or a role."""

    value: Text | None = None
    type: Text | None = None
    primary: bool | None = None


class Address(Body):
    """A postal address."""

    street_address: Text | None = None
    locality: Text | None = None
    region: Text | None = None
    postal_code: Text | None = None
    country: Text | None = None
    formatted: Text | None = None
    type: Text | None = None
    primary: bool | None = None


One: TypeAlias = Annotated[list[Typed], Field(min_length=1, max_length=1)]


class CreateUser(StoreBody):
    """A new user. What the store behind SCIM does not hold (photos, extensions …) is refused, never dropped."""

    user_name: Annotated[str, Field(min_length=1, max_length=128)] | None = None
    name: Name | None = None
    display_name: Text | None = None
    nick_name: Text | None = None
    profile_url: Text | None = None
    user_type: Text | None = None
    title: Text | None = None
    preferred_language: Text | None = None
    locale: Text | None = None
    timezone: Text | None = None
    emails: One | None = None
    addresses: Annotated[list[Address], Field(min_length=1, max_length=1)] | None = None
    phone_numbers: One | None = None
    roles: One | None = None
    photos: Any = None
    website: Any = None
    birthdate: Any = None
    extensions: Any = None
