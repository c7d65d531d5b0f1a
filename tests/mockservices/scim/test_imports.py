from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["actions", "credentials", "dialects", "provider"])
def test_what_a_run_without_http_needs_loads_neither_web_framework_nor_schemas(module: str) -> None:
    program = (
        f"import sys, mockservices.scim.{module}\n"
        "print(sorted({'fastapi', 'starlette', 'pydantic', 'scim2_models'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
