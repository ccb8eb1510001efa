"""What happens when a shop's key changes, and while nobody can say whether it has."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from threading import Event
from typing import Any

import pytest

from plugin.domain.errors import BadSignature, Misconfigured, StorageDown, TryAgain
from plugin.platforms.saleor.keys import PAUSE, KeySets
from plugin.platforms.saleor.questions import PLACE, Answer, Questions, Room
from plugin.platforms.saleor.testing import TESTKIT
from plugin.platforms.saleor.verify import Verifier
from plugin.ports import RawWebhook, VerifiedWebhook
from tests.support.builders import NOON
from tests.support.fakes import FakeShops
from tests.support.platforms.saleor.fixtures import (
    Publisher,
    Stand,
    a_body,
    a_stand,
    a_third_key,
    another_key,
    detached,
    key_set,
    signed,
)

NO_ANSWERS = [TryAgain("gone"), Misconfigured("private"), {"keys": []}, {}, {"keys": [{"kty": "RSA", "kid": "new-key"}]}]


def renewed(stand: Stand) -> RawWebhook:
    """A delivery signed with the key the shop has changed to."""
    return signed(stand, a_body(), signature=detached(a_body(), another_key()))


def junk(stand: Stand, kid: str = "made-up") -> RawWebhook:
    """What a stranger sends: in the right shape, and under a name of a key."""
    return signed(stand, a_body(), signature=detached(a_body(), a_third_key(), kid=kid))


def test_a_changed_key_is_fetched_once_and_kept() -> None:
    stand = a_stand()
    stand.publisher.answer = key_set(another_key())

    stand.verify(renewed(stand))
    stand.verify(renewed(stand))

    assert stand.publisher.asked == 1
    assert stand.access()["jwks"] == key_set(another_key())
    assert stand.access()["token"] == "testkit-token"


def test_a_key_its_shop_has_withdrawn_is_good_for_a_day_at_most() -> None:
    stand = a_stand(jwks_at=NOON.isoformat())
    stand.publisher.answer = key_set(another_key())
    webhook = signed(stand, a_body())

    stand.publisher.at += timedelta(hours=23)
    stand.verify(webhook)
    assert stand.publisher.asked == 0
    stand.publisher.at += timedelta(hours=1)
    with pytest.raises(BadSignature):
        stand.verify(webhook)

    assert stand.access()["jwks"] == key_set(another_key())
    assert stand.access()["jwks_at"] == stand.publisher.at.isoformat()


@pytest.mark.parametrize("answer", NO_ANSWERS, ids=repr)
def test_an_old_key_stays_good_while_its_shop_does_not_say(answer: Mapping[str, Any] | Exception) -> None:
    stand = a_stand(jwks_at=NOON.isoformat())
    stand.publisher.answer = answer
    stand.publisher.at += timedelta(days=7)
    webhook = signed(stand, a_body())

    for _ in range(3):
        stand.verify(webhook)
        stand.publisher.at += timedelta(minutes=4)
    assert stand.publisher.asked == 1

    stand.publisher.answer = key_set(another_key())
    with pytest.raises(BadSignature):
        stand.verify(webhook)


def test_a_key_nobody_knows_the_age_of_is_fetched_again() -> None:
    stand = a_stand(jwks_at=None)
    stand.publisher.answer = TESTKIT.jwks()

    for _ in range(2):
        stand.verify(signed(stand, a_body()))

    assert stand.publisher.asked == 1
    assert stand.access()["jwks_at"] == stand.publisher.at.isoformat()


def test_junk_makes_us_ask_a_shop_once_in_a_while() -> None:
    stand = a_stand()
    stand.publisher.answer = TESTKIT.jwks()

    with pytest.raises(BadSignature):  # the shop has just said that it has no such key
        stand.verify(junk(stand))
    for number in range(3):
        with pytest.raises(TryAgain):
            stand.verify(junk(stand, f"made-up-{number}"))
    assert stand.publisher.asked == 1
    stand.publisher.at += PAUSE
    with pytest.raises(BadSignature):
        stand.verify(junk(stand))
    assert stand.publisher.asked == 2


def test_junk_under_the_name_of_our_key_is_refused_unasked() -> None:
    stand = a_stand(jwks=key_set(another_key()))

    for _ in range(3):
        with pytest.raises(BadSignature):
            stand.verify(junk(stand, "new-key"))
    assert stand.publisher.asked == 0


@pytest.mark.parametrize("header", [{"alg": "PS256"}, {"b64": True}, {"crit": []}, {"kid": 5}], ids=str)
def test_junk_of_another_make_is_refused_unasked(header: dict[str, Any]) -> None:
    stand, body = a_stand(jwks=None), a_body()
    protected = json.dumps({"alg": "RS256", "b64": False, "crit": ["b64"], "kid": "made-up", **header}).encode()
    written = f"{urlsafe_b64encode(protected).rstrip(b'=').decode()}..AAAA"

    with pytest.raises(BadSignature):
        stand.verify(signed(stand, body, signature=written))
    assert stand.publisher.asked == 0


def test_junk_without_the_shape_of_a_signature_makes_us_ask_nobody() -> None:
    stand = a_stand()

    for signature in ("junk", "", "0" * 64, "a.b.c", "A" * 5000):
        with pytest.raises(BadSignature):
            stand.verify(signed(stand, a_body(), signature=signature))
    assert stand.publisher.asked == 0


def test_a_shop_added_without_keys_learns_them_with_its_first_delivery() -> None:
    stand = a_stand(jwks=None, app_id=None)
    stand.publisher.answer = TESTKIT.jwks()

    assert stand.verify(signed(stand, a_body())).topic == "order_created"
    assert stand.access()["jwks"] == TESTKIT.jwks()


@pytest.mark.parametrize("answer", NO_ANSWERS, ids=repr)
def test_a_delivery_that_cannot_be_judged_is_asked_for_again(answer: Mapping[str, Any] | Exception) -> None:
    stand = a_stand(jwks=None)
    stand.publisher.answer = answer

    with pytest.raises(TryAgain):
        stand.verify(signed(stand, a_body()))


@pytest.mark.parametrize("answer", NO_ANSWERS, ids=repr)
def test_a_new_key_is_not_refused_while_its_shop_does_not_say(answer: Mapping[str, Any] | Exception) -> None:
    stand = a_stand()
    stand.publisher.answer = answer

    with pytest.raises(TryAgain):
        stand.verify(renewed(stand))
    with pytest.raises(TryAgain):  # asked a moment ago
        stand.verify(renewed(stand))
    assert stand.verify(signed(stand, a_body())).topic == "order_created"  # the key we know goes on

    stand.publisher.answer = key_set(another_key())
    stand.publisher.at += timedelta(seconds=10)
    assert stand.verify(renewed(stand)).topic == "order_created"


def test_junk_from_before_the_change_costs_a_delivery_one_retry() -> None:
    stand = a_stand()
    stand.publisher.answer = TESTKIT.jwks()
    with pytest.raises(BadSignature):
        stand.verify(junk(stand))
    stand.publisher.answer = key_set(another_key())

    with pytest.raises(TryAgain):
        stand.verify(renewed(stand))
    for seconds in range(1, 10):
        stand.publisher.at += timedelta(seconds=1)
        with pytest.raises((BadSignature, TryAgain)):
            stand.verify(junk(stand, f"made-up-{seconds}"))
    stand.publisher.at += timedelta(seconds=1)

    assert stand.verify(renewed(stand)).topic == "order_created"


def test_keys_another_process_has_fetched_are_not_asked_for() -> None:
    stand = a_stand()
    stale = stand.shops.find(stand.shop.platform, stand.shop.address)
    assert stale
    stand.shops.renew(stand.shop.id, {"jwks": key_set(another_key())})

    candidates = KeySets(stand.publisher.fetch, now=stand.publisher.now).candidates(stale, stand.shops, holding=0)

    assert [next(candidates), next(candidates)] == [TESTKIT.jwks(), key_set(another_key())]
    assert stand.publisher.asked == 0


def test_keys_fetched_a_moment_ago_serve_who_had_read_the_shop_before() -> None:
    stand = a_stand()
    stale = stand.shops.find(stand.shop.platform, stand.shop.address)
    assert stale
    stand.publisher.answer = key_set(another_key())
    keys = KeySets(stand.publisher.fetch, now=stand.publisher.now)
    assert list(keys.candidates(stale, stand.shops, holding=0))[-1] == key_set(another_key())
    stand.shops.renew(stand.shop.id, {"jwks": TESTKIT.jwks()})

    candidates = keys.candidates(stale, stand.shops, holding=0)

    assert [next(candidates), next(candidates)] == [TESTKIT.jwks(), key_set(another_key())]
    assert stand.publisher.asked == 1


def test_keys_that_did_not_change_are_not_stored_for_every_piece_of_junk() -> None:
    stand = a_stand(jwks_at=NOON.isoformat())
    stand.publisher.answer = TESTKIT.jwks()

    for minutes, stored_at in ((1, 0), (59, 0), (60, 60)):
        stand.publisher.at = NOON + timedelta(minutes=minutes)
        with pytest.raises(BadSignature):
            stand.verify(junk(stand))
        assert stand.access()["jwks_at"] == (NOON + timedelta(minutes=stored_at)).isoformat()


def test_a_clock_that_was_set_back_does_not_stop_the_questions() -> None:
    stand = a_stand()
    with pytest.raises(TryAgain):
        stand.verify(renewed(stand))
    stand.publisher.answer = key_set(another_key())
    stand.publisher.at -= timedelta(hours=1)

    assert stand.verify(renewed(stand)).topic == "order_created"


def test_a_bug_while_asking_does_not_end_all_asking() -> None:
    stand = a_stand()
    stand.publisher.answer = RuntimeError("a bug")
    with pytest.raises(RuntimeError):
        stand.verify(renewed(stand))
    stand.publisher.answer = key_set(another_key())
    stand.publisher.at += PAUSE

    assert stand.verify(renewed(stand)).topic == "order_created"


def test_keys_that_cannot_be_stored_serve_who_waits_for_them() -> None:
    class Full(FakeShops):
        def renew(self, shop_id: int, changed: Mapping[str, Any], **by: Any) -> None:
            raise StorageDown("the database does not answer")

    stand = a_stand()
    stand.publisher.answer = key_set(another_key())
    shops = Full(found=stand.shops.found)

    with pytest.raises(StorageDown):  # 503 as well
        stand.verifier.verify(renewed(stand), shops)
    assert stand.verifier.verify(renewed(stand), shops).topic == "order_created"


# ------------------------------------------------------------------ while somebody else is asking


class SlowPublisher(Publisher):
    """Answers when it is allowed to."""

    def __init__(self, answer: Mapping[str, Any] | Exception) -> None:
        super().__init__(answer)
        self.is_asked, self.may_answer = Event(), Event()

    def fetch(self, address: str) -> Mapping[str, Any]:
        said = self.answer  # what the shop publishes when it is asked
        self.asked += 1
        self.is_asked.set()
        assert self.may_answer.wait(5)
        if isinstance(said, Exception):
            raise said
        return said


def while_asked(publisher: SlowPublisher, *, room: int = 100 * PLACE) -> Stand:
    """A shop, and somebody who asks for its keys with junk."""
    stand = a_stand()
    return replace(stand, publisher=publisher, verifier=Verifier(KeySets(publisher.fetch, now=publisher.now, room=room)))


@contextmanager
def asking(stand: Stand, publisher: SlowPublisher, webhook: RawWebhook) -> Iterator[Callable[[], Future[VerifiedWebhook]]]:
    """With a question on its way that `webhook` has caused; what is called inside begins to verify a genuine delivery."""
    with ThreadPoolExecutor(9) as threads:
        threads.submit(stand.verify, webhook)
        assert publisher.is_asked.wait(5)
        publisher.is_asked.clear()
        try:
            yield lambda: threads.submit(stand.verify, renewed(stand))
        finally:
            publisher.may_answer.set()


def test_deliveries_wait_for_the_answer_another_has_asked_for() -> None:
    publisher = SlowPublisher(key_set(another_key()))
    stand = while_asked(publisher)

    with asking(stand, publisher, renewed(stand)) as begin:
        waiting = [begin() for _ in range(5)]
        assert not wait(waiting, timeout=0.05).done
        publisher.may_answer.set()
        assert {each.result(5).topic for each in waiting} == {"order_created"}

    assert publisher.asked == 1


def test_an_answer_asked_for_before_the_change_refuses_nobody() -> None:
    publisher = SlowPublisher(TESTKIT.jwks())
    stand = while_asked(publisher)

    with asking(stand, publisher, junk(stand)) as begin:
        publisher.answer = key_set(another_key())
        waiting = begin()
        assert not wait([waiting], timeout=0.05).done
        publisher.may_answer.set()
        with pytest.raises(TryAgain):
            waiting.result(5)


def test_after_a_slow_answer_from_before_the_change_the_shop_is_asked_again() -> None:
    publisher = SlowPublisher(TESTKIT.jwks())
    stand = while_asked(publisher)

    with asking(stand, publisher, junk(stand)) as begin:
        publisher.answer = key_set(another_key())
        waiting = begin()
        assert not wait([waiting], timeout=0.05).done
        publisher.at += PAUSE
        publisher.may_answer.set()
        assert waiting.result(5).topic == "order_created"


def test_who_waits_too_long_comes_again() -> None:
    questions = Questions()
    assert questions.open(NOON, pause=PAUSE)

    assert questions.wait(0.01) is None

    questions.close({"keys": []})
    assert questions.wait(0.01) == Answer(1, {"keys": []})


def test_what_finds_no_room_to_wait_comes_again() -> None:
    publisher = SlowPublisher(key_set(another_key()))
    stand = while_asked(publisher, room=2 * PLACE)

    with asking(stand, publisher, renewed(stand)) as begin, pytest.raises(TryAgain):
        begin().result(5)


def test_old_keys_are_not_asked_for_anew_by_what_finds_no_room() -> None:
    publisher = SlowPublisher(key_set(another_key()))
    stand = while_asked(publisher, room=2 * PLACE)
    found = stand.shops.find("saleor", stand.shop.address)
    assert found
    elsewhere = replace(found.shop, address="https://other.example/graphql/")
    old = replace(found, shop=elsewhere, access={**found.access, "jwks_at": (NOON - timedelta(days=9)).isoformat()})

    with asking(stand, publisher, renewed(stand)):
        keys = next(stand.verifier._keys.candidates(old, stand.shops, holding=9))

    assert (keys, publisher.asked) == (TESTKIT.jwks(), 1)


def test_hosts_that_never_answer_leave_room_for_each_that_does() -> None:
    room, places = Room(100 * PLACE), ExitStack()
    with places:
        for host in ("a", "b", "c", "d"):
            taken = sum(places.enter_context(room.place(host, 0)) for _ in range(200))
            assert taken <= 50

        assert places.enter_context(room.place("honest", 2 * PLACE))
        assert not places.enter_context(room.place("a", 0))

    with room.place("a", 40 * PLACE) as is_in:
        assert is_in
    assert not room._held


def test_one_host_may_wait_with_half_of_what_all_may() -> None:
    room = Room(8 * PLACE)

    with room.place("a", 2 * PLACE) as first, room.place("a", 0) as second, room.place("a", 0) as third:
        assert (first, second, third) == (True, True, False)


def test_what_waits_alone_is_not_turned_away_for_its_size() -> None:
    with Room(PLACE).place("a", 80 * PLACE) as is_in:
        assert is_in


def test_one_question_is_open_at_a_time() -> None:
    questions = Questions()

    assert questions.open(NOON, pause=PAUSE)
    assert not questions.open(NOON + 2 * PAUSE, pause=PAUSE)
    questions.close(None)
    assert not questions.open(NOON + PAUSE / 2, pause=PAUSE)
    assert questions.open(NOON + PAUSE, pause=PAUSE)
