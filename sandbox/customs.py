"""Customs: takes an export declaration on, verifies what came with it, picks a channel and releases the goods, or not.

What is verified: the contract bears the signatures of both sides, application and declaration that of the declarant;
every permit is signed by an official of a body, not revoked, and what stands in it (number, taxpayer, destination,
validity, HS code, quantity) covers the goods declared. What earlier declarations used of a permit is written off.
scripts/customs.yaml says how fast, which goods need which permits, which channel, and the faults.
"""

from __future__ import annotations

import html
import json
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from sandbox.body import Body, behaviour
from sandbox.body_pages import page, script_section, steps_section, title_of
from sandbox.control import Control, Signature, attached
from sandbox.opinions import Opinions
from sandbox.permit_documents.printing import FOLDER, print_paper
from sandbox.permit_documents.signing import tampered
from sandbox.program import Program, Turn, fits, without_contents
from sandbox.wire import Message, Refused, file_content, file_member

LOOK_AGAIN = 0.5
OVER = ("released", "not_released")
_NEEDED = ("declaration", "declarant", "destination", "items", "contract", "declaration_document")
_KILOGRAMS = {"KGM": Decimal(1), "TNE": Decimal(1000), "GRM": Decimal("0.001")}

Reason = dict[str, Any]


def build(folder: Path) -> Program:
    program = Program.open("customs", folder)
    customs = Customs(program)
    program.on("declaration.lodged")(customs.lodged)
    program.action("advance")(customs.advance)
    Opinions(program, officer=customs.officials.officer)
    program.routes.append(Route("/", customs.index))
    return program


