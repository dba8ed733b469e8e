"""The legal text of a regulation, in the order of the model form (S-A1 1.1 to 3.6.3), the form annexed (2.6, note 1).

The headings are the law's own words, the English ones ours. One description serves the page, the PDF/A, the comparison
of two versions and the discussion of a draft clause by clause.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

from django.utils.translation import override

from azexport.documents.rendering import render_pdf
from azexport.kernel import formats
from azexport.kernel.references import ALPHABET
from azexport.kernel.text import Text, both, pick
from azexport.participants import queries as participants
from azexport.services.activities import ACTIVITIES
from azexport.services.schema import Question, Regulation, RequiredDocument, Step, Words

TEMPLATE = "services/regulation.typ"
ANNEX = "A"
"""Number of the annexed form among the clauses."""

HEADINGS: dict[str, Text] = {
    "1": both("Ümumi müddəalar", "General provisions"),
    "1.1": both("Elektron xidmətin adı", "Name of the e-service"),
    "1.2": both("Elektron xidmətin məzmunu", "Content of the e-service"),
    "1.3": both("Elektron xidmətin göstərilməsinin hüquqi əsası", "Legal basis of the e-service"),
    "1.4": both("Elektron xidməti göstərən dövlət qurumunun adı", "State body that provides the e-service"),
    "1.5": both("Elektron xidmətin digər icraçıları", "Other performers of the e-service"),
    "1.6": both("Elektron xidmətin avtomatlaşdırılma səviyyəsi", "Level of automation of the e-service"),
    "1.7": both("Elektron xidmətin icra müddəti", "Term of the e-service"),
    "1.8": both("Elektron xidmətin göstərilməsinin nəticəsi", "Result of the e-service"),
    "2": both("Elektron xidmətin göstərilməsinin həyata keçirilməsi", "Provision of the e-service"),
    "2.1": both("Elektron xidmətin növü", "Kind of e-service"),
    "2.2": both("Elektron xidmət üzrə ödəniş", "Payment for the e-service"),
    "2.2.1": both("Məbləğ, hüquqi əsas, bank rekvizitləri, ödəmə üsulları",
                  "Amount, legal basis, bank details, ways to pay"),
    "2.3": both("Elektron xidmətin istifadəçiləri", "Users of the e-service"),
    "2.4": both("Elektron xidmətin təqdim olunma yeri", "Where the e-service is provided"),
    "2.5": both("Elektron xidmət barədə məlumatlandırma", "Information about the e-service"),
    "2.6": both("Elektron xidmətin göstərilməsi üçün tələb olunan sənədlər və onların təqdim olunma forması",
                "Documents needed for the e-service and the form in which they are given"),
    "2.6.1": both("Dövlət orqanlarının informasiya ehtiyatında olan sənədlər",
                  "Documents that state bodies hold in their information resources"),
    "2.6.2": both("Dövlət orqanlarının informasiya ehtiyatında olmayan məlumatlar və sənədlər",
                  "Information and documents that state bodies do not hold"),
    "3": both("Elektron xidmətin göstərilməsi üçün inzibati prosedurlar", "Administrative procedures of the e-service"),
    "3.1": both("İnformativ növlü elektron xidmətlər", "Informational e-services"),
    "3.2": both("İnteraktiv elektron xidmətlər üçün sorğu", "Request for an interactive e-service"),
    "3.2.1": both("Sorğunun formalaşdırılması", "Forming the request"),
    "3.2.2": both("Sorğunun qəbulu", "Acceptance of the request"),
    "3.3": both("Elektron xidmətin göstərilməsi və ya imtina edilməsi", "Provision of the e-service or refusal"),
    "3.3.1": both("Sorğunun yerinə yetirilməsindən imtina halları", "Grounds of refusal"),
    "3.3.2": both("Sorğunun qəbulu (müsbət qərar)", "Granting the request"),
    "3.4": both("Sorğunun icrası", "Execution of the request"),
    "3.4.1": both("İnzibati əməliyyatlar və məsul şəxslər", "Administrative operations and responsible persons"),
    "3.4.2": both("İnzibati əməliyyatların məzmunu və maksimal müddəti",
                  "Content and maximal term of the administrative operations"),
    "3.4.3": both("İnzibati əməliyyatda iştirak edən digər dövlət orqanı",
                  "Other state body that takes part in the administrative operation"),
    "3.4.4": both("İnzibati prosedurun nəticəsi və onun verilməsi qaydası",
                  "Result of the administrative procedure and how it is handed over"),
    "3.5": both("Elektron xidmətin yerinə yetirilməsinə nəzarət", "Control over the execution of the e-service"),
    "3.5.1": both("Nəzarət forması", "Form of control"),
    "3.5.2": both("Nəzarət qaydası", "Order of control"),
    "3.6": both("Elektron xidmətin göstərilməsi üzrə mübahisələr", "Disputes over the e-service"),
    "3.6.1": both("İstifadəçinin şikayət etmək hüququ haqqında məlumat", "The user's right to complain"),
    "3.6.2": both("Şikayətin əsaslandırılması və baxılması üçün lazım olan informasiya",
                  "What a complaint must hold to be considered"),
    "3.6.3": both("Şikayətin baxılma müddəti", "Term for considering a complaint"),
    ANNEX: both("Əlavə. Doldurulması tələb olunan forma", "Annex. The form to be filled"),
}  # fmt: skip
"""Number of the heading in the model form -> its words."""

KINDS: dict[str, Text] = {
    "text": both("mətn", "text"), "long_text": both("mətn", "text"), "number": both("ədəd", "number"),
    "money": both("məbləğ", "amount of money"), "date": both("tarix", "date"), "choice": both("seçim", "one choice"),
    "choices": both("bir və ya bir neçə seçim", "one or more choices"), "boolean": both("bəli / xeyr", "yes / no"),
    "country": both("ölkə", "country"), "file": both("fayl", "file"), "hs": both("XİF MN kodu", "HS code"),
    "party": both("tərəf: ad, ölkə, ünvan", "party: name, country, address"),
    "goods": both("mallar cədvəli", "table of goods"), "statement": both("təsdiq", "statement of truth"),
}  # fmt: skip
USERS: dict[str, Text] = {
    "natural": both("fiziki şəxslər", "natural persons"), "legal": both("hüquqi şəxslər", "legal persons"),
    "state": both("dövlət orqanları", "state bodies"), "other": both("digərləri", "others"),
}  # fmt: skip
SERVICE_KINDS: dict[str, Text] = {
    "informational": both("informativ", "informational"), "interactive": both("interaktiv", "interactive"),
}  # fmt: skip
AUTOMATION: dict[str, Text] = {"full": both("tam", "full"), "partial": both("qismən", "partial")}
ASSUMED = both("fərziyyə: mənbə oxuna bilməyib", "assumption: no source could be read")
NONE = both("Yoxdur.", "None.")


class Block(NamedTuple):
    """A piece of a clause: a paragraph, the items of a list, or a table."""

    kind: str
    """text | list | table"""
    items: tuple[str, ...] = ()
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


class Clause(NamedTuple):
    """One heading of the model form with what the regulation says under it."""

    number: str
    heading: str
    content: tuple[Block, ...]

    @property
    def level(self) -> int:
        """1 for a part (1, 2, 3, the annex), 2 for 1.1, 3 for 2.2.1."""
        return self.number.count(".") + 1

    @property
    def shown_number(self) -> str:
        return "" if self.number == ANNEX else f"{self.number}."

    @property
    def text(self) -> str:
        """Everything it says, one piece a line: what a comparison compares."""
        lines: list[str] = []
        for block in self.content:
            lines += [*block.items, *(" | ".join(row) for row in block.rows)]
        return "\n".join(lines)


def clauses(regulation: Regulation, *, language: str = "az", names: Mapping[str, Text] | None = None) -> list[Clause]:
    """The whole text in the order of S-A1; a heading that has nothing under it by nature stands with its parts.

    Args:
        names: participant code -> name; default: as the bodies are called today (one query).
    """
    return list(_Writer(regulation, language, names_of(regulation) if names is None else names).clauses())


def names_of(regulation: Regulation) -> dict[str, Text]:
    """Code -> name of every body that the regulation names and the portal knows."""
    named = {regulation.provider, *regulation.general.other_performers}
    named |= {step.performer for step in regulation.steps if step.performer}
    named |= {one.register_.participant for one in regulation.provision.known_documents if one.register_}
    return {code: body.name for code, body in participants.by_codes(named).items()}


def title(regulation: Regulation, *, language: str, names: Mapping[str, Text]) -> str:
    """`<body>: “<service>” elektron xidməti üzrə inzibati reqlament`, as S-A1 has it."""
    body = pick(names.get(regulation.provider, regulation.provider), language)
    name = pick(regulation.name, language)
    template = both("%s: “%s” elektron xidməti üzrə inzibati reqlament",
                    "%s: administrative regulation of the e-service “%s”")  # fmt: skip
    return pick(template, language) % (body, name)


def paper_data(regulation: Regulation, *, names: Mapping[str, Text] | None = None) -> dict[str, Any]:
    """What the PDF's template prints; formatted, in both languages."""
    known = names_of(regulation) if names is None else names
    az, en = (clauses(regulation, language=language, names=known) for language in ("az", "en"))
    return {
        "title": {language: title(regulation, language=language, names=known) for language in ("az", "en")},
        "number": f"{regulation.id} {regulation.version}",
        "service": regulation.id,
        "version": str(regulation.version),
        "body": known.get(regulation.provider, both(regulation.provider, regulation.provider)),
        "valid_from": _both_days(regulation.valid_from),
        "valid_until": _both_days(regulation.valid_until) if regulation.valid_until else None,
        "clauses": [_paired(left, right) for left, right in zip(az, en, strict=True)],
    }


