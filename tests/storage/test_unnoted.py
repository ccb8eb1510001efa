"""Events of before their people were noted are noted by and by, on both databases."""

import pytest
from sqlalchemy import event, update

from plugin.domain.event import StoreEvent
from plugin.domain.person import Holding, Person
from plugin.domain.shop import Shop
from plugin.storage import SqlStore
from plugin.storage.db import tables
from plugin.storage.db.crypto import Crypto
from plugin.storage.privacy import unnoted
from tests.storage.test_people import ORDER, kept
from tests.support.builders import NOON, a_contact, an_event
from tests.support.storage import old_rows
from tests.support.storage.situations import tell

LOST = b"no key opens it"


@pytest.fixture
def of_before(store: SqlStore, a_shop: Shop) -> list[str]:
    """What the people of six events were noted as, in two shops, before that was taken away."""
    other = store.shops.install(Shop(id=0, platform="shopify", address="other.myshopify.com"), {}, now=NOON)
    for number in range(4):
        tell(store, a_shop, an_event(object_id=str(number), contact=a_contact(email=f"{number}@example.com")), key=str(number))
    tell(store, a_shop, an_event(**ORDER), key="jan")
    tell(store, other, an_event(**ORDER), key="elsewhere")
    noted = people(store)
    change(store, people=None)
    return noted


def people(store: SqlStore) -> list[str]:
    return [str(names) for _, names in old_rows.values(store, "events", "id", "people")]


def change(store: SqlStore, **values: object) -> None:
    with store.database.write() as connection:
        connection.execute(update(tables.events).values(values))


def test_who_an_event_is_about_is_noted_some_events_at_a_time(
    store: SqlStore, of_before: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unnoted, "AT_ONCE", 4)

    assert [store.retention.note_people() for _ in range(3)] == [4, 2, 0]

    assert people(store) == of_before


def test_nobodys_event_is_opened_any_more_by_who_looks_for_a_person(
    store: SqlStore, a_shop: Shop, of_before: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    store.retention.note_people()
    opened: list[bytes] = []
    open_event = Crypto.open_event

    def noted(self: Crypto, body: bytes) -> StoreEvent:
        opened.append(body)
        return open_event(self, body)

    monkeypatch.setattr(Crypto, "open_event", noted)

    assert kept(store, a_shop, Person(customer_id="7"))[Holding.EVENTS] == 1
    assert len(set(opened)) == 1


def test_what_no_key_opens_is_passed_over(store: SqlStore, of_before: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unnoted, "AT_ONCE", 2)
    with store.database.write() as connection:
        first = tables.events.c.id.in_(old_rows.ids(store, "events")[:3])
        connection.execute(update(tables.events).where(first).values(body=LOST))

    assert [store.retention.note_people() for _ in range(3)] == [1, 2, 0]

    assert people(store) == ["None"] * 3 + of_before[3:]


def test_what_was_emptied_names_nobody_any_more(store: SqlStore, of_before: list[str]) -> None:
    change(store, emptied_at=NOON)

    assert store.retention.note_people() == 0
    assert set(people(store)) == {"None"}


def test_the_walk_is_gone_on_with_where_it_was_and_sees_what_comes_later(
    store: SqlStore, a_shop: Shop, of_before: list[str]
) -> None:
    store.retention.note_people()
    change(store, people=None)
    again = unnoted.UnnotedPeople(store.database, store.crypto)
    assert again.walk() == 0

    tell(store, a_shop, an_event(object_id="9"), key="later")
    change(store, people=None)

    assert again.walk() == 1


def test_many_are_noted_in_one_statement_on_a_server(store: SqlStore, of_before: list[str]) -> None:
    """What psycopg sends as a pipeline keeps its rows locked for ever on PostgreSQL 15, should this machine freeze then."""
    together: list[str] = []

    def noted(_connection: object, _cursor: object, statement: str, _parameters: object, _context: object, many: bool) -> None:
        together.extend([statement] if many else [])

    event.listen(store.database.engine, "before_cursor_execute", noted)
    assert store.retention.note_people() == 6
    event.remove(store.database.engine, "before_cursor_execute", noted)

    assert store.database.is_sqlite or not together
