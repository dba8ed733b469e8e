"""Setting up a sandbox: centres, everybody's keys, the trust directory, and directory.json that says where all is.

    DIR/directory.json      who is who: addresses, certificates, people
    DIR/trust/              trust.json and the certificates of the centres the portal may trust
    DIR/untrusted/          the centre that is in no list
    DIR/portal/             the portal's message key and seal key
    DIR/people/             demo people's .p12 files;  DIR/people-faulty/: the same exporter's, revoked, suspended, ...
    DIR/<program>/          a program's keys and store: message key; the officials head, revoked and untrusted
    DIR/scripts/            scripts that win over the default ones
    DIR/programs.yaml       more bodies, put there by hand and described as in data/programs.yaml; set-up gives them
                            keys, and they run as `python -m sandbox run NAME` by the script DIR/scripts/NAME.yaml

Setting up again keeps every key and every store, and writes directory.json anew.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from sandbox import pki
from sandbox.authority import TIMESTAMP_VALIDITY, Centre, Issued, p12, pem, write_p12

DATA = Path(__file__).parent / "data"
PASSWORD = "sandbox"
PORTAL_NAME = {"az": "Azexport portalı", "en": "Azexport portal"}
FAULTS = ("revoked", "suspended", "expired", "untrusted")
MARK = "installation.json"
LAYOUT = 2
"""Counts up when what set-up makes is no longer what the programs of before expect."""


class SetupError(Exception):
    """The sandbox cannot be set up as asked; the message says what to do."""


@dataclass(frozen=True)
class Person:
    """Somebody who gets a demo key."""

    name: str
    role: str
    given_name: str
    surname: str
    country: str
    organisation: str
    title: str = ""
    fin: str | None = None
    foreign_id: str | None = None
    voen: str | None = None
    organisation_id: str | None = None
    email: str | None = None
    body: str | None = None
    position: dict[str, str] | None = None

    @property
    def centre(self) -> str:
        return "de-persons" if self.country != "AZ" else "az-persons"

    def subject(self) -> dict[str, str]:
        """The subject of the certificates, with semantic identifiers after ETSI EN 319 412-1."""
        identity = f"PNOAZ-{self.fin}" if self.fin else self.foreign_id
        organisation = f"VATAZ-{self.voen}" if self.voen else self.organisation_id
        if self.body:
            organisation = f"GOVAZ-{self.body}"
        parts = {
            "C": self.country,
            "O": self.organisation,
            "organizationIdentifier": organisation,
            "title": self.position["az"] if self.position else self.title,
            "SN": self.surname,
            "GN": self.given_name,
            "serialNumber": identity,
            "CN": f"{self.given_name} {self.surname}",
        }
        return {short: value for short, value in parts.items() if value}


def programs(port_base: int, folder: Path | None = None) -> dict[str, dict[str, Any]]:
    """What data/programs.yaml and DIR/programs.yaml say of each program, with its ports and address."""
    described: dict[str, dict[str, Any]] = yaml.safe_load((DATA / "programs.yaml").read_text())
    if folder is not None and (folder / "programs.yaml").exists():
        described.update(yaml.safe_load((folder / "programs.yaml").read_text()))
    for entry in described.values():
        entry["port"] += port_base
        entry["base_url"] = f"http://localhost:{entry['port']}"
        if "smtp_port" in entry:
            entry["smtp_port"] += port_base
    return described


def set_up(folder: Path, port_base: int, portal: str) -> dict[str, Any]:
    """Make the sandbox in `folder`, or bring the one that is there up to date; returns the directory."""
    if not 1024 <= port_base <= 32700:
        raise SetupError("--port-base must be between 1024 and 32700, below the ports the system hands out")
    folder = folder.resolve()
    mark = folder / MARK
    if mark.exists():
        made = json.loads(mark.read_text())
        if made.get("layout") != LAYOUT:
            raise SetupError(f"the sandbox in {folder} was made by another version of this program; remove the folder")
        made_with = made["port_base"]
        if made_with != port_base:
            raise SetupError(
                f"the certificates in {folder} name the ports from {made_with} on; use --port-base {made_with},"
                " or another --dir"
            )
    else:
        _make_keys(folder, port_base)
        _write(mark, json.dumps({"port_base": port_base, "layout": LAYOUT}))
    _make_new_participants(folder, port_base)
    _make_new_people(folder, port_base)
    directory = _directory(folder, port_base, portal.rstrip("/"))
    _write(folder / "directory.json", json.dumps(directory, ensure_ascii=False, indent=1))
    return directory


def issue_person(folder: Path, person: Person) -> dict[str, Any]:
    """Give one more person an authentication and a signing key; returns the entry of the directory."""
    folder = folder.resolve()
    directory = json.loads((folder / "directory.json").read_text())
    centres = pki.load_centres(folder / "pki", directory["programs"]["pki"]["base_url"])
    if person.name in {entry["key"] for entry in _people(folder)}:
        raise SetupError(f"{person.name} has a key already")
    entry = _give_keys(person, centres[person.centre], folder / "people", person.name)
    _write(folder / "people" / "people.json", json.dumps([*_people(folder), entry], ensure_ascii=False, indent=1))
    directory["people"].append(entry)
    _write(folder / "directory.json", json.dumps(directory, ensure_ascii=False, indent=1))
    return entry


def _make_keys(folder: Path, port_base: int) -> None:
    """Every key and certificate. A set-up that was interrupted is started over: nothing has used its keys yet."""
    described = programs(port_base)
    shutil.rmtree(folder / "pki", ignore_errors=True)
    (folder / "scripts").mkdir(parents=True, exist_ok=True)
    centres = pki.found_centres(folder / "pki", described["pki"]["base_url"])
    tsa = centres["az-root"].issue(
        {"C": "AZ", "O": "Sandbox E-imza", "CN": "Sandbox E-imza Zaman Möhürü"},
        usage="timestamp",
        validity=TIMESTAMP_VALIDITY,
    )
    tsa.write(folder / "pki", pki.TSA)
    _make_portal(folder / "portal", centres["az-seals"])
    for name, entry in described.items():
        if "code" in entry:
            _make_participant(folder / name, entry, centres)
    _make_people(folder, centres)
    _make_trust(folder, centres, described["pki"]["base_url"])


def _make_new_participants(folder: Path, port_base: int) -> None:
    """Keys for the bodies that DIR/programs.yaml has added since the sandbox was made."""
    described = programs(port_base, folder)
    new = {
        name for name, entry in described.items() if "code" in entry and not (folder / name / "message.pem").exists()
    }
    if new:
        centres = pki.load_centres(folder / "pki", described["pki"]["base_url"])
        for name in sorted(new):
            _make_participant(folder / name, described[name], centres)


def _make_new_people(folder: Path, port_base: int) -> None:
    """Keys for the people whom data/people.yaml has added since the sandbox was made."""
    made = _people(folder)
    keys = {entry["key"] for entry in made}
    new = [one for one in _described_people() if one.name not in keys]
    if new:
        centres = pki.load_centres(folder / "pki", programs(port_base, folder)["pki"]["base_url"])
        made += [_give_keys(one, centres[one.centre], folder / "people", one.name) for one in new]
        _write(folder / "people" / "people.json", json.dumps(made, ensure_ascii=False, indent=1))


def _described_people() -> list[Person]:
    return [Person(**entry) for entry in yaml.safe_load((DATA / "people.yaml").read_text())]


def _make_portal(folder: Path, seals: Centre) -> None:
    subject = {"C": "AZ", "O": PORTAL_NAME["az"], "organizationIdentifier": "GOVAZ-azexport"}
    seals.issue({**subject, "CN": "Azexport message key"}, usage="message").write(folder, "message", seals.chain)
    seals.issue({**subject, "CN": PORTAL_NAME["az"]}, usage="seal").write(folder, "seal", seals.chain)


def _make_participant(folder: Path, entry: dict[str, Any], centres: dict[str, Centre]) -> None:
    seals, persons, untrusted = centres["az-seals"], centres["az-persons"], centres["untrusted-persons"]
    body = {"C": "AZ", "O": entry["name"]["az"], "organizationIdentifier": f"GOVAZ-{entry['code']}"}
    seals.issue({**body, "CN": f"{entry['code']} message key"}, usage="message").write(folder, "message", seals.chain)
    if "head" not in entry:
        return
    head, former = _official(body, entry["head"]), _official(body, entry["former"])
    persons.issue(head, usage="sign").write(folder, "head", persons.chain)
    revoked = persons.issue(former, usage="sign")
    revoked.write(folder, "revoked", persons.chain)
    persons.register.set_status(revoked.certificate.serial_number, "revoked")
    untrusted.issue(head, usage="sign").write(folder, "untrusted", untrusted.chain)


def _official(body: dict[str, str], official: dict[str, Any]) -> dict[str, str]:
    return {
        **body,
        "title": official["position"]["az"],
        "SN": official["surname"],
        "GN": official["given_name"],
        "serialNumber": f"PNOAZ-{official['fin']}",
        "CN": f"{official['given_name']} {official['surname']}",
    }


def _make_people(folder: Path, centres: dict[str, Centre]) -> None:
    described = _described_people()
    entries = [_give_keys(person, centres[person.centre], folder / "people", person.name) for person in described]
    _write(folder / "people" / "people.json", json.dumps(entries, ensure_ascii=False, indent=1))
    exporter = described[0]
    faulty = [_faulty(exporter, fault, folder / "people-faulty", centres) for fault in FAULTS]
    _write(folder / "people-faulty" / "people.json", json.dumps(faulty, ensure_ascii=False, indent=1))


def _faulty(person: Person, fault: str, folder: Path, centres: dict[str, Centre]) -> dict[str, Any]:
    """The person's keys with one thing wrong, so that nothing else can be why they are refused."""
    centre = centres["untrusted-persons" if fault == "untrusted" else person.centre]
    status = fault if fault in ("revoked", "suspended") else None
    return {
        **_give_keys(person, centre, folder, fault, expired=fault == "expired", status=status),
        "fault": fault,
    }


