"""One person's way from HR through the directory and the next cycle to the target, and a sentence about it.

Invariant: reads the cores and changes nothing. What the next cycle will send is told as far as it is known now: the
person's own differences, not what other changes may bring until then.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from mockservices.graph.directory import DELETED, LIVE
from sim.observation.deeds import deed
from sim.observation.doors import DELETE, DISABLE, Doorway, doorway
from sim.observation.feed_words import TOLD
from sim.observation.lane_tickets import about_tickets, desk_caption, ticket_stop
from sim.observation.person import PROCESSING, RETRYING, SYNCED, Person
from sim.observation.stop import State, Stop
from sim.observation.watch import FRESH_MS, Story, Watch
from sim.observation.words import ABSENCE, CONTRACTOR_EXPIRY, LEAVER, MOVER
from sim.scenario.hr_actions import HrAction
from sim.scenario.timeline import AnyAction
from sim.time import DAY, WEEK, counted, span_text

if TYPE_CHECKING:
    from sim.world import World

DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
GOING: Final = frozenset({LEAVER, CONTRACTOR_EXPIRY, ABSENCE})


@dataclass(frozen=True, slots=True)
class Lane:
    """One person's way."""

    person: str
    label: str
    account: str
    """The id of the account in the directory; empty while there is none, or none any more."""
    stops: tuple[Stop, Stop, Stop, Stop]
    doorway: Doorway
    """Which doors into the target stand open, until when, and who keeps them so."""


def clock_text(start: datetime, at: int, end: int = 0) -> str:
    """A simulated instant as a day and a time, ``Mon 09:12``; in a run that ends after more than a week with the date,
    ``02 Mar 09:12``."""
    instant = start + timedelta(milliseconds=at)
    if end > WEEK:
        return f"{instant:%d} {MONTHS[instant.month - 1]} {instant:%H:%M}"
    return f"{DAYS[instant.weekday()]} {instant:%H:%M}"


def will_send(world: World, person: Person) -> tuple[str, ...]:
    """What a cycle that began now would send about a person.

    Nothing, though they differ, about whom nothing has changed since a cycle looked at them: it would not look again.
    """
    parts, row = world.parts, person.row
    if row < 0 or not _looked_at(world, person):
        return ()
    directory, provider, view = world.services.directory, world.services.provider, parts.view
    target = view.target_of(row)
    exists = target >= 0 and provider.exists(target)
    if target >= 0 and not exists:
        return ()  # whatever is sent goes to a user who is gone, and is refused
    user = directory.user(row)
    if not (user.enabled and user.state == LIVE and view.in_scope(row)):
        if not exists or not view.takes_away(row):
            return ()
        if user.state not in (LIVE, DELETED):
            return (DELETE,)
        return (DISABLE,) if provider.is_active(target) else ()
    sent = []
    if not exists:
        sent.append("create the user")
    else:
        if not provider.is_active(target):
            sent.append("enable the user")
        changed = parts.user_map.count_differences(parts.user_map.seen(user), provider.user(target).attributes)
        if changed:
            sent.append(f"change {counted(changed, 'attribute')}")
    held = {view.source_group(group) for group in provider.groups_of(target)} if exists else set()
    wanted = [group for group in directory.groups_of(row) if view.group_in_scope(group)]
    sent += [f"add to {_group(world, group)}" for group in wanted if group not in held]
    sent += [f"take out of {_group(world, group)}" for group in sorted(held) if group >= 0 and group not in wanted]
    return tuple(sent)


def _looked_at(world: World, person: Person) -> bool:
    """Whether the next cycle has a reason to look at a person; yes where the job does not run or reads everything."""
    view = world.parts.view
    if person.sync != SYNCED or person.changed_again:
        return True
    if not view.active or view.begins_anew or view.filters_groups:
        return True
    return any(map(view.retried_group, world.services.directory.groups_of(person.row)))


def _group(world: World, row: int) -> str:
    return str(world.services.directory.groups[row].attributes["displayName"])


