"""An experiment as one HTML page that needs nothing else: the finding, tables, plots, and how to make it again.

Invariant: it says on top that everything is SIMULATED; every figure is the result's; no text of a user's gets in
unescaped, and nothing is loaded from anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from shlex import quote
from typing import Any, Final

from sim.time import format_duration
from sim.whatif import plots
from sim.whatif.breakdown import causes, costs, expected, room_told, still_open, waits
from sim.whatif.cells import COLUMNS, amount, shown_columns, sides, signed, with_half_width, written
from sim.whatif.comparison import Comparison
from sim.whatif.experiment import scenario_of
from sim.whatif.finding import brief
from sim.whatif.report import BESIDE_THEORY, counting, reckoning
from sim.whatif.theory import theory_lines
from sim.wording import counted, duration, quantity

_STYLE: Final = """
:root { color-scheme: light dark; --paper: #fff; --ink: #1b1b1b; --quiet: #555; --line: #e3e3e3; --soft: #f3f7fb;
        --code: #f2f2f2; --c0: #1f5fa8; --c1: #c2571a; --c2: #2e7d4f; --c3: #8a3d8f; --c4: #7a6a00; --c5: #a32c2c;
        --c6: #35748f; --c7: #555555; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #15181c; --ink: #e6e6e6; --quiet: #a8adb3; --line: #363b42; --soft: #1d2733; --code: #262b31;
          --c0: #6ea8e8; --c1: #ee8d54; --c2: #6cc08e; --c3: #cb86cf; --c4: #cdb740; --c5: #e87777; --c6: #74b8d4;
          --c7: #b0b0b0; }
}
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 0 auto;
       max-width: 1080px; padding: 0 20px 60px; }