class Customs:
    """What customs does with a declaration, from lodging to the result of control."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.officials = Body(program)
        self.control = Control(program.folder / "trust")

    # --- the declaration's way

    def lodged(self, turn: Turn, message: Message) -> None:
        missing = [name for name in _NEEDED if not message.body.get(name)]
        if missing:
            raise Refused("incomplete", f"a declaration needs {', '.join(missing)}", 422)
        reference = message.body["declaration"]
        if turn.get("declaration", reference) is not None:
            return
        now = time.time()
        entry = {"declaration": reference, "message": message.id, "body": without_contents(message.body), "at": now,
                 "lodged_at": now, "state": "lodged", "number": "", "channel": "", "reasons": [],
                 "history": []}  # fmt: skip
        _note(entry, "declaration.lodged")
        turn.put("declaration", reference, entry)
        turn.later(0, "advance", {"declaration": reference}, subject=reference)

    def advance(self, turn: Turn, data: dict[str, Any]) -> None:
        entry = turn.get("declaration", data["declaration"])
        script = behaviour(self.program, turn.script, entry["body"])
        if entry["state"] == "lodged":
            wait, go = float(script["accept"].get("after", 0)), self._accept
        elif entry["state"] == "accepted":
            wait, go = float(script["verify"].get("after", 0)), self._assign_channel
        elif entry["state"] == "under_control":
            wait, go = float(script["control"].get(entry["channel"], 0)) + float(script.get("late") or 0), self._decide
        else:
            return
        remaining = entry["at"] + wait - time.time()
        if remaining > 0.001 or (go == self._decide and script.get("decision") == "silent"):
            pause = min(remaining, LOOK_AGAIN) if remaining > 0.001 else LOOK_AGAIN
            turn.later(pause, "advance", data, subject=entry["declaration"])
            return
        go(turn, entry, script)
        turn.put("declaration", entry["declaration"], entry)
        if entry["state"] not in OVER:
            turn.later(0, "advance", data, subject=entry["declaration"])

    def _accept(self, turn: Turn, entry: dict[str, Any], script: dict[str, Any]) -> None:
        year = datetime.now(UTC).year
        entry["number"] = f"{year % 100:02d}AZ{self.officials.next_number(f'mrn {year}'):013d}E"
        officer = self.officials.officer(script, script["accept"].get("officer"))
        self._send(turn, entry, "declaration.accepted", {"number": entry["number"], "officer": officer})
        entry.update(state="accepted", at=time.time())
        _note(entry, f"declaration.accepted: {entry['number']}")

    def _assign_channel(self, turn: Turn, entry: dict[str, Any], script: dict[str, Any]) -> None:
        started = time.perf_counter()
        entry["reasons"] = list(self._reasons(entry, self._body(entry), script))
        took = time.perf_counter() - started
        entry["channel"] = "red" if entry["reasons"] else _channel(entry["body"], script)
        officer = self.officials.officer(script, script["verify"].get("officer"))
        self._send(turn, entry, "declaration.channel_assigned", {"channel": entry["channel"], "officer": officer})
        entry.update(state="under_control", at=time.time())
        _note(entry, f"verified in {took * 1000:.0f} ms: {len(entry['reasons'])} reasons; channel {entry['channel']}")

    def _decide(self, turn: Turn, entry: dict[str, Any], script: dict[str, Any]) -> None:
        reasons = [*entry["reasons"], *(script["refusal"]["reasons"] if script.get("decision") == "refuse" else ())]
        reasons = reasons or self._write_off(entry)
        officer = self.officials.signatory(script)[1]
        if reasons:
            self._send(turn, entry, "declaration.not_released", {"reasons": reasons, "officer": officer}, script)
            entry.update(state="not_released", at=time.time(), reasons=reasons)
            _note(entry, "declaration.not_released: " + ", ".join(reason["code"] for reason in reasons))
            return
        released_at = datetime.now(UTC).isoformat(timespec="seconds")
        document = self._release_paper(entry, script, released_at)
        file = file_member(f"{entry['number']}.pdf", "application/pdf", document)
        self._send(turn, entry, "declaration.released", {
            "number": entry["number"], "released_at": released_at, "officer": officer, "document": file,
        }, script)  # fmt: skip
        entry.update(state="released", at=time.time())
        _note(entry, "declaration.released")

    def _send(
        self,
        turn: Turn,
        entry: dict[str, Any],
        kind: str,
        body: dict[str, Any],
        script: Mapping[str, Any] | None = None,
    ) -> None:
        reference = entry["declaration"]
        message = turn.send(kind, {"declaration": reference, **body}, subject=reference, in_reply_to=entry["message"])
        if script and script.get("send_twice"):
            turn.later(1.0, "repeat", {"message": message.id}, subject=reference)

    def _body(self, entry: dict[str, Any]) -> dict[str, Any]:
        """The message's body with the contents of its files, out of the inbox."""
        row = self.program.store.row("select envelope from inbox where message_id = ?", entry["message"])
        assert row is not None
        body: dict[str, Any] = json.loads(bytes(row["envelope"]))["body"]
        return body

    # --- verification

    def _reasons(self, entry: dict[str, Any], body: dict[str, Any], script: dict[str, Any]) -> Iterator[Reason]:
        """Everything for which the goods are not released."""
        declarant = f"VATAZ-{body['declarant'].get('voen')}"
        yield from self._contract_reasons(body, declarant)
        for member, what in (("declaration_document", "declaration"), ("application_document", "application")):
            if member in body or what == "declaration":
                signatures = self.control.signatures(_content(body.get(member)))
                if not any(one.organisation_id == declarant and not one.problem for one in signatures):
                    yield _reason(f"{what}_signature", None, **_SIGNATURE_TEXTS[what], detail=_problems(signatures))
        permits = {str(one.get("number")): one for one in body.get("permits") or ()}
        named = {str(number) for item in body["items"] for number in item.get("permits") or ()}
        for number in sorted(named - permits.keys()):
            yield _reason("permit_missing", number, az="İcazə sənədi bəyannaməyə əlavə edilməyib.",
                          en="The permit is not attached to the declaration.")  # fmt: skip
        for number in sorted(permits):
            yield from self._permit_reasons(number, permits[number], body)
        yield from _requirement_reasons(body, permits, script)

    def _contract_reasons(self, body: dict[str, Any], declarant: str) -> Iterator[Reason]:
        signatures = self.control.signatures(_content(body["contract"].get("file")))
        good = {one.organisation_id for one in signatures if not one.problem}
        if len(good) < 2 or declarant not in good:
            yield _reason("contract_signatures", None, az="Müqavilə hər iki tərəfin etibarlı imzası ilə imzalanmayıb.",
                          en="The contract does not bear valid signatures of both parties.",
                          detail=_problems(signatures))  # fmt: skip

    def _permit_reasons(self, number: str, given: dict[str, Any], body: dict[str, Any]) -> Iterator[Reason]:
        pdf = _content(given.get("file"))
        signatures = self.control.signatures(pdf)
        codes = {f"GOVAZ-{one['code']}" for one in self.program.directory.data["participants"]}
        for one in signatures or [Signature("", "", "", "unsigned")]:
            if one.problem:
                yield _reason(f"permit_{one.problem}", number, **_PROBLEM_TEXTS.get(one.problem, _OTHER_PROBLEM),
                              detail=f"{one.name} {one.detail}".strip())  # fmt: skip
            elif one.organisation_id not in codes:
                yield _reason("permit_signer", number, az="İcazəni səlahiyyətli orqanın vəzifəli şəxsi imzalamayıb.",
                              en="The permit is not signed by an official of a competent body.",
                              detail=one.organisation_id)  # fmt: skip
        permit = attached(pdf, "permit.json")
        if permit is None:
            yield _reason("permit_unreadable", number, az="İcazənin məlumatları oxunmur.",
                          en="The data of the permit cannot be read.")  # fmt: skip
            return
        for code, wrong, (az, en) in _facts(number, permit, body):
            if wrong:
                yield _reason(code, number, az=az, en=en)
        yield from _goods_reasons(number, permit, body, self._used(number, body["declaration"]))

    # --- the ledger of permits

    def _used(self, number: str, declaration: str) -> dict[str, Decimal]:
        """HS code -> kilograms or units that other declarations have used of the permit."""
        used: dict[str, Decimal] = {}
        for key, quantities in self.program.records("use").items():
            permit, user = key.split("|")
            if permit == number and user != declaration:
                for goods, quantity in quantities.items():
                    used[goods] = used.get(goods, Decimal(0)) + Decimal(quantity)
        return used

    def _write_off(self, entry: dict[str, Any]) -> list[Reason]:
        """Write the declared quantities off the permits; the reasons why not, if another declaration was faster."""
        body = self._body(entry)
        with self.program.store.transaction() as connection:
            reasons: list[Reason] = []
            uses: dict[str, dict[str, str]] = {}
            for given in body.get("permits") or ():
                number = str(given["number"])
                permit = attached(_content(given.get("file")), "permit.json") or {}
                reasons += _goods_reasons(number, permit, body, self._used(number, entry["declaration"]))
                uses[number] = {key: str(quantity) for key, quantity in _wanted(number, body).items()}
            for number, quantities in () if reasons else uses.items():
                connection.execute(
                    "insert into records values ('use', ?, ?) on conflict do nothing",
                    (f"{number}|{entry['declaration']}", json.dumps(quantities)),
                )
        return reasons

    # --- the release

    def _release_paper(self, entry: dict[str, Any], script: dict[str, Any], released_at: str) -> bytes:
        key, officer = self.officials.signatory(script)
        official = self.officials.desk.official(key)
        body = entry["body"]
        release = {
            "number": entry["number"],
            "declaration": entry["declaration"],
            "released_at": released_at,
            "channel": entry["channel"],
            "voen": body["declarant"]["voen"],
            "destination": body["destination"],
            "permits": [str(one["number"]) for one in body.get("permits") or ()],
            "lines": [{name: item.get(name) for name in ("line", "hs", "quantity", "unit")} for item in body["items"]],
        }
        goods = [{"description_en": None, **item} for item in body["items"]]
        data = {
            "permit": {**release, "valid_from": released_at},
            "attachment": {"name": "release.json", "data": release},
            "application": {"answers": {}, "goods": goods, "applicant": body.get("exporter") or body["declarant"],
                            "consignee": body.get("consignee") or {}, **body},
            "fields": script["permit"].get("fields", {}),
            "letterhead": {**script.get("letterhead", {}), "name": self.officials.entry["name"]},
            "officer": {**officer, "certificate": official.fingerprint},
        }  # fmt: skip
        pdf = print_paper(FOLDER / "release.typ", data, check_url=f"{self.program.base_url}/",
                          at=datetime.now(UTC).replace(microsecond=0))  # fmt: skip
        signed = self.officials.desk.sign(pdf, official, reason=entry["number"])
        return tampered(signed) if script.get("tamper") else signed

    # --- the page

    def index(self, request: Request) -> HTMLResponse:
        entries = sorted(self.program.records("declaration").values(), key=lambda one: -one["lodged_at"])[:200]
        rows = "".join(_row(one) for one in entries) or "<tr><td colspan=4 class=faint>none yet</td></tr>"
        content = (
            f"<h1>{html.escape(title_of(self.program))}</h1><p class=faint>sandbox program <b>customs</b></p>"
            f"<h2>Declarations</h2><table><thead><tr><th>Declaration</th><th>State</th><th>Channel</th>"
            f"<th>What happened</th></tr></thead><tbody>{rows}</tbody></table>{steps_section(self.program)}"
            f"{script_section(self.program)}"
        )
        return page(title_of(self.program), content, refresh=True)


