"""The expression language of Entra's attribute mappings, as a library: text in, values out.

Invariant: nothing here knows a clock, a random stream or a client. Time and chance come with the `Context`, and an
expression is compiled once.
https://learn.microsoft.com/entra/identity/app-provisioning/functions-for-customizing-application-data
"""

from __future__ import annotations

from sim.provisioning.expressions.chance import keyed_draws
from sim.provisioning.expressions.compiler import REDACTED, Expression, compile_expression, compile_tree
from sim.provisioning.expressions.errors import ExpressionError, ExpressionSyntaxError
from sim.provisioning.expressions.functions import FUNCTIONS
from sim.provisioning.expressions.parser import LONGEST, parse
from sim.provisioning.expressions.tree import render
from sim.provisioning.expressions.values import NO_FLOW, Context, ExprValue

__all__ = [
    "FUNCTIONS",
    "LONGEST",
    "NO_FLOW",
    "REDACTED",
    "Context",
    "ExprValue",
    "Expression",
    "ExpressionError",
    "ExpressionSyntaxError",
    "compile_expression",
    "compile_tree",
    "keyed_draws",
    "parse",
    "render",
]
