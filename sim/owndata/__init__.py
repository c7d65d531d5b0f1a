"""Own data in: people and events from a CSV file, groups and grants from exports, read in place of drawn ones."""

from __future__ import annotations