def _row(entry: dict[str, Any]) -> str:
    done = "".join(f"<li>{html.escape(moment[11:19])} {html.escape(event)}</li>" for moment, event in entry["history"])
    why = "".join(f"<li>{html.escape(one['text']['en'])} {html.escape(one.get('permit') or '')}</li>"
                  for one in entry["reasons"])  # fmt: skip
    cells = (entry["declaration"], entry["number"], entry["state"], entry["channel"])
    reference, number, state, channel = (html.escape(str(cell)) for cell in cells)
    return (
        f"<tr><td>{reference}<br><span class=faint>{number}</span></td><td><span class=state>{state}</span></td>"
        f"<td>{channel}</td><td><ul>{done}</ul><ul>{why}</ul></td></tr>"
    )


def _facts(number: str, permit: dict[str, Any], body: dict[str, Any]) -> Iterator[tuple[str, bool, tuple[str, str]]]:
    """(code, whether it is so, text) of what can be wrong with a permit as a whole."""
    today = datetime.now(UTC).date().isoformat()
    yield (
        "permit_number",
        permit.get("number") != number,
        ("İcazənin nömrəsi bəyannamədəkindən fərqlidir.", "The permit's number is another than declared."),
    )
    yield (
        "permit_taxpayer",
        str(permit.get("voen")) != str(body["declarant"].get("voen")),
        ("İcazə başqa vergi ödəyicisinə verilib.", "The permit was issued to another taxpayer."),
    )
    yield (
        "permit_destination",
        permit.get("destination") not in (None, "", body["destination"]),
        ("İcazə başqa təyinat ölkəsi üçün verilib.", "The permit was issued for another country."),
    )
    yield (
        "permit_expired",
        str(permit.get("valid_until") or "9999") < today,
        ("İcazənin qüvvədə olma müddəti bitib.", "The permit is no longer valid."),
    )
    yield ("permit_not_yet_valid", str(permit.get("valid_from") or "") > today,
           ("İcazə hələ qüvvəyə minməyib.", "The permit is not valid yet."))  # fmt: skip


