"""The summary of a run worked out from its journal alone, by SQL: the independent second way to every figure."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta
from functools import cached_property
from hashlib import sha256
from typing import Any

from sim.observation.finding import finding
from sim.observation.journal import meta
from sim.observation.statistics import hours, mean_seconds, ratio, seconds
from sim.observation.words import CAUSES, EVENTS, HOPS, LATENCIES, WAITING
from sim.scenario import Scenario, assumptions, loads
from sim.scenario.fault_references import fault_name
from sim.scenario.results import ResultSpec
from tests.sim.observation.recompute_doors import DOORS, door_row, residual_figures, usable_figures
from tests.sim.observation.recompute_policy import requested_figures, sla_figures, toxic_figures

TWO = ("mover_overlap", "mover_gap")
ROWS = ("all", "joiner", "mover_grant", "mover_revoke", *TWO, "leaver", "contractor_expiry")

ACTIVE = """
WITH states AS (
    SELECT seq, max(at_ms, 0) AS t, key, verb,
           CASE verb WHEN 'user.delete' THEN 0 ELSE json_extract(fields, '$.active') END AS active
    FROM changes
    WHERE service = 'scim' AND (verb IN ('user.create', 'user.delete')
        OR (verb = 'user.update' AND json_extract(fields, '$.active') IS NOT NULL)))
SELECT t, active - lag(active, 1, verb <> 'user.create') OVER (PARTITION BY key ORDER BY seq) AS change FROM states
"""
"""(when, change) of the number of active users; those of the generated population are active at the start."""

STALE_USABLE = "SELECT coalesce(sum(usable), 0) FROM disabled WHERE since_ms < ?"
"""Grants of people who were disabled for long, of those that could be used at the end."""


def recompute(db: sqlite3.Connection) -> dict[str, Any]:
    """Every key of the summary but ``wall_s``."""
    return Recomputed(db).summary()


def trace_digest(db: sqlite3.Connection) -> str:
    """SHA-256 over the journal's changes, as the canonical trace writes them."""
    digest = sha256()
    for row in db.execute("SELECT at_ms, seq, service, verb, key, fields FROM changes ORDER BY seq"):
        digest.update(("\t".join(map(str, row)) + "\n").encode())
    return digest.hexdigest()


