"""`jmlab try`: whether somebody gets into an account at an instant, door by door, until when, and from what."""

from __future__ import annotations

from sim.trying.attempts import LOOKED_AHEAD, Tried, Try, attempt, look_ahead
from sim.trying.telling import SCHEMA, tried_json

__all__ = ["LOOKED_AHEAD", "SCHEMA", "Tried", "Try", "attempt", "look_ahead", "tried_json"]
