"""Setting up: the layout everybody relies on, idempotence, and clear refusals."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
import yaml
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from sandbox.installation import DATA, SetupError, set_up
from tests.sandbox.conftest import Sandbox

PORTAL = "http://localhost:8000"


@pytest.fixture
def fresh(tmp_path: Path) -> Sandbox:
    return Sandbox(tmp_path / "sandbox", 8200)


def test_the_directory_says_where_everything_is(sandbox: Sandbox) -> None:
    directory = sandbox.directory
    assert directory["portal"]["code"] == "azexport"
    assert Path(directory["portal"]["certificate"]).exists()
    for entry in directory["participants"]:
        assert entry["base_url"].startswith("http://localhost:")
        assert entry["certificate"].startswith("-----BEGIN CERTIFICATE-----")
    assert list(directory["programs"]) == ["pki", "mail", "taxes", "treasury", "plant", "quality", "origin", "customs"]
    for person in [*directory["people"], *directory["faulty_people"]]:
        assert Path(person["auth_p12"]).exists()
        assert Path(person["sign_p12"]).exists()
    trust = json.loads((Path(directory["pki"]["trust"]) / "trust.json").read_text())
    assert {service["kind"] for service in trust["services"]} == {"eimza", "foreign", "seal", "timestamp"}
    for service in trust["services"]:
        assert service["sandbox"] is True
        assert (Path(directory["pki"]["trust"]) / service["root"]).exists()
        assert (Path(directory["pki"]["trust"]) / service["issuer"]).exists()


def test_private_keys_are_for_their_owner_alone(sandbox: Sandbox) -> None:
    private = [*sandbox.folder.rglob("*.key"), *sandbox.folder.rglob("*.p12")]
    assert len(private) > 30
    assert [path for path in private if path.stat().st_mode & 0o077] == []


def test_setting_up_again_changes_no_key_and_is_quick(fresh: Sandbox) -> None:
    before = {path: path.read_bytes() for path in fresh.folder.rglob("*") if path.is_file()}
    started = time.monotonic()
    fresh.run("setup", "--port-base", "8200", "--portal", fresh.portal_url)
    assert time.monotonic() - started < 5
    assert {path: path.read_bytes() for path in fresh.folder.rglob("*") if path.is_file()} == before


def test_another_address_of_the_portal_is_taken_over(fresh: Sandbox) -> None:
    fresh.run("setup", "--port-base", "8200", "--portal", "http://localhost:9999/")
    assert fresh.directory["portal"]["base_url"] == "http://localhost:9999"


def test_an_interrupted_set_up_is_started_over(tmp_path: Path) -> None:
    set_up(tmp_path, 8200, PORTAL)
    (tmp_path / "installation.json").unlink()
    described = yaml.safe_load((DATA / "people.yaml").read_text())
    assert [one["key"] for one in set_up(tmp_path, 8200, PORTAL)["people"]] == [one["name"] for one in described]


def test_other_ports_than_those_in_the_certificates_are_refused(tmp_path: Path) -> None:
    set_up(tmp_path, 8200, PORTAL)
    with pytest.raises(SetupError, match="--port-base 8200"):
        set_up(tmp_path, 8300, PORTAL)
    with pytest.raises(SetupError, match="between"):
        set_up(tmp_path / "other", 40000, PORTAL)


def test_one_more_person_gets_keys(fresh: Sandbox) -> None:
    arguments = ["issue-person", "--key", "anna-schmidt", "--given-name", "Anna", "--surname", "Schmidt", "--country",
                 "DE", "--organisation", "Schmidt GmbH", "--organisation-id", "NTRDE-HRB1", "--foreign-id",
                 "PNODE-X1"]  # fmt: skip
    fresh.run(*arguments)
    entry = next(person for person in fresh.directory["people"] if person["key"] == "anna-schmidt")
    certificate = pkcs12.load_key_and_certificates(Path(entry["sign_p12"]).read_bytes(), b"sandbox")[1]
    assert certificate is not None
    assert certificate.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)[0].value == "PNODE-X1"
    fresh.run("setup", "--port-base", "8200", "--portal", fresh.portal_url)
    assert "anna-schmidt" in {person["key"] for person in fresh.directory["people"]}
    assert fresh.run(*arguments, check=False).returncode == 1


@pytest.mark.parametrize(
    "arguments", [("run", "nobody"), ("pki", "revoke", "1234"), ("pki", "revoke"), ("pki", "revoke", "xyz")]
)
def test_what_cannot_be_done_is_said_without_a_traceback(sandbox: Sandbox, arguments: tuple[str, ...]) -> None:
    done = sandbox.run(*arguments, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("sandbox: ")
    assert "Traceback" not in done.stderr


def test_the_names_of_the_programs_are_listed(sandbox: Sandbox) -> None:
    assert sandbox.run("names").stdout.split()[:2] == ["pki", "mail"]