def _give_keys(
    person: Person,
    centre: Centre,
    folder: Path,
    file_name: str,
    *,
    expired: bool = False,
    status: str | None = None,
) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "name": f"{person.given_name} {person.surname}",
        "key": person.name,
        "role": person.role,
        "organisation": person.organisation,
        "country": person.country,
        "fin": person.fin,
        "foreign_id": person.foreign_id,
        "voen": person.voen,
        "organisation_id": person.organisation_id,
        "body": person.body,
        "position": person.position,
        "given_name": person.given_name,
        "surname": person.surname,
        "email": person.email,
        "password": PASSWORD,
    }
    for usage in ("auth", "sign"):
        issued = centre.issue(person.subject(), usage=usage, email=person.email, expired=expired)
        if status is not None:
            centre.register.set_status(issued.certificate.serial_number, status)
        path = folder / f"{file_name}-{usage}.p12"
        write_p12(path, _p12(issued, centre, f"{person.name} {usage}"))
        entry[f"{usage}_p12"] = str(path)
        entry[f"{usage}_serial"] = format(issued.certificate.serial_number, "x")
    return entry


def _p12(issued: Issued, centre: Centre, name: str) -> bytes:
    return p12(issued, centre.chain, name=name, password=PASSWORD)


def _make_trust(folder: Path, centres: dict[str, Centre], base_url: str) -> None:
    trust = folder / "trust"
    trust.mkdir(exist_ok=True)
    services = [
        ("eimza", "AZ", "az-root", "az-persons", {"az": "E-imza: şəxslər", "en": "E-imza: persons"}),
        ("seal", "AZ", "az-root", "az-seals", {"az": "E-imza: möhürlər", "en": "E-imza: seals"}),
        (
            "timestamp",
            "AZ",
            "az-root",
            "az-root",
            {"az": "E-imza: zaman möhürü", "en": "E-imza: time stamps"},
        ),
        (
            "foreign",
            "DE",
            "de-root",
            "de-persons",
            {"az": "Almaniya: etimad xidmətləri", "en": "Germany: trust services"},
        ),
    ]
    entries = []
    for kind, country, root, issuer, title in services:
        for file_name in (root, issuer):
            (trust / f"{file_name}.pem").write_bytes(pem(centres[file_name].certificate))
        certificate = centres[issuer].certificate
        entries.append(
            {
                "name": {language: f"{text} (sandbox)" for language, text in title.items()},
                "country": country,
                "kind": kind,
                "root": f"{root}.pem",
                "issuer": f"{issuer}.pem",
                "ocsp": f"{base_url}/ocsp",
                "crl": f"{base_url}/crl/{issuer}.crl",
                "valid_from": certificate.not_valid_before_utc.isoformat(),
                "valid_until": certificate.not_valid_after_utc.isoformat(),
                "sandbox": True,
            }
        )
    issued_at = centres["az-root"].certificate.not_valid_before_utc.isoformat()
    listing = {"issued_at": issued_at, "services": entries}
    _write(trust / "trust.json", json.dumps(listing, ensure_ascii=False, indent=1))
    untrusted = folder / "untrusted"
    untrusted.mkdir(exist_ok=True)
    for name in ("untrusted-root", "untrusted-persons"):
        (untrusted / f"{name}.pem").write_bytes(pem(centres[name].certificate))