def _both_days(day: Any) -> Text:
    return both(formats.date_(day, "az"), formats.date_(day, "en"))


def _paired(az: Clause, en: Clause) -> dict[str, Any]:
    return {
        "number": az.shown_number,
        "level": az.level,
        "az": {"heading": az.heading, "blocks": [block._asdict() for block in az.content]},
        "en": {"heading": en.heading, "blocks": [block._asdict() for block in en.content]},
    }


def render(regulation: Regulation, *, code: str | None = None, signature_fields: Sequence[str] = ()) -> bytes:
    """The text as PDF/A."""
    return render_pdf(TEMPLATE, paper_data(regulation), code=code, signature_fields=signature_fields)


def code_of(sha256: str) -> str:
    """The verification code of the printed text: made of the text's checksum, so that one text is printed once."""
    number = int.from_bytes(hashlib.sha256(f"regulation {sha256}".encode()).digest(), "big")
    return "".join(ALPHABET[(number >> (5 * place)) & 31] for place in range(12))


def _text(*items: str) -> tuple[Block, ...]:
    return tuple(Block("text", (one,)) for item in items for one in paragraphs(item))


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a text: a blank line stands between them."""
    return [" ".join(one.split()) for one in text.split("\n\n") if one.strip()]


def _list(items: Sequence[str]) -> tuple[Block, ...]:
    return (Block("list", tuple(items)),) if items else ()


class _Writer:
    """Writes each heading in one language."""

    def __init__(self, regulation: Regulation, language: str, names: Mapping[str, Text]) -> None:
        self.regulation = regulation
        self.language = language
        self.names = names

    def clauses(self) -> Iterator[Clause]:
        for number, heading in HEADINGS.items():
            content = self.content(number)
            if content is not None:
                yield Clause(number, pick(heading, self.language), content)

    def content(self, number: str) -> tuple[Block, ...] | None:
        """What stands under the heading; None where it has no place in this regulation."""
        write = getattr(self, "_" + number.replace(".", "_").lower(), None)
        found: tuple[Block, ...] | None = write() if write else ()
        return found

    def say(self, words: Words | Text | str | None) -> str:
        return pick(words.text if isinstance(words, Words) else words, self.language)

    def both(self, az: str, en: str) -> str:
        return az if self.language == "az" else en

    def body(self, code: str) -> str:
        return pick(self.names.get(code, code), self.language)

    def days(self, count: int) -> str:
        return self.both(f"{count} iş günü", f"{count} working day{'' if count == 1 else 's'}")

    def assumed(self, source: str) -> str:
        return f" ({self.say(ASSUMED)})" if source == "assumption" else ""

    # --- 1

    def _1_1(self) -> tuple[Block, ...]:
        return _text(self.say(self.regulation.name))

    def _1_2(self) -> tuple[Block, ...]:
        code = self.regulation.general.activity
        field = self.say(ACTIVITIES.get(code, code))
        return _text(
            self.say(self.regulation.general.content),
            f"{self.both('Fəaliyyət sahəsi', 'Field of activity')}: {field} ({code}).",
        )

    def _1_3(self) -> tuple[Block, ...]:
        return _list([self.say(one.text) + self.assumed(one.source) for one in self.regulation.general.legal_basis])

    def _1_4(self) -> tuple[Block, ...]:
        return _text(self.body(self.regulation.provider))

    def _1_5(self) -> tuple[Block, ...]:
        others = self.regulation.general.other_performers
        return _list([self.body(one) for one in others]) or _text(self.say(NONE))

    def _1_6(self) -> tuple[Block, ...]:
        return _text(self.say(AUTOMATION[self.regulation.general.automation]))

    def _1_7(self) -> tuple[Block, ...]:
        term, clock = self.regulation.term, self.regulation.procedures.clock
        said = [self.say(term.processing)] if term.processing else []
        if term.working_days:
            said.append(self._bounds(term.lower, term.working_days))
        said.append(f"{self.both('Əsas', 'Basis')}: {term.clause}{self.assumed(term.source)}.")
        if clock:
            said.append(f"{self.say(clock.text)} ({clock.clause})")
        return _text(*said)

    def _bounds(self, lower: int | None, upper: int) -> str:
        if not lower or lower == upper:
            return f"{self.days(upper)}."
        least = f"{self.both('Ən azı', 'At least')} {self.days(lower)}"
        return f"{least}, {self.both('ən çoxu', 'at most')} {self.days(upper)}."

    def _1_8(self) -> tuple[Block, ...]:
        result = self.regulation.result
        validity = f"{self.both('Etibarlılıq müddəti', 'Validity')}: {self.say(result.validity.text)}"
        said = _text(f"{self.say(result.name)}. {validity}.")
        if result.document:
            fields = ", ".join(self.say(field.label) for field in result.document.fields)
            if fields:
                said += _text(f"{self.both('Sənəddə göstərilir', 'The document states')}: {fields}.")
        if result.register_:
            columns = ", ".join(self.say(column.label) for column in result.register_.columns)
            said += _text(
                f"{self.both('İctimai reyestr', 'Public register')}: {self.say(result.register_.name)} ({columns})."
            )
        return said

    # --- 2

    def _2_1(self) -> tuple[Block, ...]:
        return _text(self.say(SERVICE_KINDS[self.regulation.provision.kind]))

    def _2_2(self) -> tuple[Block, ...]:
        return _text(self.both("ödənişli", "paid") if self.regulation.fee.amount else self.both("ödənişsiz", "free"))

    def _2_2_1(self) -> tuple[Block, ...] | None:
        fee = self.regulation.fee
        if not fee.amount:
            return None
        said = [f"{formats.money(Decimal(fee.amount), fee.currency, self.language)}{self.assumed(fee.source)}"]
        said += [f"{self.both('Hüquqi əsas', 'Legal basis')}: {self.say(fee.legal_basis)}"]
        said += [f"{self.both('Bank rekvizitləri', 'Bank details')}: {self.say(fee.bank)}"] if fee.bank else []
        said += [f"{self.both('Ödəmə üsulları', 'Ways to pay')}: {self.say(fee.ways)}"] if fee.ways else []
        said += [self.say(fee.note)] if fee.note else []
        if fee.before_decision:
            said.append(self.both("Ödəniş edilənədək qərar qəbul edilmir.", "Nothing is decided before it is paid."))
        return _list(said)

    def _2_3(self) -> tuple[Block, ...]:
        return _text(", ".join(self.say(USERS[one]) for one in self.regulation.provision.users))

    def _2_4(self) -> tuple[Block, ...]:
        address = self.regulation.provision.runs_at
        return _text(self.say(self.regulation.provision.place), *([address] if address else []))

    def _2_5(self) -> tuple[Block, ...]:
        return _text(self.say(self.regulation.provision.information))

    def _2_6_1(self) -> tuple[Block, ...]:
        return _list([self._known(one) for one in self.regulation.provision.known_documents]) or _text(self.say(NONE))

    def _known(self, document: Any) -> str:
        said = f"{self.say(document.name)} ({self.say(document.identified_by)})"
        if document.register_:
            facts = ", ".join(self.say(fact.label) for fact in document.register_.facts)
            said += f": {self.body(document.register_.participant)} – {facts}"
        return said

    def _2_6_2(self) -> tuple[Block, ...]:
        return _list([self._required(one) for one in self.regulation.documents]) or _text(self.say(NONE))

    def _required(self, document: RequiredDocument) -> str:
        said = self.say(document.name)
        if not document.required:
            said += f" ({self.both('istəyə görə', 'optional')})"
        said += f". {self.both('Əsas', 'Basis')}: {self.say(document.why)}"
        if document.original:
            said += self.both(
                " Elektron surəti təqdim edilir, əsli nəticə veriləndə göstərilir (2.6, 2-ci qeyd).",
                " An electronic copy is given; the original is shown when the result is handed over (2.6, note 2).",
            )
        return said + self._when(document.when)

    def _when(self, when: str | None, *, per_line: bool = False) -> str:
        return f" [{self.both('şərt', 'where')}: {self.expression(when, per_line=per_line)}]" if when else ""

    def expression(self, text: str, *, per_line: bool = False) -> str:
        """A condition in words where it is simple enough, else as it stands."""
        from azexport.services.editor import expressions

        with override(self.language):
            return expressions.told(self.content_as_data, text, per_line=per_line)

    @cached_property
    def content_as_data(self) -> dict[str, Any]:
        return self.regulation.model_dump(mode="json")

    # --- 3

    def _3_1(self) -> tuple[Block, ...] | None:
        if self.regulation.interactive:
            return None
        return _text(self.say(self.regulation.procedures.open))

    def _3_2(self) -> tuple[Block, ...] | None:
        return () if self.regulation.procedures.request else None

    def _3_2_1(self) -> tuple[Block, ...] | None:
        request = self.regulation.procedures.request
        if request is None:
            return None
        standards = [f"{one.standard} {one.version}".strip() for one in self.regulation.procedures.messages]
        message = self.both("Standart məlumat", "Standard message")
        return _text(self.say(request.formed), *[f"{message}: {one}." for one in standards])

    def _3_2_2(self) -> tuple[Block, ...] | None:
        request = self.regulation.procedures.request
        return _text(self.say(request.accepted)) if request else None

    def _3_3(self) -> tuple[Block, ...] | None:
        return () if self.regulation.interactive else None

    def _3_3_1(self) -> tuple[Block, ...] | None:
        if not self.regulation.interactive:
            return None
        grounds = [
            f"{self.say(one.text)} ({one.clause}{'; ' + self.say(ASSUMED) if one.source == 'assumption' else ''})"
            for one in self.regulation.refusal_grounds
        ]
        return _list(grounds) or _text(self.both("İmtina halları yoxdur.", "There are no grounds of refusal."))

    def _3_3_2(self) -> tuple[Block, ...] | None:
        if not self.regulation.interactive:
            return None
        procedures = self.regulation.procedures
        said = [f"{self.both('Nəticə', 'Result')}: {self.say(self.regulation.result.name)}."]
        if procedures.decision:
            said.append(
                self.both(
                    "Qərarı portal eyni saniyədə özü qəbul edir", "The portal decides by itself, in the same second"
                )
                + ("." if procedures.decision.grant == "true" else f" [{self.expression(procedures.decision.grant)}].")
            )
        if procedures.silence:
            said.append(f"{self.say(procedures.silence.text)} ({procedures.silence.clause})")
        return _text(*said)

    def _3_4(self) -> tuple[Block, ...] | None:
        return () if self.regulation.steps else None

    def _3_4_1(self) -> tuple[Block, ...] | None:
        return self._steps(self._operation)

    def _operation(self, step: Step) -> str:
        said = f"{self.say(step.name)}. {self.both('Məsul', 'Responsible')}: {self.say(step.responsible)}"
        after = [self.regulation.step(one) for one in self.regulation.after(step)]
        if step.after is not None:
            names = ", ".join(self.say(one.name) for one in after if one)
            said += f" ({self.both('bundan sonra', 'after')}: {names})" if names else (
                f" ({self.both('dərhal başlayır', 'begins at once')})"
            )  # fmt: skip
        return said

    def _3_4_2(self) -> tuple[Block, ...] | None:
        return self._steps(self._content)

    def _content(self, step: Step) -> str:
        said = f"{self.say(step.name)}: {self.say(step.content)} "
        said += f"{self.both('Maksimal müddət', 'Maximal term')}: {self.days(step.working_days)}."
        if step.checklist:
            items = "; ".join(f"{self.say(one.text)} ({one.clause})" for one in step.checklist)
            said += f" {self.both('Yoxlanılır', 'Checked')}: {items}."
        return said

    def _3_4_3(self) -> tuple[Block, ...] | None:
        if not self.regulation.steps:
            return None
        others = [
            f"{self.say(step.name)}: {self.body(step.performer)}"
            for step in self.regulation.steps
            if step.performer and step.performer != self.regulation.provider
        ]
        return _list(others) or _text(self.say(NONE))

    def _3_4_4(self) -> tuple[Block, ...] | None:
        return self._steps(lambda step: f"{self.say(step.name)}: {self.say(step.result)}")

    def _steps(self, write: Any) -> tuple[Block, ...] | None:
        return _list([write(step) for step in self.regulation.steps]) or None

    def _3_5_1(self) -> tuple[Block, ...]:
        return _text(self.say(self.regulation.procedures.control.form))

    def _3_5_2(self) -> tuple[Block, ...]:
        return _text(self.say(self.regulation.procedures.control.order))

    def _3_6_1(self) -> tuple[Block, ...]:
        return _text(self.say(self.regulation.procedures.disputes.right))

    def _3_6_2(self) -> tuple[Block, ...]:
        return _text(self.say(self.regulation.procedures.disputes.information))

    def _3_6_3(self) -> tuple[Block, ...]:
        return _text(self.say(self.regulation.procedures.disputes.term))

    # --- The annexed form

    def _a(self) -> tuple[Block, ...] | None:
        blocks: list[Block] = []
        for section in self.regulation.sections:
            for task in section.tasks:
                questions = [one for one in map(self.regulation.question, task.questions) if one]
                documents = [one for one in map(self.regulation.document, task.documents) if one]
                if self.regulation.provision.sections:
                    name = f"{self.say(section.title)} – {self.say(task.title)}"
                    blocks += _text(self.say(section.title) if len(section.tasks) == 1 else name)
                blocks.append(self._form(questions, documents))
        if self.regulation.provision.checks:
            blocks += _text(self.both("Yoxlanılır:", "Checked:"))
            blocks += _list([self.say(check.message) for check in self.regulation.provision.checks])
        blocks += self._outputs()
        return tuple(blocks) or None

    def _form(self, questions: Sequence[Question], documents: Sequence[RequiredDocument]) -> Block:
        head = (
            self.both("Sual", "Question"), self.both("Cavabın növü", "Kind of answer"),
            self.both("Nə üçün soruşulur", "Why it is asked"),
        )  # fmt: skip
        rows = [(self._question(one), self._kind(one), self.say(one.why)) for one in questions]
        rows += [
            (self.say(one.name) + self._when(one.when), self.both("elektron surət", "electronic copy"),
             self.say(one.why))
            for one in documents
        ]  # fmt: skip
        return Block("table", head=head, rows=tuple(rows))

    def _question(self, question: Question) -> str:
        optional = "" if question.required else f" ({self.both('istəyə görə', 'optional')})"
        return f"{self.say(question.label)}{optional}{self._when(question.when, per_line=question.scope == 'line')}"

    def _kind(self, question: Question) -> str:
        said = self.say(KINDS[question.kind])
        if question.choices:
            said += ": " + ", ".join(self.say(one.label) for one in question.choices)
        if question.currency:
            said += f", {question.currency}"
        if question.prefill:
            said += f" ({self.both('reyestrdən doldurulur', 'filled from the register')})"
        return said

    def _outputs(self) -> tuple[Block, ...]:
        calculator = self.regulation.provision.calculator
        if calculator is None:
            return ()
        return _list([f"{self.say(one.label)} = {one.value}" for one in calculator.outputs])
