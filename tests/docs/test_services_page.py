"""``docs/services.md`` lists every request that the services answer, and no other."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.routing import Route

from mockservices import control
from mockservices.console import DEEDS
from mockservices.graph import app as graph
from mockservices.identitycenter import app as aws
from mockservices.identitycenter import identitystore, ssoadmin
from mockservices.scim import app as scim
from mockservices.testing import ImmediateGate, make_services

PAGE = (Path(__file__).parents[2] / "docs" / "services.md").read_text(encoding="utf-8")
REQUEST = re.compile(r"((?:`?(?:GET|POST|PUT|PATCH|DELETE)`? )*`?(?:GET|POST|PUT|PATCH|DELETE) )(/[^`?]*)")
SYNCHRONIZATION = "/servicePrincipals/{key}/synchronization"
CASTS = re.compile(r"/(microsoft\.)?graph\.(user|group)$|microsoft\.graph\.|(?<=delta)\(\)$")


def listed(heading: str, before: str = "", after: str = "") -> set[str]:
    """The requests in the rows of a section, each as ``GET /path``; a part of it: from ``after``, up to ``before``."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    section = section.partition(after)[2] if after else section
    section = section.partition(before)[0] if before else section
    rows = "\n".join(line for line in section.splitlines() if line.startswith("|"))
    found = (f"{method} {path}" for verbs, path in REQUEST.findall(rows) for method in re.findall("[A-Z]+", verbs))
    return set(found)


def answered(app: FastAPI, prefix: str = "") -> set[str]:
    """What an app has routes for, names of types and other spellings of the same left out."""
    routes = [route for route in app.routes if isinstance(route, Route)]
    return set(_requests(routes, prefix))


def _requests(routes: Iterable[Any], prefix: str) -> Iterable[str]:
    for route in routes:
        path = re.sub(r"^/(v1\.0|beta)(?=/)", "", CASTS.sub("", route.path)).removeprefix(prefix)
        yield from (f"{method} {path}" for method in (route.methods or set()) - {"HEAD"})


def test_graph_answers_what_the_page_lists_and_nothing_else() -> None:
    below = "Below `/servicePrincipals"
    jobs = {request.replace(" ", f" {SYNCHRONIZATION}", 1) for request in listed("Microsoft Graph", after=below)}
    found = listed("Microsoft Graph", before=below) | jobs
    services = make_services()
    routes = answered(graph.build(services, ImmediateGate(services), "http://127.0.0.1/v1.0"))
    signing_in = {request for request in routes if " /{tenant}/" in request}
    of_templates = {request for request in routes if re.search(r"/templates/\{template\}/schema/", request)}
    assert {request.replace("/templates/{template}", "/jobs/{job}") for request in of_templates} <= found
    assert found == routes - signing_in - of_templates


def test_scim_answers_what_the_page_lists_and_nothing_else() -> None:
    services = make_services()
    assert listed("SCIM") == answered(
        scim.build(services, ImmediateGate(services), "http://127.0.0.1"), "/{tenant}/scim/v2"
    )
    assert f"at most {services.provider.profile.page_size}," in PAGE


def test_identity_center_has_the_operations_that_the_page_lists_and_the_portal_its_requests() -> None:
    rows = dict(re.findall(r"(?m)^\| `(sso-admin|identitystore)` \| (.+) \|$", PAGE))
    assert sorted(re.findall(r"`(\w+)`", rows["sso-admin"])) == sorted(ssoadmin.OPERATIONS)
    assert sorted(re.findall(r"`(\w+)`", rows["identitystore"])) == sorted(identitystore.OPERATIONS)
    services = make_services()
    assert listed("The AWS access portal") == answered(aws.build(services, ImmediateGate(services))) - {"POST /"}


def test_the_testbed_answers_what_the_page_lists_and_its_console_does_what_stands_there() -> None:
    services = make_services()
    unused: Any = None  # of the world's control: only the routes are looked at
    app = control.build(services, ImmediateGate(services), unused, "token", "http://127.0.0.1")
    assert listed("The testbed") == answered(app, "/_testbed")
    deeds = PAGE.partition("| `{name}` | body | does |")[2].splitlines()
    assert {
        name for row in deeds if row.startswith("| `") for name in re.findall(r"`([a-z-]+)`", row.split("|")[1])
    } == set(DEEDS)
