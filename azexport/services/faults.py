"""What is wrong with a regulation: where, under which heading of the model form (S-A1), in both languages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import override

from azexport.kernel.errors import Message
from azexport.kernel.text import Text, pick

Path = tuple[str | int, ...]
"""A place in a regulation's content: `("general", "legal_basis", 0, "act", "az")`."""


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, where it stands."""

    path: Path
    message: Text
    clause: str = ""
    """The heading of the model form it belongs to, as `1.7`; empty where it is not of one heading."""
    line: int = 0
    """The line of the file, from 1; 0 where there is no file."""
    file: str = ""

    @property
    def place(self) -> str:
        return ".".join(map(str, self.path))

    @property
    def sentence(self) -> str:
        """What is wrong, in the page's language, as a sentence begins."""
        message = pick(self.message)
        return message[:1].upper() + message[1:]

    def told(self, language: str = "en") -> str:
        """`file:line: (S-A1 clause) place: what is wrong`, with what is known of it."""
        where = f"{self.file}:{self.line}: " if self.file else f"{self.line}: " if self.line else ""
        clause = f"(S-A1 {self.clause}) " if self.clause else ""
        place = f"{self.place}: " if self.path else ""
        return f"{where}{clause}{place}{pick(self.message, language)}"

    def __str__(self) -> str:
        return self.told()


class Faults(ValueError):
    """Faults that a validator found; their paths begin where that validator stands."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(fault.message["en"] for fault in self.faults))


def say(message: Message, **values: object) -> Text:
    """The translatable message in both languages; a value that is text in both, or a message, in the same language."""
    said: Text = {}
    for language in ("az", "en"):
        with override(language):
            told = {name: pick(one, language) if isinstance(one, Mapping) else str(one) for name, one in values.items()}
            said[language] = str(message) % told if told else str(message)
    return said


def wrong(message: Message, *path: str | int, **values: object) -> Fault:
    """A fault at `path`."""
    return Fault(path, say(message, **values))
