"""The head appoints and dismisses the body's officers (S12.1; decision 191, 5.2)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from azexport.audit.models import Event
from azexport.parties import queries
from azexport.parties.models import Member
from tests.factories.appeals import body_of
from tests.factories.parties import make_officer

pytestmark = pytest.mark.django_db
Browser = Callable[..., Client]
GIVEN = {
    "given_name": "Nigar", "surname": "Əliyeva", "fin": "7kz2m9q", "position_az": "Baş məsləhətçi",
    "position_en": "Chief adviser", "email": "nigar@example.az", "role": "officer",
}  # fmt: skip


def test_a_head_appoints_an_officer(head: Member, browser: Browser) -> None:
    client = browser(head)

    answer = client.post("/desk/officers/new/", GIVEN, follow=True)

    text = answer.content.decode()
    for part in ("The officer is appointed", "Nigar Əliyeva", "Chief adviser", "nigar@example.az"):
        assert part in text
    (appointed,) = (one for one in queries.officers_of(body_of(head)) if one.person.fin == "7KZ2M9Q")
    assert appointed.position == {"az": "Baş məsləhətçi", "en": "Chief adviser"}
    assert Event.objects.filter(name="officer.appointed", actor_id=head.actor_id).exists()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"fin": "7KZ2M9I"}, "A FİN has seven letters and digits"),
        ({"fin": "7KZ"}, "A FİN has seven letters and digits"),
        ({"email": "nigar"}, "Enter an e-mail address"),
        ({"position_en": ""}, "Enter the position in English"),
        ({"role": "king"}, "role"),
    ],
)
def test_an_appointment_that_is_not_complete_is_refused(
    head: Member, browser: Browser, changed: dict[str, str], said: str
) -> None:
    answer = browser(head).post("/desk/officers/new/", GIVEN | changed)

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert len(queries.officers_of(body_of(head))) == 1


def test_a_head_changes_a_position_and_a_part(head: Member, clerk: Member, browser: Browser) -> None:
    client = browser(head)
    address = f"/desk/officers/{clerk.person.reference}/"
    assert "Leading specialist" in client.get(address).content.decode()

    client.post(
        address, {"position_az": "Sədr müavini", "position_en": "Deputy chair", "email": "a@b.az", "role": "head"}
    )

    changed = next(one for one in queries.officers_of(body_of(clerk)) if one.person == clerk.person)
    assert (changed.position["en"], changed.role) == ("Deputy chair", "head")


def test_a_head_stays_a_head(head: Member, browser: Browser) -> None:
    """Somebody must be left who signs for the body."""
    client = browser(head)
    address = f"/desk/officers/{head.person.reference}/"
    client.post(address, {"position_az": "Sədr", "position_en": "Chair", "email": "a@b.az", "role": "officer"})
    assert queries.heads_of(body_of(head))[0].person == head.person

    answer = client.post(f"{address}dismiss/")

    assert answer.status_code == 422
    assert "You cannot dismiss yourself" in answer.content.decode()


def test_a_dismissed_officer_is_out_with_the_next_click(head: Member, clerk: Member, browser: Browser) -> None:
    theirs, client = browser(clerk), browser(head)
    address = f"/desk/officers/{clerk.person.reference}/dismiss/"
    assert "You can appoint them again." in client.get(address).content.decode()
    assert theirs.get("/desk/").status_code == 200

    client.post(address)

    assert theirs.get("/desk/").status_code == 302
    assert client.post(address).status_code == 404


def test_officers_see_the_list_and_change_nothing(head: Member, clerk: Member, browser: Browser) -> None:
    client = browser(clerk)
    text = client.get("/desk/officers/").content.decode()
    assert head.person.full_name in text
    assert "Dismiss" not in text
    for address in ("new/", f"{head.person.reference}/", f"{head.person.reference}/dismiss/"):
        assert client.get(f"/desk/officers/{address}").status_code == 403
        assert client.post(f"/desk/officers/{address}", GIVEN).status_code == 403


def test_a_head_reaches_nobody_of_another_body(head: Member, browser: Browser) -> None:
    stranger = make_officer("pollen-office")
    client = browser(head)
    assert stranger.person.full_name not in client.get("/desk/officers/").content.decode()
    for address in ("", "dismiss/"):
        assert client.post(f"/desk/officers/{stranger.person.reference}/{address}", GIVEN).status_code == 404
    assert queries.officers_of(body_of(stranger))


def test_the_list_costs_the_same_for_one_and_three(
    head: Member, browser: Browser, statements: Callable[[Client, str], int]
) -> None:
    client = browser(head)
    one = statements(client, "/desk/officers/")
    make_officer("honey-office")
    make_officer("honey-office")
    assert statements(client, "/desk/officers/") == one <= 5
