"""What if: variants of a scenario compared over many replications, with confidence intervals and beside theory."""

from __future__ import annotations
