"""SendPulse is asked to forget somebody, wherever its REST API can."""

import json
from typing import Any

import pytest

from plugin.domain.delivery import Outcome, Verdict
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.settings import Account
from plugin.sandbox.sendpulse.account import AddressBook, CrmContact
from plugin.sendpulse.forgetting import (
    FORGOTTEN,
    FORGOTTEN_BUT_BY_PHONE,
    LISTS_A_PAGE,
    MORE_LISTS,
    MOST_PAGES,
    PHONE_FORGOTTEN,
    Forgetting,
)
from plugin.sendpulse.outcomes import understand
from plugin.sendpulse.wire import Reply
from tests.sendpulse.conftest import Place
from tests.support.builders import NOON
from tests.support.sendpulse.samples import credentials

JAN, EVA = "jan+shop@example.com", "eva@example.com"
PHONE = "+48512345678"


def test_a_person_is_gone_from_every_list_and_from_the_crm(place: Place) -> None:
    account = place.pretend.account
    account.books = {
        1: AddressBook(id=1, name="News", emails={JAN, EVA}, phones={PHONE, "48600000000"}),
        2: AddressBook(id=2, name="Shop", emails={JAN}, phones={"48512345678"}),
    }
    account.crm = {5: CrmContact(id=5, emails=(JAN,)), 6: CrmContact(id=6, emails=(EVA,))}

    outcome = place.client.forget(credentials(account), emails=(JAN,), phones=(PHONE,))

    assert (outcome.verdict, outcome.code) == (Verdict.DELIVERED, ReasonCode.ACCEPTED)
    assert outcome == FORGOTTEN_BUT_BY_PHONE
    assert [book.emails for book in account.books.values()] == [{EVA}, set()]
    assert [book.phones for book in account.books.values()] == [{"48600000000"}, set()]
    assert set(account.crm) == {6}
    assert account.deleted_logs == []  # nobody knows whom that would delete
    assert account.blacklist == set()  # it would keep the address


def test_whom_sendpulse_does_not_know_is_as_good_as_forgotten(place: Place) -> None:
    outcome = place.client.forget(credentials(place.pretend.account), emails=(JAN,), phones=(PHONE,))

    assert outcome.verdict is Verdict.DELIVERED


@pytest.mark.parametrize(
    ("emails", "phones", "outcome"),
    [((JAN,), (), FORGOTTEN), ((JAN,), (PHONE,), FORGOTTEN_BUT_BY_PHONE), ((), (PHONE,), PHONE_FORGOTTEN)],
    ids=["address", "both", "phone"],
)
def test_what_is_said_to_be_deleted_is_what_was(
    place: Place, emails: tuple[str, ...], phones: tuple[str, ...], outcome: Outcome
) -> None:
    assert place.client.forget(credentials(place.pretend.account), emails=emails, phones=phones) == outcome


@pytest.mark.parametrize(("number", "verdict", "left"), [(100, Verdict.DELIVERED, 0), (130, Verdict.TRY_AGAIN, 30)])
def test_many_contacts_of_one_address_are_deleted_by_and_by(number: int, verdict: Verdict, left: int) -> None:
    deleted = 0

    def ask(method: str, path: str, body: Any) -> Reply:
        nonlocal deleted
        deleted += method == "DELETE" and path.startswith("/crm")
        page = list(range(deleted, number))[:20]  # SendPulse does not say how many contacts one answer holds
        contacts = json.dumps({"data": {"list": [{"id": each} for each in page]}})
        return Reply(status=200, body=contacts.encode() if method == "POST" else b'{"result": true}')

    assert Forgetting(ask, understood).forget(emails=(JAN,), phones=()).verdict is verdict
    assert number - deleted == left


def test_a_contact_that_does_not_go_is_not_deleted_for_ever() -> None:
    asked: list[str] = []

    def ask(method: str, path: str, body: Any) -> Reply:
        asked.append(path)
        return Reply(status=200, body=b'{"data": {"list": [{"id": 5}]}}' if method == "POST" else b'{"result": true}')

    assert Forgetting(ask, understood).forget(emails=(JAN,), phones=()) == FORGOTTEN
    assert asked.count("/crm/v1/contacts/5") == 1


def test_without_credentials_it_says_what_is_missing(place: Place) -> None:
    assert "there are none" in place.client.forget(Account(), emails=(JAN,), phones=()).reason


@pytest.mark.parametrize(
    ("reply", "verdict"),
    [
        (Reply(status=503, body=b"{}"), Verdict.TRY_AGAIN),
        (Reply(status=404, body=b"<html>"), Verdict.GIVE_UP),
        (Reply(status=200, body=b'{"result": false}'), Verdict.GIVE_UP),
        (Reply(status=200, body=b"<html>"), Verdict.UNCERTAIN),
    ],
    ids=["busy", "no page", "a no", "a page"],
)
def test_what_comes_in_the_way_is_told(reply: Reply, verdict: Verdict) -> None:
    outcome = Forgetting(lambda *_: reply, understood).forget(emails=(JAN,), phones=())

    assert outcome.verdict is verdict


@pytest.mark.parametrize("answer", [b"[]", b'{"data": []}', b'{"data": {"list": [7, {"id": "8"}]}}', b'{"data": {"list": 7}}'])
def test_an_odd_list_of_contacts_holds_none(answer: bytes) -> None:
    asked: list[str] = []

    def ask(method: str, path: str, body: Any) -> Reply:
        asked.append(method)
        return Reply(status=200, body=answer if method == "POST" else b'{"result": true}')

    assert Forgetting(ask, understood).forget(emails=(JAN,), phones=()).verdict is Verdict.DELIVERED
    assert asked == ["DELETE", "POST"]


@pytest.mark.parametrize("is_more", [False, True])
def test_lists_are_read_page_by_page_and_not_for_ever(is_more: bool) -> None:
    asked: list[str] = []
    full = ",".join(f'{{"id": {number}}}' for number in range(LISTS_A_PAGE))

    def ask(method: str, path: str, body: Any) -> Reply:
        asked.append(method)
        page = full if asked.count("GET") <= MOST_PAGES else "7" * is_more
        return Reply(status=200, body=f"[{page}]".encode() if method == "GET" else b'{"result": true}')

    outcome = Forgetting(ask, understood).forget(emails=(), phones=(PHONE,))

    assert (asked.count("GET"), asked.count("DELETE")) == (MOST_PAGES + 1, MOST_PAGES * LISTS_A_PAGE)
    assert outcome == (MORE_LISTS if is_more else PHONE_FORGOTTEN)


def understood(reply: Reply) -> Any:
    return understand(reply.status, reply.headers, reply.body, now=NOON)
