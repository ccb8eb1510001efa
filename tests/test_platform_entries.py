"""What every platform promises about who is let in: the same tests over every folder in plugin/platforms."""

import re

import pytest

from plugin import clock
from plugin.domain.errors import NotAdmitted, TryAgain
from plugin.platforms import discover, find_testkit
from plugin.ports import Frame, PageRequest, Visitor
from tests.support.builders import NOON
from tests.support.platforms.expected import PLATFORMS
from tests.support.platforms.fixtures import Stand, a_stand, flipped

NAMES = sorted(discover())
WRONG_TOKENS = [
    pytest.param(name, wrong, id=f"{name}-{wrong}")
    for name in NAMES
    for wrong in find_testkit(name).wrong_tokens(find_testkit(name).installation()[0])
]
NO_TOKENS = ["", "Bearer", "Bearer ", "Basic eDp5", "Bearer ż", f"Bearer {'a.' * 9000}", "Bearer a.b.c"]
STRANGE = ["", "x", "ż", "\r\nX-Evil: 1", "https://evil.example; script-src *", "a" * 5000, "1", "[", "%00"]


@pytest.fixture(params=NAMES)
def stand(request: pytest.FixtureRequest) -> Stand:
    return a_stand(str(request.param))


def visited(stand: Stand, authorization: str) -> Visitor:
    request = PageRequest(url="https://app.example.com/", query={}, headers={"authorization": authorization})
    assert stand.platform.admin_entry
    return stand.platform.admin_entry.visitor(request, stand.shops, now=clock.now())


def test_a_token_of_its_staff_opens_their_shop(stand: Stand) -> None:
    visitor = visited(stand, f"Bearer {find_testkit(stand.platform.name).token(stand.shop)}")

    assert visitor.shop == stand.shop
    assert re.fullmatch(rf"{stand.platform.name}:\w+", visitor.who)


@pytest.mark.parametrize(("name", "wrong"), WRONG_TOKENS)
def test_a_wrong_token_opens_nothing(name: str, wrong: str) -> None:
    stand = a_stand(name)
    before = stand.shops.list()

    with pytest.raises((NotAdmitted, TryAgain)) as refused:  # its key may be the shop's new one
        visited(stand, f"Bearer {find_testkit(name).wrong_tokens(stand.shop)[wrong]}")

    assert getattr(refused.value, "answer", 401) in (401, 403)
    assert stand.shops.list() == before


@pytest.mark.parametrize("name", NAMES)
def test_every_kind_of_wrong_token_is_rehearsed(name: str) -> None:
    shop, _ = find_testkit(name).installation()

    assert {"empty", "forged", "unsigned", "expired", "another app's", "another shop's"} <= set(
        find_testkit(name).wrong_tokens(shop)
    )


def test_a_token_with_one_flipped_bit_opens_nothing(stand: Stand) -> None:
    token = find_testkit(stand.platform.name).token(stand.shop)

    for position in range(0, len(token), 3):
        with pytest.raises((NotAdmitted, TryAgain)):  # as above
            visited(stand, f"Bearer {flipped(token, position)}")


@pytest.mark.parametrize("authorization", NO_TOKENS)
def test_whatever_else_is_sent_as_a_token_opens_nothing(stand: Stand, authorization: str) -> None:
    with pytest.raises(NotAdmitted) as refused:
        visited(stand, authorization)

    assert refused.value.answer == 401


def test_a_shop_that_is_unknown_or_left_opens_nothing(stand: Stand) -> None:
    token = find_testkit(stand.platform.name).token(stand.shop)
    stand.shops.leave(stand.shop.id, now=NOON)
    with pytest.raises(NotAdmitted):
        visited(stand, f"Bearer {token}")
    stand.shops.forget(stand.shop.id)
    with pytest.raises(NotAdmitted):
        visited(stand, f"Bearer {token}")


@pytest.mark.parametrize("value", STRANGE)
def test_whatever_stands_in_its_address_a_document_is_framed_by_nobody_strange(stand: Stand, value: str) -> None:
    door = stand.platform.admin_entry
    assert door
    asked = ("shop", "embedded", "id_token", "host", "saleorApiUrl", "domain", "id", "locale", "theme", "shopify-reload")

    for query in ({}, *({name: value} for name in asked), dict.fromkeys(asked, value)):
        request = PageRequest(url="https://app.example.com/", query=query, headers={})
        try:
            answer = door.open(request, stand.shops, now=clock.now())
        except NotAdmitted:
            continue
        security = answer.ancestors if isinstance(answer, Frame) else str(answer.headers)
        assert "evil" not in security
        assert stand.shop.name not in f"{answer}"


@pytest.mark.parametrize("name", NAMES)
def test_its_part_of_the_document_is_there(name: str) -> None:
    templates = PLATFORMS / name / "templates"

    assert "script" in (templates / "head.html").read_text(encoding="utf-8")
    for template in templates.glob("*.html"):
        assert "<script>" not in template.read_text(encoding="utf-8")
