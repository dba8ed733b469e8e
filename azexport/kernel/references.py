"""Public numbers: short, unguessable, hard to mistype (Crockford base 32, with a check character)."""

from __future__ import annotations

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def _check(body: str) -> str:
    number = 0
    for character in body:
        number = number * 32 + ALPHABET.index(character)
    # Only letters and digits are wanted in a number that people read out, so the check is taken modulo 31.
    return ALPHABET[number % 31]


def new_code(length: int) -> str:
    """A random code of `length` characters of Crockford's alphabet: 5 bits each."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def new_reference(prefix: str) -> str:
    """A fresh reference such as `CT-7K3M-9XQ2-P`: 40 random bits and a check character."""
    body = new_code(8)
    return f"{prefix}-{body[:4]}-{body[4:]}-{_check(body)}"


def is_reference(value: str) -> bool:
    """Whether `value` has a reference's shape and its check character fits."""
    parts = value.split("-")
    if len(parts) != 4 or [len(part) for part in parts[1:]] != [4, 4, 1]:
        return False
    body = parts[1] + parts[2]
    return all(character in ALPHABET for character in body) and _check(body) == parts[3]
