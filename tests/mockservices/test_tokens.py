"""Credentials belong to one world, and an access token carries its own expiry."""

from __future__ import annotations

from uuid import UUID

from mockservices.clock import Millis
from mockservices.tokens import Tokens


def test_a_secret_is_fixed_by_seed_and_name() -> None:
    assert Tokens(1).secret("scim") == Tokens(1).secret("scim")
    assert len({Tokens(1).secret("scim"), Tokens(2).secret("scim"), Tokens(1).secret("client")}) == 3


def test_a_secret_has_the_length_that_was_asked_for() -> None:
    assert [len(Tokens(1).secret("scim", length)) for length in (1, 40, 600)] == [1, 40, 600]


def test_a_secret_needs_no_escaping_in_a_url_or_a_shell() -> None:
    assert set(Tokens(1).secret("scim", 600)) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def test_request_ids_are_uuids_and_never_the_same() -> None:
    tokens = Tokens(1)
    ids = [tokens.request_id() for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert {UUID(identifier).version for identifier in ids} == {4}


def test_an_access_token_carries_its_expiry() -> None:
    tokens = Tokens(1)
    token = tokens.access_token("tenant", "client", "https://graph.microsoft.com", Millis(3_599_000))
    assert tokens.expiry(token) == 3_599_000
    assert token.count(".") == 2


def test_asking_for_secrets_and_ids_in_between_changes_no_token() -> None:
    tokens = Tokens(1)
    first = tokens.access_token("tenant", "client", "audience", Millis(1))
    tokens.request_id()
    tokens.secret("scim")
    assert tokens.access_token("tenant", "client", "audience", Millis(1)) == first


def test_a_token_of_another_world_is_no_token() -> None:
    token = Tokens(2).access_token("tenant", "client", "audience", Millis(1))
    assert Tokens(1).expiry(token) is None


def test_a_token_that_was_altered_is_no_token() -> None:
    tokens = Tokens(1)
    head, _, signature = tokens.access_token("tenant", "client", "audience", Millis(1)).split(".")
    later = tokens.access_token("tenant", "client", "audience", Millis(9)).split(".")[1]
    assert tokens.expiry(f"{head}.{later}.{signature}") is None


def test_other_texts_are_no_tokens() -> None:
    assert [Tokens(1).expiry(text) for text in ("", "abc", "a.b", "a.b.", "a.b.c")] == [None] * 5