def _goods_reasons(
    number: str, permit: dict[str, Any], body: dict[str, Any], used: Mapping[str, Decimal]
) -> Iterator[Reason]:
    """What is wrong with the permit's goods: HS codes it does not have, quantities above what is left of it."""
    granted = _sum(permit.get("lines") or ())
    for key, quantity in _wanted(number, body).items():
        hs, unit = key.split("/")
        if not any(other.split("/")[0] == hs for other in granted):
            yield _reason("permit_hs", number, az=f"İcazədə HS kodu {hs} olan mal yoxdur.",
                          en=f"The permit has no goods of the HS code {hs}.")  # fmt: skip
        elif (left := granted.get(key, Decimal(0)) - used.get(key, Decimal(0))) < quantity:
            yield _too_much(number, hs, quantity, left, unit)


def _too_much(number: str, hs: str, wanted: Decimal, left: Decimal, unit: str) -> Reason:
    rest = max(left, Decimal(0))
    return _reason("permit_quantity", number,
                   az=f"HS {hs}: bəyan edilmiş {wanted:f} {unit}, icazə üzrə qalıq {rest:f} {unit}.",
                   en=f"HS {hs}: {wanted:f} {unit} declared, {rest:f} {unit} left of the permit.")  # fmt: skip


def _wanted(number: str, body: dict[str, Any]) -> dict[str, Decimal]:
    """What the declaration wants of the permit: HS code / unit -> quantity."""
    return _sum(item for item in body["items"] if number in {str(one) for one in item.get("permits") or ()})