def lane_of(world: World, watch: Watch) -> Lane | None:
    """The lane of the person whose story is told; None before there is one."""
    person = None if watch.focus is None else world.parts.ledger.known(watch.focus)
    if person is None:
        return None
    story = watch.stories.get(person.number)
    directory = world.services.directory
    there = person.row >= 0 and directory.state_of(person.row) == LIVE
    return Lane(
        person=watch.name(person.number),
        label=world.parts.register.label(person.number),
        account=directory.user_id(person.row) if there else "",
        stops=(_hr(world, person, story), _entra(world, person, story), _cycle(world, person), _aws(world, person)),
        doorway=doorway(world, person, will_send(world, person)),
    )


def _hr(world: World, person: Person, story: Story | None) -> Stop:
    start, end = world.scenario.start, world.end
    if story is None:
        return Stop("HR", "idle", "nothing new", ())
    lines = [f"{TOLD.get(story.kind, story.kind)} {clock_text(start, story.at, end)}"]
    if person.hr_pending:
        return Stop("HR", "waiting", "has not told", (*lines, "Entra does not know yet"))
    if story.told_at is not None:
        lines.append(f"told {clock_text(start, story.told_at, end)}")
    return Stop("HR", "done", "has told", tuple(lines))


def _entra(world: World, person: Person, story: Story | None) -> Stop:
    if person.row < 0:
        return Stop("Entra ID", "waiting", "no account", ())
    user = world.services.directory.user(person.row)
    if user.state != LIVE:
        return Stop("Entra ID", "done", "deleted", ("in the recycle bin" if user.state == DELETED else "for good",))
    groups = [_group(world, group) for group in world.services.directory.groups_of(person.row)]
    behind = person.hr_pending and story is not None and story.kind in GOING
    word = "enabled" if user.enabled else "disabled"
    return Stop("Entra ID", "waiting" if behind or person.hr_pending else "done", word, tuple(groups) or ("no group",))


def _cycle(world: World, person: Person) -> Stop:
    desk, driver = world.carried.at_the_desk, world.driver
    running = driver.running
    if desk is not None and not (driver.active or running.active):
        return ticket_stop(world, desk, person)
    sent = will_send(world, person)
    if running.active and person.sync == PROCESSING:
        done = f"{running.objects} of {running.total}" if running.initial else "sending"
        return Stop("Next cycle", "working", "running", (done, *sent))
    if not driver.active:
        return Stop("Next cycle", "trouble" if sent else "idle", "job not running", sent)
    if running.active and running.initial:
        return Stop("Next cycle", "working", "initial cycle", (f"{running.objects} of {running.total}", *sent))
    following = driver.next_cycle(world.now)
    if following is None:  # nothing is on its way, and whatever changes next will begin a run
        return Stop("Next push", "idle", "at a change", ("nothing to send",))
    gate, title = following, "Next push" if driver.pushed else "Next cycle"
    word = f"in {span_text(gate - world.now)}"
    if driver.ward.current is not None:
        return Stop("Next cycle", "trouble", "in quarantine", (f"tried again {word}", *sent))
    if person.sync == RETRYING:
        return Stop("Next cycle", "trouble", word, ("tries again:", *sent))
    if person.hr_pending and not sent:
        return Stop(title, "idle", word, ("knows nothing of it",))
    return Stop(title, "waiting" if sent else "idle", word, sent or ("nothing to send",))


def _aws(world: World, person: Person) -> Stop:
    provider, instance = world.services.provider, world.services.instance
    rows = [row for row in person.targets if provider.exists(row)]
    lines = []
    for grant in sorted(person.effective | person.entitled | person.suspended):
        account, permission_set = instance.grant_parts(grant)
        mark = "works"
        if grant in person.orphans:
            mark = "RETAINED" if person.orphans[grant][1] == MOVER else "ORPHANED"
        elif grant not in person.effective:
            mark = "WAITING" if grant in person.entitled else "SUSPENDED"
        lines.append(f"{mark}: {permission_set.name} on {account.name}")
    if not lines:
        lines.append("no access")
    word = "no user" if not rows else "active" if any(map(provider.is_active, rows)) else "disabled"
    state: State = "trouble" if person.orphans else "waiting" if person.entitled - person.effective else "done"
    return Stop("AWS", state, word, tuple(lines))


