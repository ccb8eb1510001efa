"""What is known to be a person's is read and deleted by its numbers, on SQLite too, which knows not how much a shop has."""

import pytest

from plugin.domain.person import Person
from plugin.domain.shop import Shop
from plugin.storage import SqlStore
from tests.storage.test_people import ORDER, kept
from tests.storage.test_retention import statements
from tests.support.builders import NOON, an_event
from tests.support.storage.situations import tell

#: The one place where a person is looked for in all that a shop has: an index of nothing but hashes.
BY_PEOPLE = "USING COVERING INDEX ix_events_shop_id_people (shop_id=?)"
TABLES = ("events", "deliveries", "attempts", "webhooks", "timers", "links", "consents", "purchases", "cart_marks")
LOOKS = tuple(f"{look} {table}" for look in ("SCAN", "SEARCH") for table in TABLES)


# PostgreSQL decides by how many there are.
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nobody_goes_over_all_that_a_shop_has(store: SqlStore, a_shop: Shop) -> None:
    tell(store, a_shop, an_event(**ORDER), key="1")
    store.links.shorten(a_shop.id, "https://demo.example/1", ("customer:7",))
    person = Person(customer_id="7", phone="+48512345678", order_ids=("1",))

    with statements(store) as seen:
        kept(store, a_shop, person)
        store.people.erase(a_shop.id, person, who="test", now=NOON)

    with store.database.read() as connection:
        steps = [
            (step, statement)
            for statement, values in list(seen)
            for *_, step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            if step.startswith(LOOKS) and not step.endswith(BY_PEOPLE)
        ]
    assert len(steps) > 15
    assert [step for step in steps if step[0].startswith("SCAN") or "(shop_id=?)" in step[0]] == []
