"""Takes out what cannot be: two events of a person in one millisecond, moves of somebody who is on leave or seconded.

Invariant: afterwards a person's events are strictly in order of time, and a beginning that went took its end with it.
"""

from __future__ import annotations

import numpy as np

from sim.randomness import Ints
from sim.workforce.order import order_by
from sim.workforce.plan import EventKind, Reason
from sim.workforce.turnover.draw import Mask

_CLOSES = (EventKind.RETURN, EventKind.LEAVER, EventKind.REHIRE)

Columns = tuple[Ints, Ints, Ints, Ints, Ints, Ints, Ints]


def tidy(columns: Columns) -> Columns:
    """The columns (person, at, kind, reason, value, draw, pair), in order of person and time."""
    columns = _sorted(columns)
    columns = _taken(columns, ~_same(columns[0], columns[1]))
    person, _, kind, reason, _, _, pair = columns
    if not (pair >= 0).any():
        return columns
    moves = kind == EventKind.MOVER
    away = _within(person, kind == EventKind.ABSENCE, np.isin(kind, _CLOSES))
    columns = _taken(columns, ~(moves & away))
    person, _, kind, reason, _, _, pair = columns
    begins = (kind == EventKind.MOVER) & (reason == Reason.SECONDMENT)
    ends = np.isin(kind, _CLOSES[1:]) | (reason == Reason.SECONDMENT_ENDS)
    elsewhere = _within(person, begins, ends)
    moves = (kind == EventKind.MOVER) & (reason != Reason.SECONDMENT) & (reason != Reason.SECONDMENT_ENDS)
    return _taken(columns, ~(moves & elsewhere))


def _sorted(columns: Columns) -> Columns:
    return _rows(columns, order_by(columns[0], columns[1], columns[2]))


def _rows(columns: Columns, rows: Ints | Mask) -> Columns:
    person, at, kind, reason, value, draw, pair = (column[rows] for column in columns)
    return person, at, kind, reason, value, draw, pair


def _taken(columns: Columns, kept: Mask) -> Columns:
    """These rows, less those whose other half is not among them."""
    if kept.all():
        return columns
    pair = columns[6]
    broken = np.unique(pair[~kept & (pair >= 0)])
    if len(broken):
        kept &= ~np.isin(pair, broken)
    return _rows(columns, kept)


def _same(person: Ints, at: Ints) -> Mask:
    same = np.zeros(len(person), dtype=np.bool_)
    same[1:] = (person[1:] == person[:-1]) & (at[1:] == at[:-1])
    return same


def _within(person: Ints, opens: Mask, closes: Mask) -> Mask:
    """Which rows come, with the same person, after an opening row that no closing row has followed."""
    if not len(person):
        return np.zeros(0, dtype=np.bool_)
    places = np.arange(len(person))
    firsts = np.concatenate((np.ones(1, dtype=np.bool_), person[1:] != person[:-1]))
    begin = np.maximum.accumulate(np.where(firsts, places, 0))
    opened = np.concatenate(([-1], np.maximum.accumulate(np.where(opens, places, -1))[:-1]))
    closed = np.concatenate(([-1], np.maximum.accumulate(np.where(closes, places, -1))[:-1]))
    return (opened >= begin) & (opened > closed)
