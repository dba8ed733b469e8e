"""Bodies, their succession, their systems and keys (P1.3.2, P4.2)."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import IntegrityError

from azexport.audit.queries import history
from azexport.kernel.errors import Missing
from azexport.participants import queries
from azexport.participants.models import Participant, System, Tenure
from azexport.participants.schema import Bodies, is_protected
from azexport.participants.states import Role
from tests.factories.participants import KeyPair, new_key, participant

pytestmark = pytest.mark.django_db


@pytest.fixture
def key() -> KeyPair:
    return new_key("system")


def directory(folder: Path, **entry: str) -> Path:
    path = folder / "directory.json"
    path.write_text(json.dumps({"portal": {"code": "azexport"}, "participants": [entry], "smtp": {}}))
    return path


def first_code() -> str:
    bodies = yaml.safe_load((settings.REGULATIONS / "participants.yaml").read_text())
    code: str = bodies["participants"][0]["code"]
    return code


def load(path: Path) -> None:
    call_command("load_participants", directory=path)


def test_the_bodies_of_the_regulation_are_loaded_with_their_clause_and_loading_again_changes_nothing(
    key: KeyPair, tmp_path: Path
) -> None:
    path = directory(tmp_path, code=first_code(), base_url="http://localhost:8105", certificate=key.pem)
    load(path)
    before = list(Participant.objects.order_by("code").values())
    tenures = Tenure.objects.count()
    load(path)
    assert list(Participant.objects.order_by("code").values()) == before
    assert Tenure.objects.count() == tenures
    assert System.objects.count() == 1
    assert all(one["legal_basis"].startswith(("P4.2.", "P1.3.", "S2.1.")) for one in before)
    assert all(one["name"]["az"] and one["name"]["en"] for one in before)


def test_each_role_of_the_main_job_is_played_by_somebody(tmp_path: Path) -> None:
    path = tmp_path / "directory.json"
    path.write_text('{"participants": []}')
    load(path)
    for role in (Role.CUSTOMS, Role.TAX_REGISTER, Role.TREASURY):
        assert str(role) in queries.with_role(role).roles
    assert len(queries.all_with_role(Role.PERMIT_BODY)) >= 3


def test_a_role_that_nobody_plays_and_a_code_that_nobody_has_are_missing() -> None:
    participant(roles=("customs",))
    with pytest.raises(Missing):
        queries.with_role(Role.TREASURY)
    with pytest.raises(Missing):
        queries.by_code("nobody")


def test_a_body_that_was_renamed_is_called_what_it_was_called_on_the_day(tmp_path: Path) -> None:
    path = tmp_path / "directory.json"
    path.write_text('{"participants": []}')
    load(path)
    renamed = next(one for one in Participant.objects.all() if one.tenures.count() > 1)
    older, newer = renamed.tenures.all()
    assert queries.name_on(renamed, date(2017, 9, 12)) == older.name
    assert queries.name_on(renamed, date(2026, 10, 5)) == newer.name == renamed.name


def test_a_participant_that_was_succeeded_plays_no_role_any_more() -> None:
    heir = participant("heir", roles=("customs",), base_url=None)
    old = participant("a-body-before", roles=("customs",), base_url=None)
    old.succeeded_by, old.succeeded_on = heir, date(2018, 1, 1)
    old.save()
    assert queries.with_role(Role.CUSTOMS) == heir
    old.succeeded_on = None
    with pytest.raises(IntegrityError):
        old.save()


def test_a_renewed_key_replaces_the_old_one_which_is_kept_but_no_longer_taken(tmp_path: Path, key: KeyPair) -> None:
    code, renewed = first_code(), new_key("renewed")
    load(directory(tmp_path, code=code, base_url="http://localhost:8105", certificate=key.pem))
    load(directory(tmp_path, code=code, base_url="http://localhost:8105", certificate=renewed.pem))
    system = queries.system_of(queries.by_code(code))
    assert system is not None
    assert system.certificate == renewed.pem
    assert System.objects.count() == 2
    assert queries.system_by_fingerprint(system.fingerprint) == system
    old = System.objects.get(active=False)
    assert queries.system_by_fingerprint(old.fingerprint) is None
    assert [event.name for event in history([code])] == ["system.connected"] * 2


def test_an_address_without_https_is_refused_unless_it_never_leaves_the_machine(tmp_path: Path, key: KeyPair) -> None:
    path = directory(tmp_path, code=first_code(), base_url="http://body.example", certificate=key.pem)
    with pytest.raises(CommandError, match="https"):
        load(path)


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://body.example", True),
        ("http://localhost:8105", True),
        ("http://127.0.0.1:8105", True),
        ("http://[::1]:8105", True),
        ("http://10.0.0.1", False),
        ("http://localhost.evil.example", False),
        ("ftp://localhost", False),
        ("https://", False),
        ("", False),
    ],
)
def test_only_protected_addresses_are_written_to(url: str, good: bool) -> None:
    assert is_protected(url) is good


def test_a_key_of_another_kind_and_a_certificate_that_is_none_are_refused(tmp_path: Path) -> None:
    private = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "rsa")])
    pem = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2090, 1, 1, tzinfo=UTC))
        .sign(private, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
        .decode()
    )
    for certificate, words in ((pem, "P-256"), ("nonsense", "cannot be read")):
        path = directory(tmp_path, code=first_code(), base_url="http://localhost:1", certificate=certificate)
        with pytest.raises(CommandError, match=words):
            load(path)


def test_a_directory_entry_of_a_stranger_is_left_out_with_a_word(
    tmp_path: Path, key: KeyPair, capsys: pytest.CaptureFixture[str]
) -> None:
    load(directory(tmp_path, code="stranger", base_url="http://localhost:1", certificate=key.pem))
    assert "stranger" in capsys.readouterr().err
    assert not System.objects.exists()


def test_a_file_of_bodies_with_a_slip_is_refused_whole(tmp_path: Path) -> None:
    bodies = tmp_path / "participants.yaml"
    bodies.write_text("participants:\n  - {code: UPPER, roles: [juggler]}\n")
    with pytest.raises(CommandError, match="juggler"):
        call_command("load_participants", bodies=bodies)
    assert not Participant.objects.exists()


def test_the_bodies_file_says_where_each_name_was_read() -> None:
    bodies = Bodies.model_validate(yaml.safe_load((settings.REGULATIONS / "participants.yaml").read_text()))
    for body in bodies.participants:
        for tenure in body.tenures:
            assert any(mark in tenure.source for mark in ("P4.2.", "P1.3.", "Decision 191", "assumption"))


def test_the_operator_of_the_registry_is_another_than_the_operator_of_the_portal(tmp_path: Path) -> None:
    """S2.1.6, P1.3.1"""
    path = tmp_path / "directory.json"
    path.write_text('{"participants": []}')
    load(path)
    assert queries.with_role(Role.REGISTRY_OPERATOR) != queries.with_role(Role.PORTAL_OPERATOR)


def test_a_participant_acts_under_its_code() -> None:
    actor = queries.as_actor(participant("hazel-office"))
    assert (actor.actor_kind, actor.actor_id, actor.actor_name) == (
        "participant", "hazel-office", "hazel-office idarəsi",
    )  # fmt: skip