class Recomputed:
    """One journal."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db
        self.meta = meta(db)
        self.end = int(self.meta["end_ms"])

    @cached_property
    def scenario(self) -> Scenario:
        """The scenario that the journal keeps: read once, for it takes a fifth of a second to read."""
        return loads(self.meta["scenario"], "journal").scenario

    def one(self, sql: str, *values: object) -> Any:
        """The single value of a query."""
        row = self.db.execute(sql, values).fetchone()
        return None if row is None else row[0]

    def iso(self, at: int) -> str:
        """A time as the summary writes it."""
        instant = datetime.fromisoformat(self.meta["start"]) + timedelta(milliseconds=at)
        return instant.strftime("%Y-%m-%dT%H:%M:%SZ")

    def summary(self) -> dict[str, Any]:
        """See :func:`recompute`."""
        summary = self.figures()
        rows = self.scenario.results
        summary["finding"] = finding(summary)  # a function of the figures, which are worked out here
        summary["results"] = [self.result(summary, row) for row in rows] or None
        return summary

    def result(self, summary: dict[str, Any], row: ResultSpec) -> dict[str, Any]:
        measured: Any = summary
        for name in row.metric.split("."):
            measured = measured[name]
        sign = str(row.reported).split()[0]
        if measured is None:
            agrees = 0
        elif sign in {"<", "<=", ">", ">=", "=="}:
            agrees = self.one(f"SELECT ? {sign} ?", measured, float(str(row.reported).split()[1]))
        else:
            agrees = self.one("SELECT ? = ?", measured, row.reported)
        told = {"label": row.label, "metric": row.metric, "reported": row.reported}
        return {**told, "measured": measured, "agrees": bool(agrees)}

    def figures(self) -> dict[str, Any]:
        """Everything but ``results``."""
        scenario = self.scenario
        outcome = "SELECT count(*) FROM outcomes WHERE outcome = ?"
        return {
            "schema": "jmlab.summary/1",
            "simulated": True,
            "scenario": scenario.scenario,
            "seed": int(self.meta["seed"]),
            "transport": self.meta["transport"],
            "version": self.meta["version.jmlab"],
            "from": self.iso(0),
            "to": self.iso(self.end),
            "duration_s": seconds(self.end),
            "finding": [],
            "population": self.population(),
            "events": self.events(),
            "superseded": self.one(outcome, "superseded"),
            "nothing_to_remove": self.one(outcome, "nothing_to_remove"),
            "no_change": self.one(outcome, "no_change"),
            "provisioning": {
                "strategy": scenario.provisioning.strategy,
                "interval_s": seconds(scenario.provisioning.interval),
                **self.provisioning(),
            },
            "target": self.target(),
            "latency": self.latency(),
            "orphaned_access": self.orphaned(),
            "missing_access": {
                **self.people("missing"),
                "people_waiting": self.one(
                    "SELECT count(DISTINCT person) FROM person_intervals WHERE state = 'missing'"
                ),
                "person_hours": hours(self.person_ms("state = 'missing'")),
            },
            "suspended_access": {"now": self.people("suspended")["now"]},
            "residual_sessions": residual_figures(self, sessions=self.sessions),
            "sla": sla_figures(self, scenario),
            "divergence": self.divergence(),
            "stale": self.stale(scenario),
            "toxic": toxic_figures(self, scenario),
            "requested_access": requested_figures(self),
            "assumptions": [
                {"key": a.key, "value": a.value, "grade": a.grade, "source": a.source} for a in assumptions(scenario)
            ],
            "phases": self.phases(scenario),
            "results": None,
            "trace_sha256": trace_digest(self.db),
            "traffic_sha256": self.meta["traffic_sha256"],
        }

    def phases(self, scenario: Scenario) -> list[dict[str, Any]] | None:
        from tests.sim.observation.recompute_phases import phase_rows

        return phase_rows(self, scenario) or None

    def stale(self, scenario: Scenario) -> dict[str, Any]:
        threshold = scenario.organisation.stale_after
        what = "SELECT count(*) FROM (SELECT DISTINCT person, grant_number FROM stale WHERE what = ?)"
        if self.one("SELECT count(*) FROM console_acts WHERE kind = 'audit'"):
            found = self.one(what, "found")
        else:
            found = self.one(
                "SELECT count(*) FROM (SELECT DISTINCT person, grant_number FROM grant_intervals JOIN disabled "
                "USING (person) WHERE state = 'effective' AND until_ms IS NULL AND disabled.since_ms < ?)",
                self.end - threshold,
            )
        days = threshold / 86_400_000
        usable = None
        if self.sessions:
            audited = self.one("SELECT count(*) FROM console_acts WHERE kind = 'audit'")
            usable = self.one(what, "usable") if audited else self.one(STALE_USABLE, self.end - threshold)
        return {"found": found, "removed": self.one(what, "removed"), "usable": usable, "threshold_d": days}

    # --- the company and its events ----------------------------------------------------------------------

    def population(self) -> dict[str, Any]:
        began = {name: int(self.meta[f"population.{name}"]) for name in ("employees", "contractors")}
        changes = (
            "SELECT at_ms, employment, change FROM employment "
            "UNION ALL SELECT at_ms, employment, headcount FROM events WHERE headcount <> 0"
        )
        ended = dict(self.db.execute(f"SELECT employment, sum(change) FROM ({changes}) GROUP BY employment"))
        peak = self.one(
            f"SELECT max(n) FROM (SELECT sum(sum(d)) OVER (ORDER BY t) AS n FROM "
            f"(SELECT at_ms AS t, change AS d FROM ({changes}) UNION ALL SELECT 0, ?) GROUP BY t)",
            sum(began.values()),
        )
        return {
            "employees": began["employees"] + ended.get("employee", 0),
            "contractors": began["contractors"] + ended.get("contractor", 0),
            "peak": peak,
        }

    def events(self) -> dict[str, Any]:
        counts = dict(self.db.execute("SELECT kind, count(*) FROM events GROUP BY kind"))
        validated = self.one(
            "SELECT count(*) FROM events WHERE scripted AND event NOT IN (SELECT event FROM outcomes) "
            "AND event IN (SELECT event FROM latencies WHERE end_ms IS NOT NULL) "
            "AND event NOT IN (SELECT event FROM latencies WHERE end_ms IS NULL)"
        )
        return {**{kind: counts.get(kind, 0) for kind in EVENTS}, "validated": validated}

    def latency(self) -> dict[str, Any]:
        return {
            **{row: self.latency_row(row) for row in ROWS},
            **{row: door_row(self, row, sessions=self.sessions) for row in DOORS},
            **{row: self.latency_row(row) for row in ("rehire", "absence", "return", "contract_restored")},
        }

    def latency_row(self, name: str) -> dict[str, Any]:
        kinds = ", ".join(f"'{kind}'" for kind in (LATENCIES if name == "all" else (name,)))
        finished = f"FROM latencies WHERE kind IN ({kinds}) AND end_ms IS NOT NULL"
        n, total, longest, *hops = self.db.execute(
            f"SELECT count(*), coalesce(sum(duration_ms), 0), max(duration_ms), sum(hr_ms), sum(wait_ms), "
            f"sum(processing_ms), sum(retry_ms), sum(ticket_ms) {finished}"
        ).fetchone()
        ages = [
            age
            for (age,) in self.db.execute(
                f"SELECT duration_ms FROM latencies WHERE kind IN ({kinds}) AND end_ms IS NULL "
                "ORDER BY duration_ms DESC"
            )
        ]
        row: dict[str, Any] = {"n": n, "censored": len(ages), "mean_s": mean_seconds(total, n)}
        for percent in (50, 95, 99):
            at_least = self.one(
                f"SELECT min(duration_ms) FROM (SELECT duration_ms, count(*) OVER (ORDER BY duration_ms) AS upto "
                f"{finished}) WHERE upto * 100 >= ? * ?",
                n,
                percent,
            )
            row[f"p{percent}_s"] = seconds(at_least) if n >= 20 else None
        row["max_s"] = seconds(longest)
        measured = n > 0 and name not in TWO
        row["hops"] = {
            f"{hop}_s": mean_seconds(sum_ms, n) if measured else None for hop, sum_ms in zip(HOPS, hops, strict=True)
        }
        if n < 20:
            row["durations_s"] = [
                value / 1000 for (value,) in self.db.execute(f"SELECT duration_ms {finished} ORDER BY duration_ms")
            ]
        if ages:
            row["censored_s"] = [age / 1000 for age in ages[:100]]
            if len(ages) / (n + len(ages)) > 0.01:
                row["biased"] = True
        return row

    # --- job and target ----------------------------------------------------------------------------------

    def provisioning(self) -> dict[str, Any]:
        def total(*columns: str) -> int:
            plus = " + ".join(columns)
            return int(
                self.one(f"SELECT sum(n) FROM (SELECT {plus} AS n FROM cycles UNION ALL SELECT {plus} FROM on_demand)")
                or 0
            )

        initial = self.db.execute(
            "SELECT end_ms - start_ms, users_created, users_matched, groups_created, memberships_added, errors "
            "FROM cycles WHERE kind = 'initial' AND end_ms IS NOT NULL ORDER BY number LIMIT 1"
        ).fetchone()
        names = ("users_created", "users_matched", "groups_created", "memberships_added", "errors")
        return {
            "cycles": self.one("SELECT count(*) FROM cycles"),
            "initial_cycle": None
            if initial is None
            else {"duration_s": seconds(initial[0]), **dict(zip(names, initial[1:], strict=True))},
            "requests": total("requests"),
            "errors": total("errors"),
            "retries": total("retries"),
            "quarantined_s": seconds(self._ms("quarantines", "TRUE")),
            "manual_steps": self.one("SELECT count(*) FROM console_acts WHERE kind = 'manual'"),
            "tickets": self.tickets(),
            **{
                name: total(name)
                for name in ("users_created", "users_updated", "users_disabled", "users_deleted", "groups_created")
            },
            "membership_changes": total("memberships_added", "memberships_removed"),
            "given_up": total("given_up"),
            "notifications": self.one("SELECT count(*) FROM notifications"),
            "failures": self._reasons("failure"),
            "skipped": self._reasons("skipped"),
        }

    def _reasons(self, status: str) -> dict[str, int]:
        """How many rows of the log there are of each reason."""
        found = self.db.execute("SELECT reason, count(*) FROM log WHERE status = ? GROUP BY reason", (status,))
        return dict(sorted(found.fetchall()))

    def tickets(self) -> dict[str, int] | None:
        if "ticket" not in self.strategies:
            return None
        counts = dict(self.db.execute("SELECT outcome, count(*) FROM tickets GROUP BY outcome"))
        ended = {name: counts.get(name, 0) for name in ("worked", "nothing_to_do", "refused", "open")}
        return {"raised": sum(ended.values()), **ended, "forgotten": counts.get("forgotten", 0)}

    @property
    def strategies(self) -> set[str]:
        scenario = self.scenario
        whole = scenario.provisioning.strategy
        return {phase.strategy or whole for phase in scenario.phases} or {whole}

    @property
    def sessions(self) -> bool:
        return self.scenario.target.sessions is not None

    @property
    def piped(self) -> bool:
        return "ticket" not in self.strategies or bool(self.strategies & {"cycle", "event"})

    def target(self) -> dict[str, Any]:
        def made(service: str, what: str) -> int:
            return int(
                self.one(
                    "SELECT count(*) FILTER (WHERE verb = ?) - count(*) FILTER (WHERE verb = ?) FROM changes "
                    "WHERE service = ?",
                    f"{what}.create",
                    f"{what}.delete",
                    service,
                )
            )

        base = int(self.meta["population.in_target"])
        users = base + made("scim", "user")
        standing = (
            "SELECT key FROM changes WHERE service = 'sso' AND verb LIKE 'assignment.%' GROUP BY key, fields "
            "HAVING sum(CASE verb WHEN 'assignment.create' THEN 1 ELSE -1 END) > 0"
        )
        gone = "SELECT key FROM changes WHERE service = 'scim' AND verb IN ('user.delete', 'group.delete')"
        return {
            "protocol": "SCIM 2.0",
            "users": users,
            "active_users": base + (self.one(f"SELECT sum(change) FROM ({ACTIVE})") or 0),
            "groups": made("scim", "group"),
            "permission_sets": made("sso", "permissionSet"),
            "permission_sets_created": self.one(
                "SELECT count(*) FROM changes WHERE service = 'sso' AND verb = 'permissionSet.create' AND at_ms >= 0"
            ),
            "accounts": made("sso", "account"),
            "assignments": self.one(
                "SELECT coalesce("
                "(SELECT json_extract(fields, '$.assignments') FROM changes WHERE verb = 'assigned'), 0)"
                " + coalesce(sum(CASE verb WHEN 'assignment.create' THEN 1 ELSE -1 END), 0) FROM changes "
                "WHERE service = 'sso' AND verb LIKE 'assignment.%'"
            ),
            "leftover_assignments": self.one(f"SELECT count(*) FROM ({standing}) WHERE key IN ({gone})"),
            "created_by_scim": users - self.one(f"SELECT count(*) FROM console_users WHERE id NOT IN ({gone})"),
            "long_lived_credentials": self.one("SELECT count(*) FROM changes WHERE verb = 'accessKey.create'"),
            **self.console(),
        }

    def console(self) -> dict[str, Any]:
        scenario = self.scenario
        told = scenario.timeline
        set_up = {action.do for action in told} & {"aws_enable", "aws_identity_source", "aws_automatic_provisioning"}
        last = "SELECT json_extract(fields, ?) FROM changes WHERE service = 'sso' AND verb = ? ORDER BY seq DESC"
        expires = self.one(last, "$.tokenExpires_ms", "provisioning.enable")
        if expires is None and not set_up and self.piped:
            expires = scenario.target.token_life
        source = "local" if set_up - {"aws_automatic_provisioning"} or not self.piped else "external"
        return {
            "identity_source": self.one(last, "$.source", "identitySource.set") or source,
            "faults": self.faults(),
            "scim_token_expires": None if expires is None else self.iso(expires),
        }

    def faults(self) -> dict[str, int]:
        """How often each fault of the scenario, and each that was added, has hit the job."""
        scenario = self.scenario
        names = [fault_name(fault, position) for position, fault in enumerate(scenario.faults)]
        added = "SELECT json_extract(arguments, '$.name') FROM commands WHERE action = 'faults.add' ORDER BY seq"
        names += [name for (name,) in self.db.execute(added)]
        names += ["limits"] if scenario.target.limits == "aws" else []
        return {name: self.one("SELECT count(*) FROM faults WHERE fault = ?", name) for name in names}

    def divergence(self) -> dict[str, Any]:
        by_kind = dict(self.db.execute("SELECT kind, count FROM divergence ORDER BY rowid"))
        unmanaged = by_kind.pop("unmanaged")
        if not self.piped:
            unknown = dict.fromkeys(("max_after_cycle", "mean_before_cycle", "mean_after_cycle", "by_kind"))
            return {"now": None, "unmanaged": unmanaged, **unknown}
        ended = "FROM cycles WHERE end_ms IS NOT NULL"
        return {
            "now": sum(by_kind.values()),
            "unmanaged": unmanaged,
            "max_after_cycle": self.one(f"SELECT max(divergence_after) {ended}"),
            "mean_before_cycle": ratio(
                self.one("SELECT sum(divergence_before) FROM cycles") or 0, self.one("SELECT count(*) FROM cycles")
            ),
            "mean_after_cycle": ratio(
                self.one(f"SELECT sum(divergence_after) {ended}") or 0, self.one(f"SELECT count(*) {ended}")
            ),
            "by_kind": by_kind,
        }

    # --- access ------------------------------------------------------------------------------------------

    def person_ms(self, condition: str) -> int:
        """Exact person-milliseconds."""
        return self._ms("person_intervals", condition)

    def _ms(self, table: str, condition: str) -> int:
        return int(
            self.one(f"SELECT sum(coalesce(until_ms, ?) - since_ms) FROM {table} WHERE {condition}", self.end) or 0
        )

    def people(self, state: str) -> dict[str, Any]:
        return self._level("person_intervals", state)

    def _level(self, table: str, state: str) -> dict[str, Any]:
        edges = (
            f"SELECT since_ms AS t, 1 AS d FROM {table} WHERE state = ?1 "
            f"UNION ALL SELECT until_ms, -1 FROM {table} WHERE state = ?1 AND until_ms IS NOT NULL"
        )
        return {
            "now": self.one(f"SELECT count(*) FROM {table} WHERE state = ? AND until_ms IS NULL", state),
            "peak": self.one(
                f"SELECT max(n) FROM (SELECT sum(sum(d)) OVER (ORDER BY t) AS n FROM ({edges}) GROUP BY t)", state
            )
            or 0,
            "mean": ratio(self._ms(table, f"state = '{state}'"), self.end),
        }

    def orphaned(self) -> dict[str, Any]:
        by_cause = {}
        for cause in CAUSES:
            of_cause = f"state = 'orphaned' AND cause = '{cause}'"
            by_cause[cause] = {
                "now": self.one(f"SELECT count(*) FROM person_intervals WHERE {of_cause} AND until_ms IS NULL"),
                "people": self.one(f"SELECT count(DISTINCT person) FROM person_intervals WHERE {of_cause}"),
                "person_hours": hours(self.person_ms(of_cause)),
                "grant_hours": hours(self._ms("grant_intervals", of_cause)),
                "usable_person_hours": hours(self.person_ms(f"state = 'usable' AND cause = '{cause}'"))
                if self.sessions
                else None,
            }
        total = self.person_ms("state = 'orphaned'")
        return {
            "people": {**self.people("orphaned"), "person_hours": hours(total)},
            "grants": {
                **self._level("grant_intervals", "orphaned"),
                "grant_hours": hours(self._ms("grant_intervals", "state = 'orphaned'")),
            },
            "usable": usable_figures(self, sessions=self.sessions),
            "privileged": {
                "now": self.people("privileged")["now"],
                "person_hours": hours(self.person_ms("state = 'privileged'")),
            },
            "rate": ratio(total, self.active_ms()),
            "by_cause": by_cause,
            "by_waiting_for": {
                word: hours(self.person_ms(f"state = 'orphaned' AND waiting_for = '{word}'")) for word in WAITING
            },
            "by_account": self.by_part("account"),
            "by_permission_set": self.by_part("permission_set"),
            "open": [
                {
                    "principal": principal,
                    "account": account,
                    "permission_set": permission_set,
                    "since": self.iso(since),
                    "cause": cause,
                    "waiting_for": waiting,
                    "usable": bool(usable) if self.sessions else None,
                    "privileged": bool(privileged),
                }
                for principal, account, permission_set, since, cause, waiting, privileged, usable in self.db.execute(
                    "SELECT label, account, permission_set, since_ms, cause, waiting_for, privileged, usable "
                    "FROM grant_intervals JOIN open_orphans USING (person, grant_number) JOIN people USING (person) "
                    "JOIN grants USING (grant_number) WHERE state = 'orphaned' AND until_ms IS NULL "
                    "ORDER BY since_ms, person, grant_number LIMIT 100"
                )
            ],
        }

    def active_ms(self) -> int:
        base = int(self.meta["population.in_target"])
        return int(base * self.end + sum(change * (self.end - at) for at, change in self.db.execute(ACTIVE)))

    def by_part(self, part: str) -> list[dict[str, Any]]:
        rows = self.db.execute(
            f"SELECT {part}, count(*) FILTER (WHERE until_ms IS NULL), sum(coalesce(until_ms, ?1) - since_ms) AS ms "
            f"FROM grant_intervals JOIN grants USING (grant_number) WHERE state = 'orphaned' "
            f"GROUP BY {part} ORDER BY ms DESC, {part}",
            (self.end,),
        )
        return [{part: name, "now": now, "grant_hours": hours(ms)} for name, now, ms in rows]
