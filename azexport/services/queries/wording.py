"""What somebody's words mean in the words of the registry (S11.5.2): letters, endings, slips, everyday words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import yaml
from django.db import connection

MOST_WORDS = 8
SHORT = 2
"""Letters of a word that is looked for as it is: nearly every word begins with it."""
_SAID = Path(__file__).parents[1] / "data" / "said.yaml"


@dataclass(frozen=True)
class Asked:
    """A text as PostgreSQL searches for it: a query for each of its words that the registry holds in some form, and
    one for any `whole` word as it was given. `read_as` says how words that it does not hold were read."""

    groups: Sequence[str]
    whole: str
    read_as: Mapping[str, str] = field(default_factory=dict)
    lost: int = 0
    """How many words nothing resembles."""

    @property
    def all(self) -> str:
        return " & ".join(self.groups)

    @property
    def any(self) -> str:
        return " | ".join(self.groups)


def read(text: str) -> Asked | None:
    """The words of the text as the registry holds them: one statement, or two where it does not hold one of them.
    None where there are no words.

    Russian letters are read by their sound; where that gives nothing, as Latin letters that were typed on a keyboard
    set to Russian.
    """
    readings = [_words(text.translate(_SOUNDS))]
    if _CYRILLIC.search(text):
        # г is the g of Russian words and the q of Azerbaijani ones.
        readings += [_words(text.lower().replace("г", "q").translate(_SOUNDS)), _words(text.lower().translate(_KEYS))]
    found = [_read(words) for words in readings if words]
    return min(found, key=lambda one: (one.lost, len(one.read_as)), default=None)


def fold(text: str) -> str:
    """As `az_fold` of the database: small Latin letters without marks, digits, single spaces."""
    plain = unicodedata.normalize("NFKD", text.translate(_PLAIN).lower())
    return " ".join(re.findall("[a-z0-9]+", "".join(one for one in plain if not unicodedata.combining(one))))


def stem(word: str) -> str:
    """The folded word without its Azerbaijani or English ending: `icazesi` -> `icaze`, `odemek` -> `ode`."""
    found = _ENDING.fullmatch(word)
    return str(found[1] or found[2]) if found else word


def beginnings(word: str) -> list[str]:
    """What the folded word's other forms begin with: a hard end may have become soft (vətəndaşlıq, vətəndaşlığın)."""
    root = stem(word)
    soft = root[:-1] + _SOFT[root[-1]] if root[-1:] in _SOFT and len(root) > 5 else root
    return list(dict.fromkeys((root, soft)))


def in_names(group: str) -> str:
    """The query, where its words stand in the name of a service (weight A)."""
    return re.sub(r"([a-z0-9]+)(:\*)?", lambda found: f"{found[1]}{found[2] or ':'}A", group)


# ---------------------------------------------------------------- letters

_SOFT = {"q": "g", "k": "y"}
_PLAIN = str.maketrans("əƏıİ", "eeii")
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_SOUNDS = str.maketrans(
    dict(zip("абвгдежзийклмнопрстуфхцыэәҝөүғһҹј", "abvgdejziyklmnoprstufxsieegougxcy", strict=True))
    | {"ё": "yo", "ч": "c", "ш": "s", "щ": "s", "ю": "yu", "я": "ya", "ь": "", "ъ": ""}
)
_SOUNDS |= {ord(chr(code).upper()): latin for code, latin in _SOUNDS.items()}
_KEYS = str.maketrans("йцукенгшщзхъфывапролджэячсмитьбю", "qüertyuiopöğasdfghjklıəzxcvbnmçş")
_ENDING = re.compile(
    "(.{3,})(?:maq|mek|masi|mesi)"
    "|(.{4,}?)(?:(?:lar|ler)?(?:si|su|i|u)?(?:n?in|n?un|n?a|n?e|ya|ye|ni|nu|n?da|n?de|n?dan|n?den)?"
    "|ma|me|s|es|er|ing|ed)"
)
_RESPELT = (("sh", "s"), ("ch", "c"), ("gh", "g"), ("kh", "x"), ("zh", "j"), ("w", "s"), ("oe", "o"), ("ue", "u"))
"""How people write ş, ç, ğ, x, j, ö and ü on a keyboard without them."""


def _words(text: str) -> list[str]:
    words = fold(text[:200]).split()[:MOST_WORDS]
    return [word for word in words if word not in _LITTLE] or words


