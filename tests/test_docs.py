"""The documents say what the code says, and lead to what is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tools import generate
from tools.clauses import CLAUSES, Status

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted(
    [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "sandbox" / "README.md", *(ROOT / "docs").rglob("*.md")]
)
LINK = re.compile(r"\]\(([^)\s]+)\)")
NAMED_TEST = re.compile(r"`([\w/]+\.py)::(test_\w+)`")
YAML = re.compile(r"```yaml\n(.*?)```", re.DOTALL)
HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)


@pytest.mark.parametrize("name", list(generate.DOCUMENTS))
def test_a_generated_document_is_what_the_code_says(name: str) -> None:
    made = generate.DOCUMENTS[name]()
    assert (ROOT / name).read_text() == made, f"{name} is stale: run `python -m tools.generate`"


@pytest.mark.parametrize("page", PAGES, ids=[path.relative_to(ROOT).as_posix() for path in PAGES])
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    dead = [link for link in LINK.findall(page.read_text()) if not _leads_somewhere(page, link)]
    assert dead == []


@pytest.mark.parametrize("page", PAGES, ids=[path.relative_to(ROOT).as_posix() for path in PAGES])
def test_every_test_that_a_page_names_is_there(page: Path) -> None:
    gone = [name for name in NAMED_TEST.findall(page.read_text()) if not _is_a_test(*name)]
    assert gone == []


def test_the_scripts_of_the_sandbox_guide_have_keys_that_the_sandbox_reads() -> None:
    read = "".join(path.read_text() for path in (ROOT / "sandbox").rglob("*") if path.suffix in {".py", ".yaml"})
    blocks = YAML.findall((ROOT / "docs" / "sandbox.md").read_text())
    assert len(blocks) > 10
    unknown = {
        key for block in blocks for key in yaml.safe_load(block) if not re.search(rf'["\'\n# ]{key}["\':]', read)
    }
    assert unknown == set()


def test_nothing_is_called_built_without_a_test_that_quotes_its_clause() -> None:
    assert generate.untested() == []


def test_every_clause_stands_once_and_says_what_is_missing() -> None:
    ids = [clause.id for clause in CLAUSES]
    assert len(ids) == len(set(ids))
    assert [clause.id for clause in CLAUSES if clause.status is Status.PARTLY and not clause.note] == []


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("asked once (P10.3.3(1-2)) and filled", {"P10.3.3(1)", "P10.3.3(2)"}),
        ("P1.3.7-9", {"P1.3.7", "P1.3.8", "P1.3.9"}),
        ("S10.1-10.3", {"S10.1", "S10.2", "S10.3"}),
        ("3.4 of the model form (S-A1 3.4.1)", {"S-A1 3.4.1"}),
        ("the list (S-L), not S-LIST", {"S-L"}),
        ("P4.2.6.1, F4.5; P7", {"P4.2.6.1", "F4.5", "P7"}),
        ("P-256, SHA256, AP1.3.2, P4a and UTF8", set()),
    ],
)
def test_a_quoted_clause_is_found_however_it_is_written(text: str, ids: set[str]) -> None:
    assert generate.quoted(text) == ids


def _leads_somewhere(page: Path, link: str) -> bool:
    if re.match(r"[a-z]+:", link):
        return True
    name, _, anchor = link.partition("#")
    target = (page.parent / name).resolve() if name else page
    if not target.is_relative_to(ROOT) or not target.exists():
        return False
    return not anchor or anchor in {_anchor(heading) for heading in HEADING.findall(target.read_text())}


def _is_a_test(file: str, name: str) -> bool:
    path = ROOT / "tests" / file
    return path.exists() and f"def {name}(" in path.read_text()


def _anchor(heading: str) -> str:
    """As code hosts make it of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
