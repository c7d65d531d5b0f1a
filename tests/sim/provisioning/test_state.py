"""What the job remembers: links in both directions, members as it has read them."""

from __future__ import annotations

from sim.provisioning.state import Links, Members


def test_a_link_leads_both_ways_until_it_is_dropped() -> None:
    links = Links()
    links.set("s", "t")
    assert (links.get("s"), links.source("t")) == ("t", "s")
    links.drop("s")
    assert (links.get("s"), links.source("t")) == (None, None)


def test_a_target_object_has_one_source_object_the_latest() -> None:
    """What a deleted account left behind is taken over by the new account that adopts it."""
    links = Links()
    links.set("old", "t")
    links.set("new", "t")
    assert (links.get("old"), links.get("new"), links.source("t")) == (None, "t", "new")
    links.drop("old")
    assert links.source("t") == "new"


def test_links_of_the_start_are_known_by_arithmetic_until_they_change() -> None:
    links = Links(lambda s: s.upper() if s.islower() else None, lambda t: t.lower() if t.isupper() else None)
    assert (links.get("a"), links.source("A"), links.get("A"), links.source("a")) == ("A", "a", None, None)
    links.drop("a")
    links.set("b", "C")
    assert (links.get("a"), links.source("A")) == (None, None)
    assert (links.get("b"), links.source("C"), links.get("c")) == ("C", "b", None)


def test_whoever_listens_is_told_of_every_link_made_taken_over_and_dropped() -> None:
    links = Links()
    told: list[tuple[str, str]] = []
    links.listener = lambda source, target: told.append((source, target))
    links.set("old", "t")
    links.set("new", "t")
    links.drop("new")
    links.drop("nobody")
    assert told == [("old", "t"), ("old", "t"), ("new", "t"), ("new", "t")]


def test_members_are_those_of_the_start_and_what_was_read_since() -> None:
    members = Members(lambda group: ["a", "b"] if group == "g" else [])
    members.note("g", {"b": False, "c": True})
    members.note("h", {"d": True})
    members.note("g", {})
    assert members.of("g") == ["a", "c"]
    assert members.of("h") == ["d"]
    assert members.of("i") == []


def test_a_member_who_came_back_is_one() -> None:
    members = Members()
    for member in (True, False, True):
        members.note("g", {"a": member})
    assert members.of("g") == ["a"]