_LITTLE = frozenset(
    ("ve", "ucun", "ile", "uzre", "da", "de", "bu", "ci", "cu", "e", "haqqinda", "barede", "nece", "ne", "lazimdir",
     "the", "of", "for", "and", "to", "in", "on", "a", "an", "or", "by", "my", "s", "how", "get", "i", "want")
)  # fmt: skip
"""Words that say nothing of a service, folded; looked for only where the text has no other."""


# ---------------------------------------------------------------- words


@cache
def said() -> dict[str, list[str]]:
    """Word or two words that people say, folded and without endings -> what the registry says."""
    found: dict[str, list[str]] = yaml.safe_load(_SAID.read_text(encoding="utf-8"))
    return {_root(said): meant for said, meant in found.items()}


def _root(part: str) -> str:
    """The words without their endings, so that one form of them finds another."""
    return " ".join(map(stem, part.split()))


def _read(words: Sequence[str]) -> Asked:
    parts = list(_parts(words))
    known = _known({form for part in parts for form in _forms(part)})
    unknown = [part for part in parts if _root(part) not in said() and not known.intersection(_forms(part))]
    similar = _similar(unknown) if unknown else {}
    groups, whole, read_as = [], [], {}
    for part in parts:
        forms = [form for form in _forms(part) if form in known] or similar.get(part, [])
        meant = said().get(_root(part), [])
        group = [f"{form}:*" if len(form) > SHORT else form for form in forms]
        group += [" & ".join(map(_any_form, fold(one).split())) for one in meant]
        if not group:
            continue
        groups.append("(" + " | ".join(f"({one})" if "&" in one else one for one in group) + ")")
        whole += similar.get(part, forms[:1])
        whole += [word for one in meant for word in fold(one).split()]
        if part in similar:
            read_as[part] = forms[0]
        elif meant and not forms:
            read_as[part] = meant[0]
    return Asked(groups, " | ".join(dict.fromkeys(whole)), read_as, lost=len(parts) - len(groups))


def _any_form(word: str) -> str:
    """The query for any form of a word of the registry."""
    forms = [f"{one}:*" for one in beginnings(word)]
    return forms[0] if len(forms) == 1 else f"({' | '.join(forms)})"


def _parts(words: Sequence[str]) -> Iterable[str]:
    """The words, two as one where people say them together."""
    place = 0
    while place < len(words):
        two = " ".join(words[place : place + 2])
        step = 2 if " " in two and _root(two) in said() else 1
        yield two if step == 2 else words[place]
        place += step


def _forms(part: str) -> list[str]:
    """What the part may begin with in the registry, as it was given first."""
    if " " in part:
        return []
    respelt = part
    for given, letter in _RESPELT:
        respelt = respelt.replace(given, letter)
    forms = [part, *beginnings(part), respelt, *beginnings(respelt)]
    if part.startswith("e") and len(part) > 4:
        forms.append(part[1:])  # eimza: e-imza
    return list(dict.fromkeys(forms))


def _known(forms: Iterable[str]) -> set[str]:
    """Those of the forms with which a word of the registry begins. Of short ones nobody knows: they are looked for."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT form FROM unnest(%s::text[]) AS form "
            "WHERE length(form) <= %s OR EXISTS (SELECT FROM services_word WHERE word >= form AND word < form || '~')",
            [sorted(forms), SHORT],
        )
        return {form for (form,) in cursor.fetchall()}


_SIMILAR = """
SELECT token, ARRAY(
    SELECT word FROM (
        SELECT word, alike, max(alike) OVER () AS most
        FROM services_word, LATERAL (SELECT greatest(
            similarity(word, token), CASE WHEN length(token) > 5 THEN word_similarity(token, word) - 0.1 END
        ) AS alike) AS compared
        WHERE word %% token
    ) AS near
    WHERE alike >= 0.37 AND alike >= 0.8 * most ORDER BY alike DESC, word LIMIT 4)
FROM unnest(%s::text[]) AS token
"""


def _similar(parts: Sequence[str]) -> dict[str, list[str]]:
    """Part -> the words of the registry that resemble it, or begin like it, most; parts that none does are left out."""
    with connection.cursor() as cursor:
        cursor.execute(_SIMILAR, [list(parts)])
        return {token: words for token, words in cursor.fetchall() if words}
