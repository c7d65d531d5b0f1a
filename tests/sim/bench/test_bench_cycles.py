from __future__ import annotations

from sim.bench.cycles import Company, cycle_costs


def test_so_many_people_change_before_a_cycle_and_no_others() -> None:
    company = Company(60)
    directory = company.world.services.directory
    before = [(directory.is_enabled(row), directory.groups_of(row)) for row in range(60)]
    company.change(7)
    after = [(directory.is_enabled(row), directory.groups_of(row)) for row in range(60)]
    assert sum(old != new for old, new in zip(before, after, strict=True)) == 7


def test_what_changed_is_in_the_very_next_cycle() -> None:
    company = Company(60)
    for number in range(1, 6):
        company.change(7)
        company.cycle()
        row = company.world.cycles[-1]
        assert row.number == number == company.world.driver.sums.cycles
        assert row.divergence_before >= 7
        assert (row.divergence_after, row.tally.errors) == (0, 0)


def test_the_same_changes_are_made_every_time() -> None:
    digests = []
    for _ in range(2):
        company = Company(40)
        company.change(5)
        company.cycle()
        digests.append(company.world.trace_sha256)
    assert digests[0] == digests[1]


def test_every_company_is_measured_for_as_many_cycles_with_as_many_changes() -> None:
    told: list[str] = []
    costs = cycle_costs([3, 40], 12, 5, told.append)
    assert [(cost.people, cost.changes, len(cost.taken.seconds)) for cost in costs] == [(3, 3, 12), (40, 5, 12)]
    assert all(cost.requests >= cost.changes for cost in costs)
    assert told == ["cycle-cost: 10 of 12 cycles", "cycle-cost: 12 of 12 cycles"]