def caption(world: World, watch: Watch, *, ended: bool) -> str:
    """What is going on, in one plain sentence."""
    running = world.driver.running
    if ended:
        return "The story has ended."
    if running.active and running.initial:
        return (
            f"The initial cycle is under way: {running.objects} of {running.total} objects are done. "
            "It goes through everybody in scope; later cycles carry changes only."
        )
    step, story = watch.latest, watch.told_story()
    if step is not None and told_now(world, step, story):
        initial = world.driver.sums.initial
        if initial is not None and step.at <= initial.start:
            tally = initial.tally
            return (
                f"The initial cycle has ended: {tally.users_created} users and {tally.groups_created} groups were "
                f"created in AWS, {tally.users_matched} users were matched, with {tally.errors} errors."
            )
        return deed(step, watch.called).sentence + _refusal(world, step)
    person = None if watch.focus is None else world.parts.ledger.known(watch.focus)
    if person is not None and story is not None:
        return _about(world, person, story, watch.name(person.number))
    if step is None and world.scenario.phases:
        return f"{world.scenario.title}."
    desk = world.carried.at_the_desk
    if desk is not None and not world.driver.active:
        return desk_caption(desk)
    if not world.driver.active:
        return "The provisioning job is not running: nothing that changes in the directory reaches AWS."
    return "Nothing is under way: n goes to what happens next."


def _refusal(world: World, step: AnyAction) -> str:
    """What a service says to a step that it has refused."""
    said = [r.reason for r in world.timeline.refused if (r.at, r.action) == (step.at, step.do)]
    return f" It was refused: {said[-1]}" if said else ""


def told_now(world: World, step: AnyAction, story: Story | None) -> bool:
    """Whether a step of the timeline is what is to be told: while it is fresh in the scenario's own words, and if it is
    no lifecycle event until a person's story goes on or a day has passed."""
    if isinstance(step, HrAction):
        return step.caption is not None and world.now - step.at < FRESH_MS
    latest = -1 if story is None else story.at if story.through_at is None else story.through_at
    return step.at >= latest and world.now - step.at < DAY


def _about(world: World, person: Person, story: Story, name: str) -> str:
    going, watch_name = story.kind in GOING, name
    happened = TOLD.get(story.kind, story.kind)
    if story.kind == CONTRACTOR_EXPIRY:
        name += "'s"
    if not person.measures and story.through_at is not None:
        lasted = span_text(story.through_at - story.at)
        return f"{name} {happened}, and AWS agreed {lasted} later."
    if person.sync == PROCESSING and world.driver.running.active:
        return f"The cycle is carrying what changed for {watch_name} to AWS."
    if person.hr_pending:
        meanwhile = "every access still works" if going else "the directory shows the old state"
        if person.row < 0:
            meanwhile = "there is no account yet that could be given access"
        return f"{name} {happened}, but HR has not told the directory: {meanwhile}."
    desk = world.carried.at_the_desk
    if desk is not None and not world.driver.active:
        return about_tickets(desk, person, f"{name} {happened}", going=going)
    if not world.driver.active:
        return f"{name} {happened}, and the directory knows; no cycle runs that would tell AWS."
    gate = span_text((world.driver.next_cycle(world.now) or world.now) - world.now)
    if world.driver.ward.current is not None:
        return f"{name} {happened}, but the job is in quarantine: it carries nothing, and is tried again in {gate}."
    if person.orphans and not going and person.entitled - person.effective:
        return f"{name} {happened}: the old access stays and the new is missing until the cycle in {gate}."
    if person.orphans:
        return f"{name} {happened} and the directory knows, but in AWS the access stands until the cycle in {gate}."
    if person.entitled - person.effective and not (will_send(world, person) or person.sync == RETRYING):
        return (
            f"{name} {happened} and is in the directory, but AWS lacks the access, and no cycle has a reason to look."
        )
    if person.entitled - person.effective:
        return f"{name} {happened} and is in the directory, but waits for access until the cycle in {gate}."
    return f"{name} {happened}; the cycle in {gate} carries it to AWS."
