"""The main job on a running system, and what programs that know nothing of ours say of the documents it left."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from demo.browser import Browser
from demo.journey import Journey
from tests.interop.test_signatures import parts
from tests.stack.consignments import Ledger, rows, stage_on, window
from tools.stack import Stack

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack")]
VERIFY = Path(sys.executable).parent / "azexport-verify"


def needs(program: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not installed")


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def papers(main_job: Journey) -> list[Path]:
    """Every PDF that the exporter took home."""
    return sorted(main_job.folder.glob("*.pdf"))


def test_it_ends_released_with_three_permits(main_job: Journey, stack: Stack) -> None:
    page = window(main_job.exporter, "en").open(f"/operations/{main_job.operation}/")

    assert stage_on(page) == "released"
    assert "The goods are released" in page.text()
    assert main_job.permits == 3
    assert rows(stack, "select count(*) from permits_permit p join cases_case c on c.id = p.case_id"
                " where p.status = 'issued' and c.application_reference = %s",
                main_job.application) == [(3,)]  # fmt: skip


def test_customs_has_released_it_in_its_own_ledger(main_job: Journey, stack: Stack) -> None:
    entry = Ledger(stack.sandbox, "customs").records("declaration")[main_job.declaration]

    assert (entry["state"], entry["reasons"]) == ("released", [])


def test_every_document_came_home(main_job: Journey) -> None:
    names = {path.name for path in main_job.folder.iterdir()}

    assert {"contract.pdf", "application.pdf", "dossier.zip"} <= names
    assert len([name for name in names if name.startswith("permit-")]) == 3
    # Beside those, the declaration and the release.
    assert len(papers(main_job)) == 7


@needs("pdfsig")
def test_pdfsig_finds_every_signature_of_every_document_valid(main_job: Journey) -> None:
    for path in papers(main_job):
        # Who is trusted here, poppler cannot know; that what was signed is what stands there, it can.
        told = run("pdfsig", "-nocert", str(path)).stdout
        signatures = [one for one in told.split("Signature #")[1:] if "ETSI.CAdES.detached" in one]
        assert len(signatures) == (2 if path.name == "contract.pdf" else 1), f"{path.name}: {told}"
        for one in signatures:
            assert "Signature Validation: Signature is Valid." in one, f"{path.name}: {told}"


@needs("openssl")
@pytest.mark.parametrize("number", [1, 2])
def test_openssl_verifies_each_signature_of_the_contract_over_its_own_bytes(
    main_job: Journey, number: int, tmp_path: Path
) -> None:
    covered, container = parts((main_job.folder / "contract.pdf").read_bytes(), number)
    (tmp_path / "content").write_bytes(covered)
    (tmp_path / "signature").write_bytes(container)
    anchors = "".join((main_job.sandbox / "trust" / f"{name}-root.pem").read_text() for name in ("az", "de"))
    (tmp_path / "roots.pem").write_text(anchors)

    told = run(
        "openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", str(tmp_path / "signature"),
        "-content", str(tmp_path / "content"), "-CAfile", str(tmp_path / "roots.pem"), "-purpose", "any",
        "-out", str(tmp_path / "out"),
    )  # fmt: skip

    assert told.returncode == 0, told.stderr
    (tmp_path / "content").write_bytes(covered[:-1] + bytes([covered[-1] ^ 1]))
    assert run(
        "openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", str(tmp_path / "signature"),
        "-content", str(tmp_path / "content"), "-CAfile", str(tmp_path / "roots.pem"), "-purpose", "any",
        "-out", str(tmp_path / "out"),
    ).returncode != 0  # fmt: skip


@needs("qpdf")
def test_qpdf_finds_every_document_well_formed(main_job: Journey) -> None:
    for path in papers(main_job):
        told = run("qpdf", "--check", str(path))
        assert told.returncode == 0, f"{path.name}: {told.stdout}{told.stderr}"


def test_the_dossier_is_in_order_for_whoever_has_the_anchors(main_job: Journey) -> None:
    told = run(str(VERIFY), str(main_job.folder / "dossier.zip"), "--trust", str(main_job.sandbox / "trust"), "--json")

    assert told.returncode == 0, told.stdout + told.stderr


@pytest.mark.parametrize("kind", ["pdf", "json"])
def test_a_dossier_changed_by_one_byte_is_not_and_the_file_is_named(
    main_job: Journey, kind: str, tmp_path: Path
) -> None:
    changed, name = tmp_path / "changed.zip", ""
    with zipfile.ZipFile(main_job.folder / "dossier.zip") as whole, zipfile.ZipFile(changed, "w") as other:
        for item in whole.infolist():
            content = whole.read(item)
            if not name and item.filename.endswith(f".{kind}") and "/" in item.filename:
                name, middle = item.filename, len(content) // 2
                content = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
            other.writestr(item, content)

    told = run(str(VERIFY), str(changed), "--trust", str(main_job.sandbox / "trust"), "--json")

    assert name
    assert told.returncode == 1
    assert name in json.dumps(json.loads(told.stdout), ensure_ascii=False)


def test_everybody_can_see_what_each_document_is(main_job: Journey, stack: Stack) -> None:
    codes = rows(stack, "select distinct d.code from documents_document d"
                 " join permits_permit p on p.document_id = d.id join cases_case c on c.id = p.case_id"
                 " where c.application_reference = %s", main_job.application)  # fmt: skip
    assert len(codes) == 3
    for [code] in codes:
        shown = {language: Browser(stack.url, language).open(f"/verify/{code}") for language in ("az", "en")}
        assert {page.status for page in shown.values()} == {200}
        assert shown["az"].text() != shown["en"].text()
