"""Goods: entering, changing, publishing, finding (P4.1.1)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from azexport.audit.models import Event
from azexport.catalogue import actions, queries
from azexport.catalogue.lifecycle import TABLE
from azexport.catalogue.models import Good
from azexport.catalogue.states import GoodStatus
from azexport.kernel.errors import IllegalTransition, NotAllowed
from tests.factories.catalogue import make_good
from tests.factories.parties import NOW, make_foreign_member, make_member, make_organisation, sign_in

pytestmark = pytest.mark.django_db

FORM = {
    "hs_code": "0802221000",
    "name_az": "Fındıq ləpəsi",
    "name_en": "Hazelnut kernels",
    "description_az": "",
    "description_en": "Shelled, 13-15 mm",
    "unit": "KGM",
    "region": "shaki-zagatala",
    "producer": "Şəki Fındıq MMC",
    "origin_criterion": "wholly_obtained",
    "made_in_azerbaijan": "on",
}


def test_an_exporter_adds_a_good_once_and_sees_it_in_the_list(client: Client) -> None:
    member = make_member()
    sign_in(client, member)
    answer = client.post("/goods/add/", FORM)
    good = Good.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == f"/goods/{good.reference}/"
    assert (good.hs_code, good.commodity_id, good.status) == ("0802221000", "080222", "drafted")
    assert good.organisation == member.organisation
    assert "Fındıq ləpəsi" in client.get("/goods/").content.decode()
    event = Event.objects.get(name="good.added")
    assert (event.subject, event.actor_id) == (good.reference, member.person.reference)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("hs_code", ""),
        ("hs_code", "0802"),
        ("hs_code", "999999"),
        ("hs_code", "fındıq"),
        ("hs_code", "08022210001"),
        ("name_az", ""),
        ("name_en", ""),
        ("unit", "XXX"),
        ("region", ""),
        ("region", "paris"),
        ("producer", ""),
        ("origin_criterion", ""),
        ("made_in_azerbaijan", ""),
    ],
)
def test_a_wrong_or_missing_answer_is_said_at_its_field(client: Client, field: str, value: str) -> None:
    sign_in(client, make_member())
    answer = client.post("/goods/add/", FORM | {field: value})
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not Good.objects.exists()


def test_the_database_itself_refuses_a_good_that_is_not_made_here() -> None:
    from django.db import IntegrityError

    with pytest.raises(IntegrityError):
        make_good(make_organisation(), made_in_azerbaijan=False)


def test_a_foreign_partner_adds_no_goods(client: Client) -> None:
    sign_in(client, make_foreign_member())
    assert client.get("/goods/").status_code == 200
    assert client.get("/goods/add/").status_code == 403
    assert client.post("/goods/add/", FORM).status_code == 403


def test_the_action_refuses_what_the_page_refuses() -> None:
    with pytest.raises(NotAllowed):
        actions.add_good(_data(), by=make_foreign_member(), now=NOW)


def _data(**given: Any) -> actions.GoodData:
    values: dict[str, Any] = {
        "hs_code": "080222", "name": {"az": "Fındıq", "en": "Hazelnuts"}, "description": {}, "unit": "KGM",
        "region": "baku", "origin_criterion": "wholly_obtained", "producer": "X", "made_in_azerbaijan": True,
    } | given  # fmt: skip
    return actions.GoodData(**values)


def test_the_action_tells_every_violation_at_once() -> None:
    from azexport.kernel.errors import RuleViolated

    with pytest.raises(RuleViolated) as refusal:
        actions.add_good(_data(hs_code="999999", made_in_azerbaijan=False), by=make_member(), now=NOW)
    assert [one.code for one in refusal.value.violations] == ["GDS-001", "GDS-002"]


def test_a_good_is_changed(client: Client) -> None:
    member = make_member()
    good = make_good(member.organisation)
    sign_in(client, member)
    assert client.get(f"/goods/{good.reference}/change/").context["form"]["hs_code"].value() == "080222"
    answer = client.post(
        f"/goods/{good.reference}/change/", FORM | {"name_en": "Roasted hazelnuts", "hs_code": "200819"}
    )
    assert answer["Location"] == f"/goods/{good.reference}/"
    good.refresh_from_db()
    assert (good.name["en"], good.commodity_id) == ("Roasted hazelnuts", "200819")


@pytest.mark.parametrize("page", ["", "change/", "publish/", "unpublish/"])
def test_another_organisation_s_good_is_not_there(client: Client, page: str) -> None:
    good = make_good(make_organisation())
    sign_in(client, make_member())
    address = f"/goods/{good.reference}/{page}"
    for answer in (client.post(address, FORM), *([] if page.endswith("publish/") else [client.get(address)])):
        assert answer.status_code in ({404} if answer.request["REQUEST_METHOD"] == "GET" or page else {404, 405})
    good.refresh_from_db()
    assert good.status == "drafted"


def test_the_actions_refuse_another_organisation_s_good() -> None:
    good, stranger = make_good(make_organisation()), make_member()
    with pytest.raises(NotAllowed):
        actions.change_good(good, _data(), by=stranger, now=NOW)
    with pytest.raises(NotAllowed):
        actions.publish(good, by=stranger, now=NOW)


def test_an_anonymous_visitor_is_led_to_the_sign_in(client: Client) -> None:
    answer = client.get("/goods/")
    assert answer.status_code == 302
    assert answer["Location"] == "/sign-in/?next=%2Fgoods%2F"


def test_publishing_shows_the_good_to_everybody_and_taking_back_hides_it(client: Client) -> None:
    member = make_member()
    good = make_good(member.organisation)
    stranger = Client()
    assert stranger.get(f"/made-in-azerbaijan/{good.reference}/").status_code == 404
    sign_in(client, member)
    client.post(f"/goods/{good.reference}/publish/")
    assert "Fındıq ləpəsi" in stranger.get("/made-in-azerbaijan/").content.decode()
    page = stranger.get(f"/made-in-azerbaijan/{good.reference}/").content.decode()
    assert str(member.organisation.voen) in page
    assert member.person.email not in page
    client.post(f"/goods/{good.reference}/unpublish/")
    assert stranger.get(f"/made-in-azerbaijan/{good.reference}/").status_code == 404


@pytest.mark.parametrize(
    ("name", "status"),
    [(name, status) for name in TABLE.names for status in GoodStatus if TABLE.find(name, status) is None],
)
def test_a_transition_that_is_not_in_the_table_is_refused(name: str, status: GoodStatus) -> None:
    member = make_member()
    good = make_good(member.organisation, status=status)
    with pytest.raises(IllegalTransition):
        getattr(actions, name)(good, by=member, now=NOW)


def test_publishing_twice_says_that_the_state_has_changed(client: Client) -> None:
    member = make_member()
    good = make_good(member.organisation, status="published")
    sign_in(client, member)
    assert client.post(f"/goods/{good.reference}/publish/").status_code == 409


def test_goods_are_found_without_azerbaijani_letters(client: Client) -> None:
    organisation = make_organisation()
    make_good(organisation, status="published", name={"az": "Şəki pendiri", "en": "Sheki cheese"}, hs_code="040690")
    make_good(organisation, status="published")
    found = client.get("/made-in-azerbaijan/?q=seki+pendir").context["goods"]
    assert [good.hs_code for good in found] == ["040690"]
    assert client.get("/made-in-azerbaijan/?q=%25").status_code == 200
    assert list(client.get("/made-in-azerbaijan/?q=yoxdur").context["goods"]) == []


def test_the_public_page_is_kept_until_a_good_changes(client: Client) -> None:
    good = make_good(make_organisation(), status="published")
    client.get("/made-in-azerbaijan/")
    first = client.get("/made-in-azerbaijan/")
    assert client.get("/made-in-azerbaijan/", headers={"if-none-match": first["ETag"]}).status_code == 304
    Good.objects.filter(pk=good.pk).update(changed_at=NOW.replace(hour=9))
    assert client.get("/made-in-azerbaijan/", headers={"if-none-match": first["ETag"]}).status_code == 200


def test_pages_are_walked_by_key_both_ways() -> None:
    organisation = make_organisation()
    made = [make_good(organisation).reference for _ in range(5)][::-1]
    goods = queries.goods_of(organisation)
    first = queries.page(goods, size=2)
    second = queries.page(goods, before=first.older or "", size=2)
    third = queries.page(goods, before=second.older or "", size=2)
    assert [row.reference for page in (first, second, third) for row in page.rows] == made
    assert (first.newer, third.older) == (None, None)
    back = queries.page(goods, after=third.newer or "", size=2)
    assert [row.reference for row in back.rows] == made[2:4]
    assert queries.page(goods, after=back.newer or "", size=2).newer is None


@pytest.mark.parametrize("address", ["/goods/", "/made-in-azerbaijan/"])
def test_a_list_costs_the_same_for_one_good_and_for_three(client: Client, address: str) -> None:
    member = make_member()
    sign_in(client, member)

    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    make_good(member.organisation, status="published")
    cost()
    one = cost()
    make_good(make_organisation(), status="published")
    make_good(member.organisation, status="published")
    assert cost() == one <= 8
