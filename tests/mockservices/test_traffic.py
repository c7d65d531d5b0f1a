"""Counting requests: the world's own apart from everybody else's."""

from __future__ import annotations

from mockservices.clock import Millis
from mockservices.traffic import Exchange, Traffic


def exchange(number: int = 0, service: str = "scim", *, own: bool = False) -> Exchange:
    return Exchange(Millis(number), service, "GET", "/Users", 200, own)


def test_requests_are_counted_by_service() -> None:
    traffic = Traffic()
    for service in ("scim", "scim", "graph"):
        traffic.add(exchange(service=service))
    assert traffic.counts == {"scim": 2, "graph": 1}


def test_the_jobs_own_requests_are_counted_apart() -> None:
    traffic = Traffic()
    traffic.add(exchange(own=True))
    traffic.add(exchange())
    assert traffic.own_counts == {"scim": 1}
    assert traffic.counts == {"scim": 1}


def test_only_the_latest_exchanges_are_kept() -> None:
    traffic = Traffic(keep=3)
    for number in range(5):
        traffic.add(exchange(number))
    assert [kept.at for kept in traffic.ring] == [2, 3, 4]
    assert traffic.counts == {"scim": 5}
