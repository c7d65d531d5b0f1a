"""Who goes to the portal when: drawn for one person, and for one person alone."""

from __future__ import annotations

import itertools

import pytest

from mockservices.clock import Millis
from mockservices.identitycenter.sessions.records import PortalSession
from sim.scenario import load
from sim.time import DAY, HOUR
from sim.usage import Usage
from sim.world import World

ALL = (Millis(0), Millis(14 * DAY))


def usage_of(*settings: str) -> tuple[World, Usage]:
    """A company of 200 and its habits."""
    world = World(load("plain", ["workforce.size=200", "duration=14d", *settings]).scenario)
    source = world.services.doors.source
    assert isinstance(source, Usage)
    return world, source


def test_asking_about_one_moves_nothing_of_another() -> None:
    _, alone = usage_of("target.sessions={}")
    _, after = usage_of("target.sessions={}")
    wanted = {user: alone.portal_sessions(user, *ALL) for user in range(50)}
    for user in reversed(range(50)):
        after.role_sessions(user, *ALL)
        assert after.portal_sessions(user, *ALL) == wanted[user]


def test_the_same_question_has_the_same_answer_when_it_asks_for_more() -> None:
    _, source = usage_of("target.sessions={usage: on_call, sign_ins: 5}")
    for user in range(20):
        whole = source.portal_sessions(user, *ALL)
        for day in range(1, 14):
            part = source.portal_sessions(user, Millis(0), Millis(day * DAY))
            assert [*part] == [session for session in whole if session.opened < day * DAY]


@pytest.mark.parametrize(
    "setting", ["provisioning.interval=20m", "provisioning.strategy=event", "target.request_time=1s"]
)
def test_neither_interval_nor_strategy_changes_a_wish(setting: str) -> None:
    _, one = usage_of("target.sessions={}")
    _, other = usage_of("target.sessions={}", setting)
    assert [one.portal_sessions(u, *ALL) for u in range(50)] == [other.portal_sessions(u, *ALL) for u in range(50)]


def test_working_hours_are_those_of_the_clock_on_the_wall() -> None:
    """2026-03-02 is a Monday; New York is five hours behind, and its clocks go forward on Sunday the 8th."""
    world, source = usage_of(
        "start=2026-03-02T00:00:00Z", "workforce.calendar=corporate", "workforce.timezone=America/New_York",
        "target.sessions={users: 1.0, sign_ins: 2}",
    )  # fmt: skip
    opened = [s.opened for user in range(150) for s in source.portal_sessions(user, *ALL) if s.opened >= 0]
    assert opened
    for at in opened:
        day = at // DAY
        behind = 5 if day < 6 else 4
        assert day % 7 < 5
        assert 9 * HOUR <= at - behind * HOUR - day * DAY < 17 * HOUR
    assert world.now == 0


def test_the_share_of_users_and_their_rate_are_those_of_the_scenario() -> None:
    """Of 200 people half; each opens one session on each of ten workdays. Bounds at alpha = 1e-4 (3.89 sd)."""
    _, source = usage_of("target.sessions={}")
    sessions = [[s for s in source.portal_sessions(u, *ALL) if s.opened >= 0] for u in range(200)]
    users = sum(source.uses(number) for number in range(200))
    assert abs(users - 100) <= 3.89 * 50**0.5
    assert abs(sum(map(len, sessions)) - 10 * users) <= 3.89 * (10 * users) ** 0.5
    assert all(not found for number, found in enumerate(sessions) if not source.uses(number))


def test_somebody_who_is_always_there_has_one_session_after_the_other_whatever_their_length_becomes() -> None:
    world, source = usage_of("target.sessions={usage: always, users: 1.0}")
    world.run_until(5 * DAY)
    world.services.perform("sso.sessions.configure", {"portal": HOUR})
    sessions = source.portal_sessions(3, *ALL)
    for before, after in itertools.pairwise(sessions):
        assert after.opened <= before.expires
    lengths = {(s.opened >= 5 * DAY, s.expires - s.opened) for s in sessions}
    assert lengths == {(False, 8 * HOUR), (True, HOUR)}


def test_a_wish_for_which_the_door_is_closed_comes_to_nothing() -> None:
    world, source = usage_of("target.sessions={usage: on_call, users: 1.0, sign_ins: 24}")
    services = world.services
    row = next(row for row in range(50) if source.portal_sessions(row, *ALL))
    account = services.directory.row_by_upn(str(services.provider.peek(row).attributes["userName"]))
    assert account is not None
    world.run_until(2 * DAY)
    services.directory.update_user(account, {"accountEnabled": False})
    world.run_until(2 * DAY + 30 * 60_000)
    opened = [portal.session for portal in services.doors.access(row).portals]
    assert opened
    assert all(session.opened < 2 * DAY for session in opened)


def test_roles_come_from_a_session_that_is_open_and_last_as_their_permission_set_says() -> None:
    world, source = usage_of("target.sessions={usage: on_call, users: 1.0, sign_ins: 6, roles: 12}")
    portals: dict[str, PortalSession] = {s.id: s for u in range(20) for s in source.portal_sessions(u, *ALL)}
    roles = [role for user in range(20) for role in source.role_sessions(user, *ALL)]
    assert len(roles) > 500
    instance = world.services.instance
    for role in roles:
        assert portals[role.portal].opened <= role.started < portals[role.portal].expires
        assert role.expires - role.started == HOUR
        assert role.grant in instance.held(role.user)


def test_nobody_goes_there_where_nobody_does() -> None:
    world = World(load("plain", ["workforce.size=50", "target.sessions={usage: none}"]).scenario)
    assert not any(world.services.doors.source.portal_sessions(row, *ALL) for row in range(50))