h1 { font-size: 1.6rem; margin: 1.2rem 0 .2rem; } h2 { font-size: 1.15rem; margin: 2.2rem 0 .5rem; }
.simulated { background: #7a1f1f; color: #fff; padding: 6px 12px; font-weight: 600; letter-spacing: .03em; }
.finding { border-left: 4px solid var(--c0); padding: .2rem 1rem; background: var(--soft); font-size: 1.06rem; }
.finding p { margin: .5rem 0; } .quiet { color: var(--quiet); font-size: .92rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .92rem; }
th, td { text-align: right; padding: 4px 18px 4px 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child, td.words, th.words { text-align: left; }
td.prose { white-space: normal; min-width: 16rem; text-align: left; overflow-wrap: anywhere; }
th.prose { text-align: left; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 460px), 1fr)); gap: 20px; }
figure { margin: 0; } .plots svg { width: 100%; height: auto; }
details { margin: .6rem 0; } summary { cursor: pointer; }
code { background: var(--code); padding: 1px 4px; overflow-wrap: anywhere; }
"""


def webpage(found: Comparison, result: Mapping[str, Any]) -> str:
    """The page; raises ImportError without matplotlib, and as the plots do."""
    title = f"{result['scenario']}: what if"
    before = (_targets, _table, _differences, _costs)
    behind = (_causes, _odds, _sensitivity, _theory, _feasible, _again)
    lines = [*_head(found, result), *(line for part in before for line in part(result))]
    lines += _plots(found, result)
    lines += [line for part in behind for line in part(result)]
    body = "\n".join(lines)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n{body}\n"
        "</body>\n</html>\n"
    )


def _head(found: Comparison, result: Mapping[str, Any]) -> Iterator[str]:
    how = "SIMULATED: no figure" if not result.get("screened") else "SCREENED BY ARITHMETIC, NOT SIMULATED: no figure"
    yield f'<p class="simulated">{how} on this page was measured in a real company</p>'
    yield f"<h1>{escape(result['scenario'])}: what if?</h1>"
    scenario = scenario_of(found.experiment.baseline)
    steady = counting(result)
    people = found.figure(found.experiment.baseline.name, "population.peak")
    many = "" if people is None else f" with {people.interval.mean:,.0f} people at most"
    yield f'<p class="quiet">{escape(scenario.title)}</p>' if scenario.title else ""
    yield (
        f'<p class="quiet">{counted(len(result["variants"]), "variant")} × '
        f"{counted(result['replications'], 'replication')} of {format_duration(scenario.duration)}{many}, seed "
        f"{result['seed']}. The same people and events come in every variant. {escape(steady or '')}</p>"
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
    told = still_open(result) or ""
    yield f'<p class="quiet">Means over replications, ± half of the 95 % confidence interval. {escape(told)}</p>'


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
            brief(row["odds"]["mean"]),
            brief(row["hypergeometric"]),
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
        yield (
            '<p class="quiet">Person-hours of exposure per doubling. μ*: the size of the effect, μ: its mean, σ: how '
            "far it hangs on the others.</p>"
        )
        yield from _not_varied(found)
        return
    rows = [(row["key"], written(row["value"]), *sides(row, figure)) for row in found["rows"]]
    yield from _rows(("assumption", "value", "lower", "changes", "higher", "changes"), rows, words=(1,))
    yield '<p class="quiet">Changes of the exposure in person-hours. A question mark: may be nothing but chance.</p>'
    yield from _not_varied(found)


def _not_varied(found: Mapping[str, Any]) -> Iterator[str]:
    if found["not_varied"]:
        told = escape(", ".join(found["not_varied"]))
        yield f'<p class="quiet">Not varied (words, switches, what has no half or twice): {told}.</p>'


def _costs(result: Mapping[str, Any]) -> Iterator[str]:
    table = costs(result)
    if table is not None:
        yield "<h2>Benefit, and cost a day</h2>"
        yield from _rows(*table)
        room = room_told(result)
        if room is not None:
            yield f'<p class="quiet">{escape(room)}</p>'


def _causes(result: Mapping[str, Any]) -> Iterator[str]:
    for title, table in (("Whose access the exposure is", causes(result)), ("What it waits for", waits(result))):
        if table is not None:
            yield f"<h2>{title}</h2>"
            yield from _rows(*table)


def _theory(result: Mapping[str, Any]) -> Iterator[str]:
    """Verdicts, the headline figures beside what is expected, and behind a click every figure that a form covers."""
    lines = list(theory_lines(result, width=10_000))
    if not lines:
        return
    yield "<h2>Theory beside simulation</h2>"
    yield "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines[1:]) + "</ul>"
    table = expected(result, BESIDE_THEORY, COLUMNS, amount)
    if table is not None:
        yield from _rows(*table)
    rows = [
        (
            variant["name"],
            key,
            with_half_width(key, variant["metrics"].get(key)),
            amount(key, row["expected"]),
            row["verdict"],
            row["why"],
        )
        for variant in result["variants"]
        for key, row in variant["theory"].items()
        if row["expected"] is not None
    ]
    if rows:
        yield f"<details><summary>All {len(rows)} figures with their forms</summary>"
        header = ("variant", "figure", "simulated", "by theory", "verdict", "form")
        yield from _rows(header, rows, words=(1, 4), prose=(5,))
        yield "</details>"


def _feasible(result: Mapping[str, Any]) -> Iterator[str]:
    yield "<h2>What each takes</h2>"
    rows = [
        (
            v["name"],
            "today" if v["feasible"]["today"] else "not today",
            v["feasible"]["how"],
            v["feasible"].get("source", ""),
        )
        for v in result["variants"]
    ]
    yield from _rows(("variant", "", "how", "written where"), rows, words=(1,), prose=(2, 3))


def _plots(found: Comparison, result: Mapping[str, Any]) -> Iterator[str]:
    shown = ("latency.leaver.mean_s", "latency.leaver.p95_s", plots.EXPOSURE, "provisioning.requests")
    drawn = [plots.by_interval(result, key) or plots.by_variant(result, key) for key in shown]
    drawn += [plots.differences(result), plots.distributions(found), plots.convergence(found)]
    if "sensitivity" in result:
        drawn.append(plots.tornado(result["sensitivity"]))
    yield "<h2>Plots</h2>"
    yield '<div class="plots">' + "".join(f"<figure>{svg}</figure>" for svg in drawn if svg) + "</div>"


def _again(result: Mapping[str, Any]) -> Iterator[str]:
    name, last = result["variants"][-1]["name"], result["replications"] - 1
    yield "<h2>Again</h2>"
    if "command" in result:
        yield f"<p><code>{escape(result['command'])}</code></p>"
    told = reckoning(result)
    if told is not None:
        yield f"<p>{escape(told)}</p>"
    yield (
        f"<p>Every figure comes from a seed ({result['seed']}) and a replication; results.csv beside this page has "
        f"them one by one. The same command with <code>--rerun {escape(quote(f'{name}:{last}'))}</code> opens that one "
        f"world. Digest of all results: <code>{escape(result['result_sha256'])}</code>.</p>"
    )