def _sum(lines: Any) -> dict[str, Decimal]:
    total: dict[str, Decimal] = {}
    for line in lines:
        unit = str(line.get("unit"))
        try:
            quantity = Decimal(str(line.get("quantity")))
        except InvalidOperation:
            continue
        if unit in _KILOGRAMS:
            unit, quantity = "KGM", quantity * _KILOGRAMS[unit]
        key = f"{str(line.get('hs'))[:6]}/{unit}"
        total[key] = total.get(key, Decimal(0)) + quantity
    return total


def _requirement_reasons(body: dict[str, Any], permits: dict[str, Any], script: dict[str, Any]) -> Iterator[Reason]:
    """Permits that customs itself wants for goods and destination, by the script's list `required`."""
    services = {str(one.get("service")) for one in permits.values()}
    for rule in script.get("required") or ():
        concerned = any(str(item["hs"]).startswith(tuple(rule["hs"])) for item in body["items"])
        if concerned and body["destination"] in rule["destinations"]:
            for service in rule["services"]:
                if service not in services:
                    yield _reason("permit_required", None, az=f"Tələb olunan icazə sənədi yoxdur: {service}.",
                                  en=f"A permit that is required is missing: {service}.")  # fmt: skip


def _channel(body: dict[str, Any], script: dict[str, Any]) -> str:
    """The channel of the first risk rule that fits, else the script's `channel`."""
    for rule in script.get("risk") or ():
        above = rule.get("above", {})
        if fits(rule.get("when"), body) and all(_number(body.get(name)) > limit for name, limit in above.items()):
            return str(rule["channel"])
    return str(script.get("channel", "green"))


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return 0.0


def _content(member: Any) -> bytes:
    """The bytes of a file member; nothing when there is none or it is not what its digest names."""
    try:
        return file_content(member)
    except (Refused, TypeError):
        return b""


def _note(entry: dict[str, Any], event: str) -> None:
    entry["history"].append([datetime.now(UTC).isoformat(timespec="milliseconds"), event])


def _problems(signatures: list[Signature]) -> str:
    return "; ".join(f"{one.name}: {one.problem or 'valid'} {one.detail}".strip() for one in signatures) or "unsigned"


def _reason(code: str, permit: str | None, *, az: str, en: str, detail: str = "") -> Reason:
    reason: Reason = {"code": code, "permit": permit, "text": {"az": az, "en": en}}
    return {**reason, "detail": detail} if detail else reason


_SIGNATURE_TEXTS = {
    "declaration": {
        "az": "Bəyannamə bəyannaməçinin etibarlı imzası ilə imzalanmayıb.",
        "en": "The declaration does not bear a valid signature of the declarant.",
    },
    "application": {
        "az": "Vahid müraciət bəyannaməçinin etibarlı imzası ilə imzalanmayıb.",
        "en": "The unified application does not bear a valid signature of the declarant.",
    },
}
_OTHER_PROBLEM = {
    "az": "İcazədəki elektron imza etibarlı deyil.",
    "en": "The electronic signature of the permit is not valid.",
}
_PROBLEM_TEXTS = {
    "unsigned": {"az": "İcazə imzalanmayıb.", "en": "The permit is not signed."},
    "altered": {"az": "İcazə imzalandıqdan sonra dəyişdirilib.", "en": "The permit was altered after it was signed."},
    "changed_after_signing": {
        "az": "İcazəyə imzalandıqdan sonra əlavələr edilib.",
        "en": "Something was added to the permit after it was signed.",
    },
    "signer_revoked": {
        "az": "İcazəni imzalayanın sertifikatı ləğv edilib.",
        "en": "The certificate of the permit's signer is revoked.",
    },
    "signer_suspended": {
        "az": "İcazəni imzalayanın sertifikatı dayandırılıb.",
        "en": "The certificate of the permit's signer is suspended.",
    },
    "signer_of_unknown_centre": {
        "az": "İcazəni imzalayanın sertifikatı tanınmayan mərkəz tərəfindən verilib.",
        "en": "The certificate of the permit's signer comes from a centre that is not recognised.",
    },
}
