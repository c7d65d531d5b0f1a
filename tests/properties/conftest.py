"""What the property tests share with the contract tests."""

from __future__ import annotations

from tests.contract.conftest import run_over

__all__ = ["run_over"]
