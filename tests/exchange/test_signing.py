"""RFC 9421 and RFC 9530 as the protocol uses them, against the sandbox's own implementation, both ways."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from azexport.exchange import signing
from azexport.exchange.protocol import Refused
from azexport.participants.actions import fingerprint_of
from sandbox import wire
from tests.factories.participants import KeyPair, key_of, new_key

URL = "http://localhost:8105/messages"
NOW = datetime(2026, 10, 5, 6, 0, tzinfo=UTC)
CREATED = int(NOW.timestamp())


def certificates(*keys: KeyPair) -> dict[str, Any]:
    return {wire.key_id(key.wire.certificate): key.wire.certificate for key in keys}


def registered(*keys: KeyPair) -> Any:
    return {fingerprint_of(key.pem): key.pem for key in keys}.get


def lower(headers: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def request(content: bytes, headers: dict[str, str], *, url: str = URL, method: str = "POST") -> signing.HttpRequest:
    return signing.HttpRequest(method, url, httpx.Headers(headers), content)


def signed(content: bytes = b'{"a":1}', *, key: KeyPair | None = None, created: int = CREATED) -> signing.HttpRequest:
    return request(content, wire.sign_request((key or key_of("one")).wire, URL, content, created=created))


def refusal(one: signing.HttpRequest, *, now: datetime = NOW, certificate_of: Any = None) -> str:
    with pytest.raises(Refused) as caught:
        signing.verify_request(one, certificate_of=certificate_of or registered(key_of("one")), now=now)
    return caught.value.code


@given(st.binary(max_size=300))
def test_what_the_portal_signs_the_other_side_verifies(content: bytes) -> None:
    headers = signing.sign_request(URL, content, key=signing.portal_key(), now=NOW)
    keyid = wire.verify_request(URL, lower(headers), content, certificates(key_of("azexport")), now=CREATED)
    assert keyid == fingerprint_of(key_of("azexport").pem)
    headers = signing.sign_reply(202, content, key=signing.portal_key(), now=NOW)
    wire.verify_reply(202, lower(headers), content, certificates(key_of("azexport")), now=CREATED)


@given(st.binary(max_size=300))
def test_what_the_other_side_signs_the_portal_verifies(content: bytes) -> None:
    keyid = signing.verify_request(signed(content), certificate_of=registered(key_of("one")), now=NOW)
    assert keyid == fingerprint_of(key_of("one").pem)
    headers = wire.sign_reply(key_of("one").wire, 200, content, created=CREATED)
    reply = signing.HttpReply(200, httpx.Headers(headers), content)
    signing.verify_reply(reply, certificate_of=registered(key_of("one")), now=NOW)


def test_the_signature_base_is_the_one_of_the_published_example() -> None:
    headers = signing.sign_request(URL, b"{}", key=signing.portal_key(), now=NOW)
    assert headers["Content-Digest"] == f"sha-256=:{base64.b64encode(hashlib.sha256(b'{}').digest()).decode()}:"
    keyid = fingerprint_of(key_of("azexport").pem)
    assert headers["Signature-Input"] == (
        'sig1=("@method" "@target-uri" "content-type" "content-digest")'
        f';created={CREATED};keyid="{keyid}";alg="ecdsa-p256-sha256";tag="azexport"'
    )
    assert len(base64.b64decode(headers["Signature"].removeprefix("sig1=:").removesuffix(":"))) == 64


def test_content_that_is_not_what_its_digest_names_is_refused() -> None:
    one = signed()
    one.content += b" "
    assert refusal(one) == "digest"


def test_a_message_without_a_sha_256_digest_is_refused() -> None:
    one = signed()
    one.headers["Content-Digest"] = "md5=:Q2hlY2sgSW50ZWdyaXR5IQ==:"
    assert refusal(one) == "no-digest"
    del one.headers["Content-Digest"]
    assert refusal(one) == "no-digest"


@pytest.mark.parametrize("header", ["Signature", "Signature-Input"])
def test_an_unsigned_message_is_refused(header: str) -> None:
    one = signed()
    del one.headers[header]
    assert refusal(one) == "unsigned"


def test_a_message_sent_elsewhere_or_by_another_method_is_refused() -> None:
    one = signed()
    assert refusal(request(one.content, dict(one.headers), url="http://localhost:8105/other")) == "bad-signature"
    assert refusal(request(one.content, dict(one.headers), method="PUT")) == "bad-signature"


def test_content_exchanged_together_with_its_digest_is_refused() -> None:
    one = signed()
    one.content = b'{"a":2}'
    one.headers["Content-Digest"] = signing.content_digest(one.content)
    assert refusal(one) == "bad-signature"


@given(position=st.integers(0, 63), bit=st.integers(0, 7))
def test_a_signature_with_one_flipped_bit_is_refused(position: int, bit: int) -> None:
    one = signed()
    value = bytearray(base64.b64decode(one.headers["Signature"].removeprefix("sig1=:").removesuffix(":")))
    value[position] ^= 1 << bit
    one.headers["Signature"] = f"sig1=:{base64.b64encode(value).decode()}:"
    assert refusal(one) == "bad-signature"


def test_a_key_that_is_not_registered_is_refused() -> None:
    assert refusal(signed(key=new_key("stranger"))) == "unknown-key"


def test_a_registered_key_under_which_another_key_signed_is_refused() -> None:
    keyid = fingerprint_of(key_of("one").pem)
    assert refusal(signed(), certificate_of={keyid: key_of("two").pem}.get) == "bad-signature"


@pytest.mark.parametrize(
    ("valid_from", "valid_until"), [(NOW - timedelta(days=9), NOW - timedelta(days=8)), (NOW + timedelta(days=1), None)]
)
def test_a_key_whose_certificate_is_not_valid_now_is_refused(
    valid_from: datetime, valid_until: datetime | None
) -> None:
    key = new_key("late", valid_from=valid_from, valid_until=valid_until)
    assert refusal(signed(key=key), certificate_of=registered(key)) == "expired-key"


def test_a_signature_older_than_five_minutes_is_refused() -> None:
    assert refusal(signed(created=CREATED - 301)) == "stale"
    signing.verify_request(signed(created=CREATED - 300), certificate_of=registered(key_of("one")), now=NOW)


def test_a_signature_from_the_future_is_refused_beyond_what_clocks_differ() -> None:
    assert refusal(signed(created=CREATED + 61)) == "future"
    signing.verify_request(signed(created=CREATED + 60), certificate_of=registered(key_of("one")), now=NOW)


def _signed_over(*components: str, parameters: str = "") -> signing.HttpRequest:
    """Signed with whatever coverage and parameters, correctly for what it claims."""
    key, content = key_of("one").wire, b"{}"
    values = {
        "@method": "POST",
        "@target-uri": URL,
        "content-type": "application/json",
        "content-digest": wire.content_digest(content),
    }
    names = " ".join(f'"{name}"' for name in components)
    params = f"({names}){parameters}"
    base = "\n".join([*(f'"{name}": {values[name]}' for name in components), f'"@signature-params": {params}'])
    headers = {
        "Content-Type": values["content-type"],
        "Content-Digest": values["content-digest"],
        "Signature-Input": f"sig1={params}",
        "Signature": f"sig1=:{base64.b64encode(key.sign(base.encode())).decode()}:",
    }
    return request(content, headers)


ALL = signing.REQUEST_COMPONENTS
KEYID = 'keyid="%s"'


def parameters(**changed: str | int | None) -> str:
    given = {
        "created": CREATED,
        "keyid": fingerprint_of(key_of("one").pem),
        "alg": "ecdsa-p256-sha256",
        "tag": "azexport",
    }
    merged = {**given, **changed}
    return "".join(
        f';{name}="{value}"' if isinstance(value, str) else f";{name}={value}"
        for name, value in merged.items()
        if value is not None
    )


def test_what_the_hand_made_signature_claims_is_in_order() -> None:
    one = _signed_over(*ALL, parameters=parameters())
    signing.verify_request(one, certificate_of=registered(key_of("one")), now=NOW)


@pytest.mark.parametrize("left_out", ALL)
def test_a_signature_that_does_not_cover_everything_is_refused(left_out: str) -> None:
    one = _signed_over(*(name for name in ALL if name != left_out), parameters=parameters())
    assert refusal(one) == "components"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"alg": None}, "algorithm"),
        ({"alg": "ed25519"}, "bad-signature"),
        ({"tag": None}, "bad-signature"),
        ({"tag": "other"}, "bad-signature"),
        ({"keyid": None}, "bad-signature"),
        ({"created": None}, "stale"),
        ({"expires": CREATED - 1}, "stale"),
        ({"created": 99999999999999}, "stale"),
    ],
)
def test_a_signature_with_other_parameters_is_refused(changed: dict[str, Any], code: str) -> None:
    assert refusal(_signed_over(*ALL, parameters=parameters(**changed))) == code


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=120))
def test_whatever_stands_in_the_signature_headers_is_refused_and_never_an_accident(rubbish: str) -> None:
    for header in ("Signature", "Signature-Input", "Content-Digest"):
        one = signed()
        one.headers[header] = rubbish
        assert refusal(one)
