"""E6: a rehire is its own row; adopting the leftover counts when grants work; memberships that come back without
entitlement are orphans, cause ``rehire``."""

from __future__ import annotations

from mockservices.clock import Millis
from tests.semantics.story import Grant, Latency, act, begin, run, told


def test_the_same_identity_comes_back() -> None:
    """Ann leaves at 10m (disabled at 2,400,100), is hired again at 50m = 3,000,000. The cycle at 80m = 4,800,000: GET
    @0, PATCH ``active`` @100, and her old membership works again."""
    seen = run(told(act("10m", "leave", "ann"), act("50m", "rehire", "ann")))
    assert seen.counts == {"leaver": 1, "rehire": 1}
    assert seen.latencies == [
        Latency("leaver", "ann", 600_000, 2_400_100, 0, 1_800_000, 100, 0),
        Latency("rehire", "ann", 3_000_000, 4_800_100, 0, 1_800_000, 100, 0),
    ]
    assert seen.person_ms == {"leaver": 1_800_100}


def test_the_old_place_works_again_for_a_moment() -> None:
    """Ann comes back to Operations. GET @0, PATCH ``active`` @100, GET of both groups @200 and @300, out of Engineers
    @400, into Operators @500. From @100 to @400 the old membership works without entitlement. The rehire is through
    when all that she is entitled to works: @500."""
    seen = run(told(act("10m", "leave", "ann"), act("50m", "rehire", "ann", department="Operations")))
    assert seen.latencies[1] == Latency("rehire", "ann", 3_000_000, 4_800_500, 0, 1_800_000, 500, 0)
    assert seen.orphans == [
        Grant("ann", "ReadOnly@dev", "leaver", 600_000, 2_400_100),
        Grant("ann", "ReadOnly@dev", "rehire", 4_800_100, 4_800_400),
    ]
    assert seen.held("ann") == ["PowerUser@dev"]


def test_a_new_identity_with_the_old_name_adopts_the_leftover() -> None:
    """At 5m somebody adds Ann's user to Auditors in the target's console: drift, a leaver's from 10m on. The cycle at
    40m disables her @100. At 50m she is taken out of Engineers, so that she falls out of scope: the cycle at 80m finds
    her disabled already, lets her go, and takes her user out of Engineers (GET user @0, GET group @100, PATCH @200).
    She is deleted and purged at 90m: out of scope, nothing is sent, the disabled user and its membership of Auditors
    stay behind. At 130m = 7,800,000 she is hired again with a new identity and the old name. The cycle at 160m =
    9,600,000 finds the leftover by its userName @0 and activates it @100: Audit works again, without entitlement.
    GET group @200, into Engineers @300: the rehire is through."""
    seen = run(
        told(
            act("5m", "aws_add_member", group="Auditors", user="ann"),
            act("10m", "leave", "ann"),
            act("50m", "remove_member", "ann", group="Engineers"),
            act("90m", "delete", "ann"),
            act("91m", "purge", "ann"),
            act("130m", "rehire", "ann", identity="new"),
        )
    )
    assert [each for each in seen.requests if each[0] >= 9_600_000] == [
        (9_600_000, "GET Users"),
        (9_600_100, "PATCH Users"),
        (9_600_200, "GET Groups"),
        (9_600_300, "PATCH Groups"),
    ]
    tally = seen.world.driver.sums.tally
    assert (tally.users_matched, tally.users_created, tally.users_deleted) == (1, 0, 0)
    assert seen.latencies[1] == Latency("rehire", "ann", 7_800_000, 9_600_300, 0, 1_800_000, 300, 0)
    assert seen.orphans == [
        Grant("ann", "Audit@prod", "drift", 300_000, 600_000),
        Grant("ann", "Audit@prod", "leaver", 600_000, 2_400_100),
        Grant("ann", "ReadOnly@dev", "leaver", 600_000, 2_400_100),
        Grant("ann", "Audit@prod", "rehire", 9_600_100, None),
    ]
    assert seen.pieces[-1].waiting == "nobody"


def test_a_new_identity_adopts_what_a_deleted_one_left_in_the_same_cycle() -> None:
    """Bob leaves at 10m (disabled at 2,400,100). Between two gates his account is deleted and he is hired again, into
    Engineering, with a new identity and the old name. The cycle at 80m looks at the deleted account first (GET @0,
    nothing to change), then finds the leftover for the new one @100 and activates it @200: his old membership of
    Operators works again. Operators and Engineers are read @300 and @400. The end of the old account's membership of
    Operators is not sent: the user is linked to the new account now. He gets into Engineers @500."""
    seen = run(
        told(
            act("10m", "leave", "bob"),
            act("50m", "delete", "bob"),
            act("51m", "rehire", "bob", identity="new", department="Engineering"),
        )
    )
    assert seen.latencies[1] == Latency("rehire", "bob", 3_060_000, 4_800_500, 0, 1_740_000, 500, 0)
    assert seen.orphans[1:] == [Grant("bob", "PowerUser@dev", "rehire", 4_800_200, None)]
    assert seen.world.services.provider.users_count == 3


def test_a_new_account_with_the_old_name_made_from_outside_is_the_same_person() -> None:
    """Truth is the directory's. Cyd is deleted at 10m (a leaver) and disabled by the cycle at 40m; at 50m a client
    makes a new account with her name and puts it into Engineers."""
    seen = begin(told(act("10m", "delete", "cyd")))
    world = seen.world
    world.run_until(3_000_000)
    attributes = {"userPrincipalName": "cyd.example@contoso.example", "displayName": "Cyd", "mailNickname": "cyd"}
    made = world.command("graph.user.create", {"properties": {**attributes, "accountEnabled": True}})
    engineers = world.services.directory.groups[world.parts.group_rows["Engineers"]].id
    world.command("graph.member.add", {"group": engineers, "member": made.id}, wanted=Millis(3_000_000))
    world.run()
    assert seen.counts == {"leaver": 1, "rehire": 1}
    assert [each.who for each in seen.latencies] == ["cyd", "cyd"]
    assert seen.held("cyd") == ["ReadOnly@dev"]


def test_left_and_back_before_the_cycle_changes_nothing() -> None:
    """As with there and back again (E3)."""
    seen = run(told(act("10m", "leave", "ann"), act("20m", "rehire", "ann")))
    assert seen.counts == {"leaver": 1, "rehire": 1}
    assert (seen.outcomes, seen.latencies) == ({"no_change": 2}, [])
    assert seen.person_ms == {"leaver": 600_000}


def test_left_and_back_elsewhere_before_the_cycle() -> None:
    """The leaving is overtaken; the rehire is measured (remove @300, add @400). ReadOnly became orphaned at 10m by the
    leaving, and a cause is fixed when the interval opens (E9)."""
    seen = run(told(act("10m", "leave", "ann"), act("20m", "rehire", "ann", department="Operations")))
    assert seen.outcomes == {"superseded": 1}
    assert seen.latencies == [Latency("rehire", "ann", 1_200_000, 2_400_400, 0, 1_200_000, 400, 0)]
    assert seen.orphans == [Grant("ann", "ReadOnly@dev", "leaver", 600_000, 2_400_300)]


def test_hr_that_learns_of_the_leaving_after_the_rehire_does_not_close_the_account() -> None:
    """Told of the leaving two hours late, HR finds somebody who works here."""
    seen = run(told(act("10m", "leave", "ann", hr_lag="2h"), act("20m", "rehire", "ann")))
    assert seen.outcomes == {"no_change": 2}
    assert seen.held("ann") == ["ReadOnly@dev"]
    assert seen.requests == []
