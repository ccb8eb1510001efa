"""Asking SendPulse to forget somebody goes on while it is down, and ends with words, on both databases."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from plugin.domain.delivery import Outcome, Verdict
from plugin.domain.person import ErasureState, Person
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.settings import Account
from plugin.domain.shop import Shop
from plugin.domain.wording import worded
from plugin.ports import AskedErasure, FoundFlow
from plugin.sendpulse.forgetting import FORGOTTEN
from plugin.storage import SqlStore
from plugin.storage.db import tables
from plugin.storage.db.people_tables import sendpulse_erasures
from plugin.upkeep.forgetting import GIVEN_UP_AFTER, NO_KEYS, NOBODY_READ, ask_sendpulse
from plugin.upkeep.people import ALL_BY_HAND, BY_HAND
from tests.support.builders import NOON, a_settings_document
from tests.support.storage.situations import BUSY, REFUSED

HOUR = timedelta(hours=1)
DENIED = Outcome(
    verdict=Verdict.GIVE_UP, code=ReasonCode.CREDENTIALS_REFUSED, reason=worded("The keys are refused."), needs_merchant=True
)


@dataclass
class FakeAccount:
    """Answers with what stands in `answers`, the last one for ever."""

    answers: list[Outcome]
    asked: list[tuple[str, ...]] = field(default_factory=list)

    def check(self, account: Account) -> Outcome:
        return self.answers[0]

    def flows(self, account: Account) -> Sequence[FoundFlow]:
        return ()

    def forget(self, account: Account, *, emails: Sequence[str], phones: Sequence[str]) -> Outcome:
        assert account.has_keys
        self.asked.append((*emails, *phones))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def erased(store: SqlStore, a_shop: Shop) -> SqlStore:
    """Somebody was forgotten here."""
    store.shops.write_settings(a_shop.id, a_settings_document(), who="test", now=NOON)
    store.people.erase(a_shop.id, Person(email="jan@example.com", phone="+48512345678"), who="test", now=NOON)
    return store


def asked(store: SqlStore, shop: Shop) -> AskedErasure:
    [found] = store.people.asked_erasures(shop.id, limit=9)
    return found


def test_sendpulse_is_asked_once_and_the_person_is_dropped(erased: SqlStore, a_shop: Shop) -> None:
    account = FakeAccount([FORGOTTEN])

    assert [ask_sendpulse(erased, account, now=NOON) for _ in range(2)] == [1, 0]

    assert account.asked == [("jan@example.com", "+48512345678")]
    found = asked(erased, a_shop)
    assert (found.state, found.fix, found.finished_at) == (ErasureState.DONE, BY_HAND, NOON)
    with erased.database.read() as connection:
        [row] = connection.execute(tables.metadata.tables["sendpulse_erasures"].select()).mappings()
    assert (row["person"], row["due_at"]) == (None, None)


@pytest.mark.parametrize("trouble", [BUSY, DENIED], ids=["down", "denied"])
def test_it_is_asked_again_while_that_may_help(erased: SqlStore, a_shop: Shop, trouble: Outcome) -> None:
    account = FakeAccount([trouble, trouble, FORGOTTEN])

    ask_sendpulse(erased, account, now=NOON)
    assert (asked(erased, a_shop).state, asked(erased, a_shop).reason) == (ErasureState.WAITING, trouble.reason)
    assert ask_sendpulse(erased, account, now=NOON) == 0
    for hours in (1, 2):
        ask_sendpulse(erased, account, now=NOON + hours * HOUR)

    assert asked(erased, a_shop).state is ErasureState.DONE


def test_it_is_not_asked_for_ever(erased: SqlStore, a_shop: Shop) -> None:
    ask_sendpulse(erased, FakeAccount([BUSY]), now=NOON + GIVEN_UP_AFTER)

    assert (asked(erased, a_shop).state, asked(erased, a_shop).fix) == (ErasureState.FAILED, ALL_BY_HAND)


def test_a_no_is_not_asked_again(erased: SqlStore, a_shop: Shop) -> None:
    ask_sendpulse(erased, FakeAccount([REFUSED]), now=NOON)

    assert (asked(erased, a_shop).state, asked(erased, a_shop).fix) == (ErasureState.FAILED, REFUSED.fix)


def test_whom_no_key_names_any_more_is_waited_for_and_then_given_up(erased: SqlStore, a_shop: Shop) -> None:
    account = FakeAccount([FORGOTTEN])
    with erased.database.write() as connection:
        connection.execute(sendpulse_erasures.update().values(person=b"no key opens it"))

    ask_sendpulse(erased, account, now=NOON)
    assert (asked(erased, a_shop).state, asked(erased, a_shop).reason) == (ErasureState.WAITING, NOBODY_READ.reason)
    ask_sendpulse(erased, account, now=NOON + GIVEN_UP_AFTER)

    assert (asked(erased, a_shop).state, account.asked) == (ErasureState.FAILED, [])


def test_without_access_there_is_nobody_to_ask(erased: SqlStore, a_shop: Shop) -> None:
    erased.shops.write_settings(a_shop.id, a_settings_document(account={}, events={}), who="test", now=NOON)

    ask_sendpulse(erased, FakeAccount([FORGOTTEN]), now=NOON)

    assert (asked(erased, a_shop).state, asked(erased, a_shop).reason) == (ErasureState.FAILED, NO_KEYS)


def test_settings_that_cannot_be_read_are_no_access(erased: SqlStore, a_shop: Shop) -> None:
    erased.shops.write_settings(a_shop.id, {"version": 99}, who="test", now=NOON)

    ask_sendpulse(erased, FakeAccount([FORGOTTEN]), now=NOON)
    erased.people.erase(a_shop.id, Person(email="jan@example.com"), who="test", now=NOON)

    assert asked(erased, a_shop).state is ErasureState.FAILED


def test_what_is_over_is_dropped_when_it_is_old(erased: SqlStore, a_shop: Shop) -> None:
    assert erased.retention.delete_erasures(a_shop.id, before=NOON + HOUR) == 0
    ask_sendpulse(erased, None, now=NOON)

    assert erased.retention.delete_erasures(a_shop.id, before=NOON + HOUR) == 1
