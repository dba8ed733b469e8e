"""Envelopes and files."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azexport.exchange import protocol
from azexport.exchange.protocol import Envelope, Refused
from sandbox import wire

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30)
BODIES = st.dictionaries(
    TEXT,
    st.recursive(
        st.none() | st.booleans() | st.integers() | TEXT,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
        max_leaves=15,
    ),
    max_size=5,
)


@given(st.uuids(), BODIES, st.none() | st.uuids(), st.datetimes(datetime(2017, 1, 1), datetime(2100, 1, 1)))
def test_an_envelope_survives_the_wire_and_both_implementations_read_the_same(
    message_id: Any, body: dict[str, Any], cause: Any, moment: datetime
) -> None:
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000, tzinfo=UTC)
    envelope = Envelope(
        message_id=message_id, type="case.submitted", version=1, sender="azexport", recipient="office",
        created_at=moment, subject="CS-1", in_reply_to=cause, body=body,
    )  # fmt: skip
    content = envelope.to_bytes()
    assert protocol.read_envelope(content) == envelope
    theirs = wire.Message.from_bytes(content)
    assert theirs.body == body
    assert theirs.in_reply_to == (str(cause) if cause else None)
    assert protocol.read_envelope(theirs.to_bytes()) == envelope


@given(st.binary(max_size=200))
def test_a_file_survives_the_wire_and_its_size_is_known_without_its_content(content: bytes) -> None:
    member = protocol.file("a.pdf", "application/pdf", content)
    assert member == wire.file_member("a.pdf", "application/pdf", content)
    assert protocol.file_content(member) == content
    [shown] = protocol.without_contents([member])
    assert shown["size"] == len(content)
    assert "content_base64" not in shown


@given(st.binary(min_size=1, max_size=50), st.data())
def test_a_file_with_another_content_is_refused(content: bytes, data: st.DataObject) -> None:
    member = protocol.file("a", "b", content)
    other = data.draw(st.binary(max_size=50).filter(lambda one: one != content))
    member["content_base64"] = base64.b64encode(other).decode()
    with pytest.raises(Refused) as caught:
        protocol.file_content(member)
    assert (caught.value.code, caught.value.status) == ("file-digest", 422)


@pytest.mark.parametrize("member", [{}, {"content_base64": None}, {"content_base64": "ə"}, {"content_base64": "a b="}])
def test_what_is_no_file_is_refused(member: dict[str, Any]) -> None:
    with pytest.raises(Refused) as caught:
        protocol.file_content(member)
    assert caught.value.code == "not-a-file"


def test_stored_documents_are_put_in_wherever_they_stand() -> None:
    body = {"a": [{"file": protocol.stored("DC-1", name="x.pdf")}], "b": protocol.stored("DC-2"), "c": 1}
    loaded = protocol.with_files(body, lambda reference, name: {"got": f"{reference} {name}"})
    assert loaded == {"a": [{"file": {"got": "DC-1 x.pdf"}}], "b": {"got": "DC-2 None"}, "c": 1}


@pytest.mark.parametrize(("depth", "taken"), [(protocol.MAX_DEPTH - 1, True), (protocol.MAX_DEPTH + 1, False)])
def test_nesting_has_a_limit(depth: int, taken: bool) -> None:
    message = json.loads(wire.new_message("a.b", sender="x", recipient="y", subject="", body={}).to_bytes())
    inner: Any = {}
    for _level in range(depth - 1):
        inner = {"a": inner}
    content = json.dumps({**message, "body": inner}).encode()
    if taken:
        protocol.read_envelope(content)
    else:
        with pytest.raises(Refused, match="not-json"):
            protocol.read_envelope(content)