def _directory(folder: Path, port_base: int, portal: str) -> dict[str, Any]:
    described = programs(port_base, folder)
    pki_url = described["pki"]["base_url"]
    return {
        "portal": {
            "code": "azexport",
            "base_url": portal,
            "certificate": str(folder / "portal" / "message.pem"),
        },
        "participants": [
            {
                "code": entry["code"],
                "base_url": entry["base_url"],
                "certificate": (folder / name / "message.pem").read_text(),
                "name": entry["name"],
                "program": name,
            }
            for name, entry in described.items()
            if "code" in entry
        ],
        "pki": {
            "ocsp": f"{pki_url}/ocsp",
            "tsa": f"{pki_url}/tsa",
            "base_url": pki_url,
            "trust": str(folder / "trust"),
        },
        "smtp": {"host": "localhost", "port": described["mail"]["smtp_port"]},
        "mail": described["mail"]["base_url"],
        "programs": described,
        "people": _relocated(_people(folder), folder / "people"),
        "faulty_people": _relocated(
            json.loads((folder / "people-faulty" / "people.json").read_text()), folder / "people-faulty"
        ),
    }


def _people(folder: Path) -> list[dict[str, Any]]:
    people: list[dict[str, Any]] = json.loads((folder / "people" / "people.json").read_text())
    return people


def _relocated(people: list[dict[str, Any]], folder: Path) -> list[dict[str, Any]]:
    """The entries with the paths of today: the sandbox may have been moved since the keys were made."""
    return [
        {**entry, **{kind: str(folder / Path(entry[kind]).name) for kind in ("auth_p12", "sign_p12")}}
        for entry in people
    ]


def _write(path: Path, content: str) -> None:
    """Replace the file at once: readers see the old content or the new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(content + "\n")
    partial.replace(path)
