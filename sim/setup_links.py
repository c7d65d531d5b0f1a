"""Who was whose when a run starts in sync, told by arithmetic from the rows of the starting people.

Invariant: nothing is enumerated; a million links need no table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from mockservices.graph.directory import Directory
from mockservices.scim.provider import ServiceProvider
from sim.population import StartingPeople, TargetPeople
from sim.provisioning.state import JobState, Links, Members, References
from sim.workforce.register import Register


def job_state(
    directory: Directory,
    provider: ServiceProvider,
    start: StartingPeople | None,
    targets: TargetPeople | None,
) -> JobState:
    """What the job knows at the start; ``targets``: whom it has provisioned already."""
    if start is None or targets is None:
        return JobState(Links(), Links(), Members())

    def target(source: str) -> str | None:
        row = directory.user_row(source)
        found = start.target(row) if row is not None and row < start.size else -1
        return provider.user_id(found) if found >= 0 else None

    def source(identifier: str) -> str | None:
        row = provider.user_row(identifier)
        return directory.user_id(targets.source(row)) if row is not None and row < targets.size else None

    def members(group: str) -> Iterable[str]:
        row = directory.group_row(group)
        return [directory.user_id(m) for m in start.members(row)] if row is not None else []

    def manager(user: str) -> str | None:
        row = directory.user_row(user)
        above = start.manager(row) if row is not None and row < start.size else None
        return None if above is None else directory.user_id(above)

    return JobState(Links(target, source, targets.size), Links(), Members(members), managers=References(manager))


def source_of(targets: TargetPeople | None) -> Callable[[int], int | None]:
    """For a user that was in the target at the start, whose it is."""
    if targets is None:
        return lambda row: None
    return lambda row: targets.source(row) if row < targets.size else None


def namesakes(targets: TargetPeople | None, register: Register) -> Callable[[int], int | None]:
    """For a user that holds what the job gave it in the beginning, the account that has its name; None: not known.

    ``targets``: whom the job has provisioned already. Of those who come later, only whoever is in the columns of the
    workforce has a user that remembers its beginning, and a person's number is their row there.
    """
    if targets is None or not targets.share_names:
        return lambda row: None
    size, source, owner = targets.size, targets.source, register.known_owner_of_target
    return lambda row: source(row) if row < size else owner(row)


def start_groups(start: StartingPeople | None) -> Callable[[int], tuple[int, ...] | None]:
    """For an account that was there at the start, the groups it was in."""
    if start is None:
        return lambda row: None
    return lambda row: start.groups(row) if row < start.size else None
