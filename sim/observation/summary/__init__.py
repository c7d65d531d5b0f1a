"""What a run came to, as one JSON object."""

from __future__ import annotations

from sim.observation.summary.compose import SCHEMA, Summary, summarize, summary_text

__all__ = ["SCHEMA", "Summary", "summarize", "summary_text"]
