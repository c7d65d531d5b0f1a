"""Temporary."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any


class ExpressionSyntaxError(ValueError):
    position = 1


class ExpressionError(Exception):
    pass


class _N:
    pass


NO_FLOW = _N()


@dataclass
class Context:
    now: Any
    draw: Any


_T = re.compile(r'\s*(?:(?P<name>[A-Za-z]\w*)\s*\(|\[(?P<attr>[^\]]+)\]|"(?P<s>(?:[^"\\]|\\.)*)"|(?P<p>[(),]))')


class Expression:
    def __init__(self, text):
        self.text = text
        self.pos = 0
        self.props = {}
        self.tree = self.parse()
        self.properties = tuple(self.props)
        self.volatile = "Now(" in text or "Guid(" in text

    def parse(self):
        m = _T.match(self.text, self.pos)
        if not m:
            raise ExpressionSyntaxError(f"bad at {self.pos + 1}")
        if m["attr"]:
            self.pos = m.end()
            self.props[m["attr"]] = None
            return ("a", m["attr"])
        if m["s"] is not None:
            self.pos = m.end()
            return ("s", m["s"])
        if m["name"]:
            self.pos = m.end()
            args = []
            while True:
                m2 = re.compile(r"\s*([,)])").match(self.text, self.pos)
                if m2:
                    args.append(None)
                else:
                    args.append(self.parse())
                    m2 = re.compile(r"\s*([,)])").match(self.text, self.pos)
                if not m2:
                    raise ExpressionSyntaxError(f"bad at {self.pos + 1}")
                self.pos = m2.end()
                if m2[1] == ")":
                    return ("f", m["name"], args)
        raise ExpressionSyntaxError(f"bad at {self.pos + 1}")

    def evaluate(self, source, context):
        return self._e(self.tree, source)

    def _e(self, t, src):
        if t is None:
            return None
        if t[0] == "a":
            return src.get(t[1])
        if t[0] == "s":
            return t[1]
        a = [self._e(x, src) for x in t[2]]
        f = t[1]

        def b(v):
            return str(v) if isinstance(v, bool) else v

        if f == "Join":
            return a[0].join(x for x in a[1:] if x)
        if f == "Not":
            return str(b(a[0]) == "False")
        if f == "IgnoreFlowIfNullOrEmpty":
            return a[0] if a[0] else NO_FLOW
        if f == "ToUpper":
            return a[0].upper() if a[0] else None
        if f == "Switch":
            for k, v in zip(a[2::2], a[3::2]):
                if k == b(a[0]):
                    return v
            return a[1]
        raise ExpressionError(f)


def compile_expression(text):
    return Expression(text)
