"""Token buckets, worked out by hand."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from mockservices.buckets import TokenBucket
from mockservices.clock import Millis


def taken(bucket: TokenBucket, *times: int) -> list[int]:
    return [bucket.take(Millis(time)) for time in times]


def test_burst_goes_through_at_once_and_the_next_has_to_wait() -> None:
    """20 a second is a token every 50 ms; the bucket holds 3 and is full at the start."""
    assert taken(TokenBucket(Fraction(20), 3), 0, 0, 0, 0) == [0, 0, 0, 50]


def test_who_waits_as_long_as_told_gets_through_and_a_millisecond_less_is_too_early() -> None:
    assert taken(TokenBucket(Fraction(20), 1), 0, 0, 49, 50) == [0, 50, 1, 0]


def test_a_refusal_takes_nothing() -> None:
    """Refused at 10, 20, 30 and 40 ms, the token of 50 ms is there all the same."""
    assert taken(TokenBucket(Fraction(20), 1), 0, 10, 20, 30, 40, 50) == [0, 40, 30, 20, 10, 0]


def test_rate_of_less_than_one_and_rate_that_divides_no_second() -> None:
    """A third of a token a second is one in 3,000 ms; three a second is one in 333.3 ms, so in 334 whole ones."""
    assert taken(TokenBucket(Fraction(1, 3), 1), 0, 1000, 2999, 3000) == [0, 2000, 1, 0]
    assert taken(TokenBucket(Fraction(3), 1), 0, 0, 333, 334) == [0, 334, 1, 0]


def test_nothing_is_lost_between_two_tokens() -> None:
    """Three a second: in 1,000 ms there are exactly three more, though no token takes whole milliseconds."""
    assert taken(TokenBucket(Fraction(3), 2), 0, 0, 334, 667, 1000, 1000) == [0, 0, 0, 0, 0, 334]


def test_bucket_is_never_fuller_than_full() -> None:
    """After an hour of nothing there are 2 tokens and no more."""
    assert taken(TokenBucket(Fraction(1), 2), 0, 3_600_000, 3_600_000, 3_600_000) == [0, 0, 0, 1000]


@given(
    st.fractions(min_value=Fraction(1, 10), max_value=100, max_denominator=100),
    st.integers(1, 50),
    st.lists(st.integers(0, 500), max_size=200),
)
def test_no_stretch_lets_more_through_than_burst_and_rate_allow(rate: Fraction, burst: int, steps: list[int]) -> None:
    bucket, now, through = TokenBucket(rate, burst), 0, 0
    for step in steps:
        now += step
        through += not bucket.take(Millis(now))
        assert through <= burst + rate * now / 1000
