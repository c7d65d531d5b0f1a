"""E2: joined and left before being provisioned: the joiner is superseded (counted, no latency), the leaver had
nothing to remove; neither is in n."""

from __future__ import annotations

from tests.semantics.story import CYCLE, Latency, Piece, act, join, person, run, told


def test_joined_and_left_between_two_gates() -> None:
    """Dan joins at 10m = 600,000 and leaves at 20m = 1,200,000; the cycle at 40m finds a disabled account that it has
    never provisioned and passes over it. The only request is the GET of the group whose members changed."""
    seen = run(told(join("10m", "dan"), act("20m", "leave", "dan")))
    assert seen.counts == {"joiner": 1, "leaver": 1}
    assert seen.outcomes == {"superseded": 1, "nothing_to_remove": 1}
    assert seen.latencies == []
    assert seen.missing == [("dan", 600_000, 1_200_000)]
    assert seen.total_ms == 0
    assert seen.requests == [(CYCLE, "GET Groups")]


def test_a_leaver_of_whom_hr_is_silent_is_provisioned_after_all() -> None:
    """Dan joins at 10m and leaves at 20m, but HR acts only at 140m = 8,400,000. The cycle at 40m does not know:
    find @0, POST @100, GET group @200, PATCH members @300, so that at 2,400,300 somebody who has left gets access.
    It ends at 160m = 9,600,000 + 100 (GET, PATCH active). Until the access came there was nothing to remove, so the
    leaver's latency begins with it, as the person interval does: hr 8,400,000 - 2,400,300, cycle 1,200,000, processing
    100."""
    seen = run(told(join("10m", "dan"), act("20m", "leave", "dan", hr_lag="2h")))
    assert seen.outcomes == {"superseded": 1}
    assert seen.latencies == [Latency("leaver", "dan", 2_400_300, 9_600_100, 5_999_700, 1_200_000, 100, 0)]
    assert seen.pieces == [
        Piece("dan", "leaver", "hr", 2_400_300, 8_400_000),
        Piece("dan", "leaver", "cycle", 8_400_000, 9_600_000),
        Piece("dan", "leaver", "processing", 9_600_000, 9_600_100),
    ]
    assert seen.person_ms == {"leaver": 7_199_800}


def test_a_leaver_whose_access_is_on_its_way_is_not_through() -> None:
    """One request a second: Dan, picked up at 40m, is found missing at 2,400,000, created at 2,401,000, his group is
    read at 2,402,000 and he becomes a member at 2,403,000. He leaves at 2,401,500, with nothing to remove yet; but the
    membership is on its way. The next cycle reads him at 4,800,000 and disables him at 4,801,000. His leaving was
    first picked up at 4,800,000: from the access on, wait 2,397,000, processing 1,000."""
    timeline = [join("10m", "dan"), act("2401500ms", "leave", "dan")]
    seen = run(told(*timeline, provisioning__pace={"initial": 1, "incremental": 1}))
    assert seen.outcomes == {"superseded": 1}
    assert seen.latencies == [Latency("leaver", "dan", 2_403_000, 4_801_000, 0, 2_397_000, 1_000, 0)]
    assert seen.pieces == [
        Piece("dan", "leaver", "cycle", 2_403_000, 4_800_000),
        Piece("dan", "leaver", "processing", 4_800_000, 4_801_000),
    ]


def test_a_leaver_who_never_had_access_has_nothing_to_remove() -> None:
    """Gus works where no group is given: his joining changes nothing, and at his leaving there is nothing."""
    seen = run(told(join("10m", "gus", "Kitchen"), act("90m", "leave", "gus")))
    assert seen.outcomes == {"no_change": 1, "nothing_to_remove": 1}
    assert seen.latencies == []


def test_the_same_by_an_administrator() -> None:
    """Truth is the directory's: created at 10m, in the group at 11m, disabled at 20m. The joiner begins at 11m, with
    the first entitlement."""
    seen = run(
        told(
            act("10m", "create_user", person=person("dan", "Kitchen")),
            act("11m", "add_member", "dan", group="Engineers"),
            act("20m", "disable", "dan"),
        )
    )
    assert seen.counts == {"joiner": 1, "leaver": 1}
    assert seen.outcomes == {"superseded": 1, "nothing_to_remove": 1}
    assert seen.missing == [("dan", 660_000, 1_200_000)]
