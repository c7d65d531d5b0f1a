"""An experiment as one HTML page that needs nothing else: the finding, tables, plots, and how to make it again.

Invariant: it says on top that everything is SIMULATED; every figure is the result's; no text of a user's gets in
unescaped, and nothing is loaded from anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any, Final

from sim.whatif import plots
from sim.whatif.comparison import Comparison
from sim.whatif.report import COLUMNS, shown_columns, signed, with_half_width, written
from sim.wording import NOTHING, duration, quantity

_STYLE: Final = """
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, sans-serif; color: #1b1b1b; background: #fff; margin: 0 auto; max-width: 1080px;
       padding: 0 20px 60px; }
h1 { font-size: 1.6rem; margin: 1.2rem 0 .2rem; } h2 { font-size: 1.15rem; margin: 2.2rem 0 .5rem; }
.simulated { background: #7a1f1f; color: #fff; padding: 6px 12px; font-weight: 600; letter-spacing: .03em; }
.finding { border-left: 4px solid #1f5fa8; padding: .2rem 1rem; background: #f3f7fb; }
.finding p { margin: .5rem 0; } .quiet { color: #555; font-size: .92rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .92rem; }
th, td { text-align: right; padding: 4px 12px 4px 0; border-bottom: 1px solid #e3e3e3; white-space: nowrap; }
th:first-child, td:first-child, td.words, th.words { text-align: left; }
td.prose { white-space: normal; min-width: 16rem; text-align: left; } th.prose { text-align: left; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 460px), 1fr)); gap: 20px; }
figure { margin: 0; } .plots svg { width: 100%; height: auto; }
code { background: #f2f2f2; padding: 1px 4px; overflow-wrap: anywhere; }
"""


_FIGURES: Final = re.compile(r"(?<![a-z0-9.])[0-9][0-9a-z.]*")
"""The figures of a distribution as it is written, without its name."""


def webpage(found: Comparison, result: Mapping[str, Any]) -> str:
    """The page; raises ImportError without matplotlib, and as the plots do."""
    title = f"{result['scenario']}: what if"
    before = (_head, _targets, _table, _differences)
    behind = (_odds, _sensitivity, _feasible, _again)
    lines = [line for part in before for line in part(result)]
    lines += _plots(found, result)
    lines += [line for part in behind for line in part(result)]
    body = "\n".join(lines)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n{body}\n"
        "</body>\n</html>\n"
    )


def _head(result: Mapping[str, Any]) -> Iterator[str]:
    yield '<p class="simulated">SIMULATED: no figure on this page was measured in a real company</p>'
    yield f"<h1>{escape(result['scenario'])}: what if?</h1>"
    warmup = result.get("design", {}).get("warmup_s")
    counted = "" if warmup is None else f", steady state after {duration(warmup)}"
    yield (
        f'<p class="quiet">{len(result["variants"])} variants × {result["replications"]} replications, seed '
        f"{result['seed']}{counted}. The same people and events come in every variant.</p>"
    )
    if result["finding"]:
        yield '<div class="finding">' + "".join(f"<p>{escape(line)}</p>" for line in result["finding"]) + "</div>"


def _rows(
    header: Sequence[str], rows: Sequence[Sequence[str]], words: Sequence[int] = (), prose: Sequence[int] = ()
) -> Iterator[str]:
    """A table; ``words``: columns that hold words; ``prose``: those that hold sentences."""
    kinds = {**dict.fromkeys(words, ' class="words"'), **dict.fromkeys(prose, ' class="prose"')}

    def line(tag: str, cells: Sequence[str]) -> str:
        marked = ((kinds.get(i, ""), escape(cell)) for i, cell in enumerate(cells))
        return "<tr>" + "".join(f"<{tag}{kind}>{cell}</{tag}>" for kind, cell in marked) + "</tr>"

    yield f'<div class="scroll"><table>{line("th", header)}{"".join(line("td", row) for row in rows)}</table></div>'


def _table(result: Mapping[str, Any]) -> Iterator[str]:
    keys = shown_columns(result)
    yield "<h2>Figures</h2>"
    yield from _rows(
        ("variant", *(COLUMNS[key] for key in keys)),
        [
            (variant["name"], *(with_half_width(key, variant["metrics"].get(key)) for key in keys))
            for variant in result["variants"]
        ],
    )
    yield '<p class="quiet">Means over replications, ± half of the 95 % confidence interval.</p>'


def _differences(result: Mapping[str, Any]) -> Iterator[str]:
    keys = shown_columns(result)
    others = [variant for variant in result["variants"] if variant["paired_to_baseline"]]
    if not others:
        return
    yield f"<h2>Less {escape(result['baseline'])}</h2>"
    yield from _rows(
        ("variant", *(COLUMNS[key] for key in keys)),
        [
            (variant["name"], *(signed(key, variant["paired_to_baseline"].get(key)) for key in keys))
            for variant in others
        ],
    )
    yield (
        '<p class="quiet">Differences between pairs of equal people and events; intervals hold for all rows together '
        "(95 %). A question mark: may be nothing but chance.</p>"
    )


def _odds(result: Mapping[str, Any]) -> Iterator[str]:
    odds = result["audit_odds"]
    rows = [
        (
            name,
            kind,
            duration(row["promised_s"]),
            f"{quantity(row['exceptions'])} of {quantity(row['population'])}",
            f"{row['odds']['mean']:.1%}",
            f"{row['hypergeometric']:.1%}",
        )
        for name, kinds in odds["variants"].items()
        for kind, row in kinds.items()
    ]
    if rows:
        yield "<h2>Audit odds</h2>"
        header = ("variant", "who", "promised within", "exceptions", "odds, drawn", "odds, hypergeometric")
        yield from _rows(header, rows, words=(1,))
        yield (
            f'<p class="quiet">The chance that an auditor who looks at {odds["sample"]} of them finds '
            "somebody for whom the promise was broken.</p>"
        )


def _targets(result: Mapping[str, Any]) -> Iterator[str]:
    if result["targets"]:
        yield "<h2>Targets</h2>"
        yield "<ul>" + "".join(f"<li>{escape(row['answer'])}</li>" for row in result["targets"]) + "</ul>"


def _sensitivity(result: Mapping[str, Any]) -> Iterator[str]:
    found = result.get("sensitivity")
    if found is None:
        return
    yield "<h2>What the assumptions matter</h2>"
    figure = found["figures"][0]
    if found["method"] == "morris":
        rows = [
            (row["key"], *(quantity(row["effects"].get(figure, {}).get(name)) for name in ("mu_star", "mu", "sigma")))
            for row in found["rows"]
        ]
        yield from _rows(("assumption", "μ*", "μ", "σ"), rows)
        return
    rows = [
        (row["key"], written(row["value"]), *(side for name in ("low", "high") for side in _side(row[name], figure)))
        for row in found["rows"]
    ]
    yield from _rows(("assumption", "value", "less", "changes", "more", "changes"), rows, words=(1,))
    if found["not_varied"]:
        yield f'<p class="quiet">Words and switches are not varied: {escape(", ".join(found["not_varied"]))}.</p>'


def _side(side: Mapping[str, Any] | None, figure: str) -> tuple[str, str]:
    if side is None:
        return NOTHING, NOTHING
    return ", ".join(_FIGURES.findall(side["value"])), signed(figure, side["changes"].get(figure))


def _feasible(result: Mapping[str, Any]) -> Iterator[str]:
    yield "<h2>What each takes</h2>"
    rows = [
        (v["name"], "today" if v["feasible"]["today"] else "not today", v["feasible"]["how"])
        for v in result["variants"]
    ]
    yield from _rows(("variant", "", "how"), rows, words=(1,), prose=(2,))


def _plots(found: Comparison, result: Mapping[str, Any]) -> Iterator[str]:
    shown = ("latency.leaver.mean_s", plots.EXPOSURE, "provisioning.requests")
    drawn = [plots.by_interval(result, key) or plots.by_variant(result, key) for key in shown]
    drawn.append(plots.by_interval(result, "latency.leaver.p95_s"))
    drawn += [plots.differences(result), plots.distributions(found), plots.convergence(found)]
    if "sensitivity" in result:
        drawn.append(plots.tornado(result["sensitivity"]))
    yield "<h2>Plots</h2>"
    yield '<div class="plots">' + "".join(f"<figure>{svg}</figure>" for svg in drawn if svg) + "</div>"


def _again(result: Mapping[str, Any]) -> Iterator[str]:
    last = result["variants"][-1]["name"]
    yield "<h2>Again</h2>"
    yield (
        f"<p>Every figure comes from a seed ({result['seed']}) and a replication; results.csv beside this page has "
        f"them one by one. The same command with <code>--rerun '{escape(last)}:0'</code> opens that one world. "
        f"Digest of all results: <code>{escape(result['result_sha256'])}</code>.</p>"
    )
