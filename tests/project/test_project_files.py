"""The files around the code: they exist, they agree with each other, and their links lead somewhere."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
TARGETS = {"help", "setup", "demo", "test", "coverage", "check", "test-long", "bench", "lock", "clean"}


def read(name: str) -> str:
    """The text of a file of the repository."""
    return (ROOT / name).read_text(encoding="utf-8")


def anchors(page: str) -> set[str]:
    """The anchors of a page's headings."""
    headings = re.findall(r"(?m)^#+ +(.+?) *$", page)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("command", ["make demo", "make test", "jmlab serve hello"])
def test_readme_names_the_command(command: str) -> None:
    assert command in read("README.md")


def test_readme_says_that_everything_is_simulated() -> None:
    assert "SIMULATED" in read("README.md")


def test_the_licence_is_the_one_that_the_project_declares() -> None:
    project = tomllib.loads(read("pyproject.toml"))["project"]
    assert project["license"] == "Apache-2.0"
    assert "Apache License" in read("LICENSE")
    assert "END OF TERMS AND CONDITIONS" in read("LICENSE")


def test_the_changelog_knows_the_version() -> None:
    version = tomllib.loads(read("pyproject.toml"))["project"]["version"]
    assert re.search(rf"(?m)^## {re.escape(version)}\b", read("CHANGELOG.md"))


def test_the_citation_names_the_version() -> None:
    version = tomllib.loads(read("pyproject.toml"))["project"]["version"]
    assert f"\nversion: {version}\n" in read("CITATION.cff")


def test_ci_runs_what_a_developer_runs() -> None:
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    assert "make test" in read(".ci/run")


def test_every_target_is_explained_by_make_help() -> None:
    assert set(re.findall(r"(?m)^([a-z-]+):.*## ", read("Makefile"))) == TARGETS


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_page_names_only_targets_that_exist(page: Path) -> None:
    named = set(re.findall(r"`make ([a-z-]+)[^`]*`|^make ([a-z-]+)", page.read_text(encoding="utf-8"), re.MULTILINE))
    assert {first or second for first, second in named} <= TARGETS


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_the_links_of_a_page_lead_to_files_and_headings_that_exist(page: Path) -> None:
    text = re.sub(r"(?ms)^```.*?^```", "", page.read_text(encoding="utf-8"))
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith(("https://", "http://", "mailto:")):
            continue
        name, _, anchor = target.partition("#")
        linked = (page.parent / name) if name else page
        if not linked.exists() or (anchor and anchor not in anchors(linked.read_text(encoding="utf-8"))):
            broken.append(target)
    assert broken == []


def test_the_half_that_is_named_is_there_and_neither_half_leaves_anything_out() -> None:
    """The other half is whatever is not ignored, so a folder that is in neither cannot be."""
    makefile = read("Makefile")
    named = re.findall(r"\$\(call halves,[^,]*,(.*)\)", makefile)
    assert len(named) == 2
    assert [folder for half in named for folder in half.split() if not (ROOT / "tests" / folder).is_dir()] == []
    assert "$(addprefix tests/,$(2))" in makefile
    assert "$(addprefix --ignore=tests/,$(2))" in makefile


def test_every_page_is_found_from_the_first_page_of_the_documentation() -> None:
    linked = set(re.findall(r"\]\(([\w-]+\.md)\)", read("docs/index.md")))
    assert linked == {page.name for page in (ROOT / "docs").glob("*.md")} - {"index.md"}
