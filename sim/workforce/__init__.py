"""The people of a world and what happens to them: columns and presorted schedules, made once at the start of a run."""

from __future__ import annotations
