"""asn1crypto takes some definite lengths for indefinite ones; repaired, it does not."""

from __future__ import annotations

import pytest
from asn1crypto import core

from azexport_verify import asn1_repairs


class Box(core.Sequence):  # type: ignore[misc]
    _fields = [("content", core.OctetString)]


@pytest.mark.parametrize(
    ("header", "indefinite"),
    [
        ("3080", True),
        ("0480", True),
        ("308180", False),
        ("30820180", False),
        ("a082018430820180", False),
        ("a0803080", True),
        ("a081843080", True),
        ("bf8a4f80", True),
        ("bf8a4f8180", False),
    ],
)
def test_only_a_length_of_the_one_octet_80_is_indefinite(header: str, indefinite: bool) -> None:
    assert asn1_repairs.is_indefinite(bytes.fromhex(header)) is indefinite


def test_a_value_whose_length_ends_in_80_is_not_encoded_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    asn1_repairs.apply()
    der = b"\x30\x81\x80" + b"\x04\x7e" + bytes(126)
    box = Box.load(der)
    assert box["content"].native == bytes(126)

    def encoded(*_: object, **__: object) -> None:
        raise AssertionError("encoded anew")

    monkeypatch.setattr(Box, "_set_contents", encoded)
    assert box.dump() == der


def test_a_value_of_indefinite_length_is_still_made_definite() -> None:
    asn1_repairs.apply()
    box = Box.load(b"\x30\x80" + b"\x04\x03abc" + b"\x00\x00")
    assert box["content"].native == b"abc"
    assert box.dump() == b"\x30\x05\x04\x03abc"


def test_a_value_that_was_changed_is_encoded_anew() -> None:
    asn1_repairs.apply()
    box = Box.load(b"\x30\x81\x80" + b"\x04\x7e" + bytes(126))
    box["content"] = b"abc"
    assert box.dump() == b"\x30\x05\x04\x03abc"
