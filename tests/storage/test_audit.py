"""Who did what: a chain of lines for each shop, which nobody without the key changes unseen."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Executable, delete, insert, select, text, update

from plugin.domain.audit import OPERATOR, Deed
from plugin.domain.errors import StorageDown
from plugin.domain.shop import Shop
from plugin.storage import SqlStore
from plugin.storage.db.audit_tables import audit, audit_heads
from plugin.storage.shops import audit as writing
from tests.support.builders import NOON
from tests.support.storage.old_rows import ago

PERSON = "saleor:VXNlcjox"


def write(store: SqlStore, shop: Shop, *versions: int) -> None:
    for version in versions:
        facts = {"version": version}
        store.audit.note(shop.id, Deed.SETTINGS_CHANGED, who=PERSON, address="192.0.2.7", facts=facts, now=NOON)


def behind_our_back(store: SqlStore, *statements: Executable) -> None:
    """Run these as somebody would who has the database and not the keys: its triggers stop him no longer than he likes."""
    with store.database.write() as connection:
        if store.database.is_sqlite:
            for name in ("audit_update", "audit_delete"):
                connection.execute(text(f"DROP TRIGGER IF EXISTS {name}"))
        else:
            connection.execute(text("ALTER TABLE audit DISABLE TRIGGER audit_unchanged"))
        for statement in statements:
            connection.execute(statement)
        if not store.database.is_sqlite:  # its tables serve the next test, too
            connection.execute(text("ALTER TABLE audit ENABLE TRIGGER audit_unchanged"))


def faults(store: SqlStore, shop: Shop) -> str:
    return " ".join(store.audit.check(shop.id).faults)


def test_a_line_says_who_did_what_from_where(store: SqlStore, a_shop: Shop) -> None:
    write(store, a_shop, 3)

    newest, first = store.audit.page(a_shop.id, limit=10)

    assert (newest.who, newest.address, newest.deed, newest.facts, newest.at) == (
        *(PERSON, "192.0.2.7", Deed.SETTINGS_CHANGED, {"version": 3}, NOON),
    )
    assert (first.deed, first.number, newest.number) == (Deed.INSTALLED, 1, 2)
    assert store.audit.check(a_shop.id).faults == ()


def test_who_and_where_are_not_readable_in_the_database(store: SqlStore, a_shop: Shop) -> None:
    write(store, a_shop, 1)

    with store.database.read() as connection:
        rows = connection.execute(select(audit)).all()
    assert "VXNl" not in str(rows)
    assert "192.0.2.7" not in str(rows)


def test_older_lines_are_read_page_by_page(store: SqlStore, a_shop: Shop) -> None:
    write(store, a_shop, 1, 2, 3)

    first = store.audit.page(a_shop.id, limit=2)
    second = store.audit.page(a_shop.id, limit=2, before_id=first[-1].id)

    assert [line.number for line in (*first, *second)] == [4, 3, 2, 1]


def test_another_shops_lines_are_its_own(store: SqlStore, a_shop: Shop) -> None:
    other = store.shops.install(Shop(id=0, platform="shopify", address="other.myshopify.com"), {}, now=NOON)
    write(store, a_shop, 1)

    assert [line.number for line in store.audit.page(other.id, limit=10)] == [1]
    assert store.audit.check(other.id).number == 1


@pytest.mark.parametrize(
    "statement",
    [update(audit).values(deed="installed"), update(audit).values(number=99), delete(audit)],
    ids=["another deed", "another place", "gone"],
)
def test_the_database_refuses_to_change_a_line(store: SqlStore, a_shop: Shop, statement: Executable) -> None:
    write(store, a_shop, 1)

    with pytest.raises(StorageDown), store.database.write() as connection:
        connection.execute(statement)

    assert store.audit.check(a_shop.id).number == 2


def _number(number: int) -> Any:
    return audit.c.number == number


FORGERIES: dict[str, tuple[Callable[[int], list[Executable]], str]] = {
    "another deed": (
        lambda _: [update(audit).where(_number(2)).values(deed="body_viewed")],
        "Line 2 of 2026-11-23 12:00 UTC is not as",
    ),
    "another time": (lambda _: [update(audit).where(_number(2)).values(at=ago(1))], "Line 2 of"),
    "another content": (lambda _: [update(audit).where(_number(2)).values(content=b"gAAAA")], "Line 2 of"),
    "the neighbour's content": (
        lambda _: [update(audit).where(_number(2)).values(content=select(audit.c.content).where(_number(3)).scalar_subquery())],
        "Line 2 of",
    ),
    "one taken out": (lambda _: [delete(audit).where(_number(3))], "Line 3 is missing."),
    "two taken out": (lambda _: [delete(audit).where(audit.c.number.in_((2, 3)))], "Lines 2 to 3 are missing."),
    "the newest taken out": (lambda _: [delete(audit).where(_number(4))], "Line 4 is missing."),
    "the first taken out": (lambda _: [delete(audit).where(_number(1))], "Line 1 is missing."),
    "one taken out, the rest renumbered": (
        lambda _: [delete(audit).where(_number(3)), update(audit).where(_number(4)).values(number=3)],
        "Line 3 of",
    ),
    "the end taken back": (
        lambda _: [delete(audit).where(_number(4)), update(audit_heads).values(number=3)],
        "was changed by somebody without the key",
    ),
    "the beginning pruned": (
        lambda _: [delete(audit).where(_number(1)), update(audit_heads).values(pruned=1)],
        "was changed by somebody without the key",
    ),
    "the head gone": (lambda _: [delete(audit_heads)], "the row that says so is missing"),
    "one put in at the end": (
        lambda shop_id: [insert(audit).values(shop_id=shop_id, at=NOON, who="", what="", number=5, deed="installed")],
        "more lines than were written",
    ),
    "one put in beside": (
        lambda shop_id: [insert(audit).values(shop_id=shop_id, at=NOON, who="shopify:1", what="Forged.")],
        "1 line stands beside the chain",
    ),
}


@pytest.mark.parametrize(("forge", "told"), FORGERIES.values(), ids=FORGERIES)
def test_what_is_done_to_a_line_is_found(
    store: SqlStore, a_shop: Shop, forge: Callable[[int], list[Executable]], told: str
) -> None:
    write(store, a_shop, 1, 2, 3)

    behind_our_back(store, *forge(a_shop.id))

    assert told in faults(store, a_shop)


def test_a_line_moved_to_another_shop_is_found_in_both(store: SqlStore, a_shop: Shop) -> None:
    other = store.shops.install(Shop(id=0, platform="shopify", address="other.myshopify.com"), {}, now=NOON)
    write(store, a_shop, 1)

    behind_our_back(store, update(audit).where(audit.c.shop_id == a_shop.id, _number(2)).values(shop_id=other.id))

    assert "Line 2 is missing." in faults(store, a_shop)
    assert "more lines than were written" in faults(store, other)


def test_many_writers_make_one_chain(store: SqlStore, a_shop: Shop) -> None:
    writers = [threading.Thread(target=write, args=(store, a_shop, *range(10))) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert (store.audit.check(a_shop.id).number, faults(store, a_shop)) == (41, "")


def test_a_change_that_is_undone_leaves_no_line(store: SqlStore, a_shop: Shop) -> None:
    with pytest.raises(ZeroDivisionError), store.database.write() as connection:
        writing.note(connection, store.crypto, a_shop.id, Deed.TEST_SENT, who=OPERATOR, now=NOON)
        raise ZeroDivisionError

    assert (store.audit.check(a_shop.id).number, faults(store, a_shop)) == (1, "")


def test_a_shop_that_is_not_there_has_no_audit(store: SqlStore) -> None:
    store.audit.note(4711, Deed.TEST_SENT, who=OPERATOR, now=NOON)

    assert store.audit.page(4711, limit=10) == []
    assert store.audit.check(4711) == store.audit.check(4712)


def test_old_lines_go_and_the_rest_is_still_checked(store: SqlStore, a_shop: Shop) -> None:
    write(store, a_shop, 1, 2)
    store.audit.note(a_shop.id, Deed.TEST_SENT, who=PERSON, now=NOON + timedelta(days=10))
    write(store, a_shop, 3)  # by a clock that is behind: it goes when the one before it goes

    gone = store.retention.delete_audit(a_shop.id, before=NOON + timedelta(days=5))

    assert (gone, faults(store, a_shop)) == (3, "")
    assert [line.number for line in store.audit.page(a_shop.id, limit=10)] == [5, 4]
    assert store.retention.delete_audit(a_shop.id, before=NOON + timedelta(days=5)) == 0
    behind_our_back(store, delete(audit).where(_number(4)))
    assert "Line 4 is missing." in faults(store, a_shop)


def test_a_deleted_shop_takes_its_audit_with_it(store: SqlStore, a_shop: Shop) -> None:
    write(store, a_shop, 1)

    store.shops.forget(a_shop.id)

    with store.database.read() as connection:
        assert connection.execute(select(audit)).all() == []
        assert connection.execute(select(audit_heads)).all() == []


def test_lines_of_before_are_taken_into_the_chain(store: SqlStore, a_shop: Shop) -> None:
    behind_our_back(
        store,
        *(delete(audit), delete(audit_heads)),
        *(insert(audit).values(shop_id=a_shop.id, at=NOON, who="the store", what=what) for what in ("Installed.", "Left.")),
    )

    write(store, a_shop, 1)

    lines = store.audit.page(a_shop.id, limit=10)
    assert [(line.number, line.deed, line.text) for line in reversed(lines)] == [
        *((1, "", "Installed."), (2, "", "Left."), (3, "audit_began", ""), (4, "settings_changed", "")),
    ]
    assert (lines[-1].who, lines[1].facts, faults(store, a_shop)) == ("the store", {"carried": 2}, "")
    behind_our_back(store, update(audit).where(_number(1)).values(what="Nothing."))
    assert "Line 1 of" in faults(store, a_shop)


def test_lines_no_key_opens_name_nobody(store: SqlStore, a_shop: Shop) -> None:
    write(store, a_shop, 1)

    behind_our_back(store, update(audit).where(_number(2)).values(content=b"gAAAA"))

    assert [(line.who, line.deed) for line in store.audit.page(a_shop.id, limit=1)] == [("", "settings_changed")]
