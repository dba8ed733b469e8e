"""Invitations: single use, hashed, expiring."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from azexport.audit.models import Event
from azexport.kernel.errors import Missing, NotAllowed
from azexport.parties import actions
from azexport.parties.models import Invitation
from tests.factories.parties import make_foreign_member, make_member, sign_in
from tests.parties.conftest import Door, foreign_identity

pytestmark = pytest.mark.django_db
Knock = Callable[..., Any]


def invite(**given: Any) -> tuple[Invitation, str]:
    values: dict[str, Any] = {
        "email": "jonas@weber-nuss.example", "name": "Jonas Weber", "purpose": "test", "subject": "CT-1",
        "title": {"az": "Müqavilə CT-1", "en": "Contract CT-1"}, "link": "/goods/", "by": make_member(),
        "now": timezone.now(),
    } | given  # fmt: skip
    return actions.invite(**values)


def test_the_token_is_kept_only_as_its_hash() -> None:
    _invitation, token = invite()
    assert len(token) >= 40
    assert token not in str(Invitation.objects.values().get())
    assert token not in str(list(Event.objects.values()))


def test_the_link_keeps_the_token_out_of_the_address(client: Client) -> None:
    _invitation, token = invite()
    assert client.get(f"/invitation/{token}/")["Location"] == "/invitation/"
    page = client.get("/invitation/").content.decode()
    assert "Leyla Məmmədova" in page
    assert "CT-1" in page
    assert token not in page


def test_somebody_new_signs_in_opens_a_cabinet_and_is_asked_before_anything_is_accepted(
    client: Client, door: Door, knock: Knock
) -> None:
    invitation, token = invite()
    client.get(f"/invitation/{token}/")
    door.who = foreign_identity(email=None)
    knock()
    page = client.get("/sign-in/confirm/")
    assert page.context["form"]["email"].value() == "jonas@weber-nuss.example"
    answer = client.post("/sign-in/confirm/", {"address": "Hamburg", "email": "jonas@weber-nuss.example", "phone": ""})
    assert answer["Location"] == "/invitation/"
    invitation.refresh_from_db()
    assert invitation.accepted_at is None
    client.cookies["language"] = "en"
    shown = client.get("/invitation/").content.decode()
    for text in ("Leyla Məmmədova invites you", "Contract CT-1", "Accept the invitation", "Decline"):
        assert text in shown
    assert client.post("/invitation/")["Location"] == "/goods/"
    invitation.refresh_from_db()
    assert invitation.accepted_organisation is not None
    assert invitation.accepted_organisation.foreign_id == "NTRDE-HRB98765"
    event = Event.objects.get(name="invitation.accepted.test")
    assert event.data["subject"] == "CT-1"


def test_signing_in_accepts_nothing_unasked(client: Client, door: Door, knock: Knock) -> None:
    """Whoever has a cabinet and only wanted to sign in does not become a party of anything."""
    door.who = foreign_identity()
    knock()
    client.post("/sign-in/confirm/", {"address": "Hamburg", "email": "jonas@weber-nuss.example", "phone": ""})
    client.post("/sign-out/")
    invitation, token = invite()
    client.get(f"/invitation/{token}/")
    assert knock("/goods/").json() == {"location": "/invitation/"}
    invitation.refresh_from_db()
    assert invitation.accepted_at is None


def test_somebody_signed_in_accepts_by_a_button(client: Client) -> None:
    _invitation, token = invite()
    sign_in(client, make_foreign_member())
    client.get(f"/invitation/{token}/")
    assert client.get("/invitation/").status_code == 200
    assert client.post("/invitation/")["Location"] == "/goods/"


@pytest.mark.parametrize("signed_in", [True, False])
def test_whoever_is_invited_may_decline_and_needs_no_cabinet_for_it(client: Client, signed_in: bool) -> None:
    invitation, token = invite()
    member = make_foreign_member()
    if signed_in:
        sign_in(client, member)
    client.cookies["language"] = "en"
    client.get(f"/invitation/{token}/")
    assert "/invitation/decline/" in client.get("/invitation/").content.decode()
    page = client.get("/invitation/decline/").content.decode()
    assert "Do you want to decline the invitation?" in page
    invitation.refresh_from_db()
    assert invitation.declined_at is None
    answer = client.post("/invitation/decline/", follow=True)
    assert "You have declined the invitation" in answer.content.decode()
    invitation.refresh_from_db()
    assert invitation.declined_by == (member.actor_id if signed_in else "anonymous")
    assert Event.objects.filter(name="invitation.declined.test", subject=invitation.reference).exists()
    with pytest.raises(Missing) as refusal:
        actions.accept_invitation(token=token, member=member, now=timezone.now())
    assert refusal.value.code == "invitation-declined"


def test_what_was_accepted_cannot_be_declined(client: Client) -> None:
    _invitation, token = invite()
    client.get(f"/invitation/{token}/")
    actions.accept_invitation(token=token, member=make_foreign_member(), now=timezone.now())
    assert client.get("/invitation/decline/").status_code == 404
    assert client.post("/invitation/decline/").status_code == 404


def test_an_anonymous_visitor_accepts_nothing(client: Client) -> None:
    invitation, token = invite()
    client.get(f"/invitation/{token}/")
    assert client.post("/invitation/").status_code == 200
    invitation.refresh_from_db()
    assert invitation.accepted_at is None


def test_an_invitation_works_once(client: Client) -> None:
    _invitation, token = invite()
    actions.accept_invitation(token=token, member=make_foreign_member(), now=timezone.now())
    with pytest.raises(Missing) as refusal:
        actions.accept_invitation(token=token, member=make_foreign_member(), now=timezone.now())
    assert refusal.value.code == "invitation-used"
    client.get(f"/invitation/{token}/")
    assert client.get("/invitation/").status_code == 404


def test_an_invitation_runs_out() -> None:
    _invitation, token = invite()
    with pytest.raises(Missing) as refusal:
        actions.accept_invitation(
            token=token, member=make_foreign_member(), now=timezone.now() + timedelta(days=14, seconds=1)
        )
    assert refusal.value.code == "invitation-expired"


def test_a_withdrawn_invitation_opens_nothing() -> None:
    _invitation, token = invite()
    assert actions.withdraw_invitations(subject="CT-1", by=make_member(), now=timezone.now()) == 1
    with pytest.raises(Missing) as refusal:
        actions.accept_invitation(token=token, member=make_foreign_member(), now=timezone.now())
    assert refusal.value.code == "invitation-withdrawn"


def test_a_new_invitation_withdraws_the_earlier_one() -> None:
    _first, token = invite()
    invite()
    with pytest.raises(Missing):
        actions.accept_invitation(token=token, member=make_foreign_member(), now=timezone.now())


def test_a_token_that_nobody_gave_out_opens_nothing(client: Client) -> None:
    client.get("/invitation/nonsense/")
    answer = client.get("/invitation/")
    assert answer.status_code == 404
    assert client.get("/invitation/").context["refusal"].code == "invitation-unknown"


def test_what_the_room_above_refuses_leaves_the_invitation_open(
    client: Client, door: Door, knock: Knock, monkeypatch: pytest.MonkeyPatch
) -> None:
    invitation, token = invite()

    def refuse(*_args: Any, **_kwargs: Any) -> None:
        raise NotAllowed

    monkeypatch.setattr("azexport.lifecycle.engine._handlers", lambda event: [refuse] if "accepted" in event else [])
    sign_in(client, make_foreign_member())
    client.get(f"/invitation/{token}/")
    assert client.post("/invitation/").status_code == 403
    invitation.refresh_from_db()
    assert invitation.accepted_at is None
