"""Activity log: a chain of lines for each shop, which nobody without the key changes unseen."""

import threading
from collections.abc import Callable, Iterator, MutableMapping
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
from plugin.storage.shops import audit_checking
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
    "everything gone": (lambda _: [delete(audit), delete(audit_heads)], "the row that says so is missing"),
    "everything gone, other lines of before put in": (
        lambda shop_id: [
            delete(audit), delete(audit_heads), insert(audit).values(shop_id=shop_id, at=NOON, who="operator", what="Forged."),
        ],
        "the row that says so is missing",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("forge", "told"), FORGERIES.values(), ids=FORGERIES)
def test_what_is_done_to_a_line_is_found(
    store: SqlStore, a_shop: Shop, forge: Callable[[int], list[Executable]], told: str
) -> None:
    write(store, a_shop, 1, 2, 3)

    behind_our_back(store, *forge(a_shop.id))

    assert told in faults(store, a_shop)


@pytest.mark.parametrize("forge", [forge for forge, _ in FORGERIES.values()], ids=FORGERIES)
def test_what_was_done_stays_found_when_lines_are_written_after_it(
    store: SqlStore, a_shop: Shop, forge: Callable[[int], list[Executable]]
) -> None:
    write(store, a_shop, 1, 2, 3)
    behind_our_back(store, *forge(a_shop.id))

    write(store, a_shop, 4, 5)

    assert faults(store, a_shop)
    assert [line.facts for line in store.audit.page(a_shop.id, limit=2)] == [{"version": 5}, {"version": 4}]


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


@pytest.mark.parametrize(
    "lose",
    [[delete(audit_heads)], [delete(audit), delete(audit_heads)], [update(audit_heads).values(number=3)]],
    ids=["the head", "everything", "the end"],
)
def test_a_chain_without_its_head_goes_on_behind_a_line_that_says_so(
    store: SqlStore, a_shop: Shop, lose: list[Executable], logged: list[MutableMapping[str, Any]]
) -> None:
    write(store, a_shop, 1, 2, 3)
    before = len(store.audit.page(a_shop.id, limit=10)) if len(lose) == 1 else 0
    behind_our_back(store, *lose)

    write(store, a_shop, 4, 5)

    deeds = [line.deed for line in store.audit.page(a_shop.id, limit=3)]
    assert deeds == ["settings_changed", "settings_changed", "audit_broken"]
    assert [(line["event"], line["log_level"], line["line"]) for line in logged] == [("audit broken", "error", before + 1)]
    [fault] = store.audit.check(a_shop.id).faults
    assert fault == store.audit.check_ends(a_shop.id).faults[0]
    assert f"Before line {before + 1} the row that says where" in fault


def test_what_is_done_after_a_break_is_found_too(store: SqlStore, a_shop: Shop) -> None:
    write(store, a_shop, 1)
    behind_our_back(store, delete(audit_heads))
    write(store, a_shop, 2)

    behind_our_back(store, update(audit).where(_number(2)).values(deed="installed"), delete(audit).where(_number(4)))

    told = faults(store, a_shop)
    assert "Line 2 of" in told
    assert "Line 4 is missing." in told


def test_a_break_is_told_until_its_line_is_old_enough_to_go(store: SqlStore, a_shop: Shop) -> None:
    write(store, a_shop, 1, 2)
    store.retention.delete_audit(a_shop.id, before=NOON + timedelta(days=1))
    write(store, a_shop, 3)
    behind_our_back(store, delete(audit_heads))
    store.audit.note(a_shop.id, Deed.TEST_SENT, who=PERSON, now=NOON + timedelta(days=10))
    assert len(store.audit.check(a_shop.id).faults) == 1  # the line after those that were deleted is no fault

    store.retention.delete_audit(a_shop.id, before=NOON + timedelta(days=5))
    assert len(store.audit.check(a_shop.id).faults) == 1
    store.retention.delete_audit(a_shop.id, before=NOON + timedelta(days=11))

    assert faults(store, a_shop) == ""
    write(store, a_shop, 4)
    assert faults(store, a_shop) == ""


def test_many_writers_find_a_lost_head_once(store: SqlStore, a_shop: Shop) -> None:
    behind_our_back(store, delete(audit_heads))
    writers = [threading.Thread(target=write, args=(store, a_shop, *range(5))) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    deeds = [line.deed for line in store.audit.page(a_shop.id, limit=50)]
    assert (len(deeds), deeds.count("audit_broken"), len(store.audit.check(a_shop.id).faults)) == (22, 1, 1)


def test_a_shop_that_comes_back_after_its_audit_was_taken_away_does_not_begin_afresh(store: SqlStore, a_shop: Shop) -> None:
    behind_our_back(store, delete(audit), delete(audit_heads))

    store.shops.install(a_shop, {}, now=NOON)

    assert "Before line 1 " in faults(store, a_shop)


def test_lines_made_old_are_not_deleted_for_it(store: SqlStore, a_shop: Shop) -> None:
    write(store, a_shop, 1, 2)
    behind_our_back(store, update(audit).where(audit.c.number <= 2).values(at=NOON - timedelta(days=500)))

    assert store.retention.delete_audit(a_shop.id, before=NOON - timedelta(days=400)) == 0

    assert "Line 2 of" in faults(store, a_shop)


def test_a_changed_line_goes_with_true_ones_that_are_old(store: SqlStore, a_shop: Shop) -> None:
    write(store, a_shop, 1, 2)
    behind_our_back(store, update(audit).where(_number(2)).values(deed="installed"))

    assert store.retention.delete_audit(a_shop.id, before=NOON + timedelta(days=1)) == 3


def test_a_line_an_older_process_writes_beside_the_chain_is_remarked_on(store: SqlStore, a_shop: Shop) -> None:
    behind_our_back(store, insert(audit).values(shop_id=a_shop.id, at=NOON, who="the store", what="Left."))

    write(store, a_shop, 1)

    check = store.audit.check(a_shop.id)
    assert check.faults == ()
    assert [remark.partition(",")[0] for remark in check.remarks] == ["1 line stands beside the chain"]
    assert [line.number for line in store.audit.page(a_shop.id, limit=10)] == [2, None, 1]


def test_a_line_written_during_the_check_is_no_fault(store: SqlStore, a_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    write(store, a_shop, 1)
    of_head = audit_checking._of_head

    def write_meanwhile(*given: Any) -> Iterator[str]:
        write(store, a_shop, 2)
        return of_head(*given)

    monkeypatch.setattr(audit_checking, "_of_head", write_meanwhile)

    assert (store.audit.check(a_shop.id).faults, store.audit.check_ends(a_shop.id).faults) == ((), ())


ENDS = (
    *("the newest taken out", "the first taken out", "the end taken back", "the beginning pruned", "the head gone"),
    *("one put in at the end", "everything gone", "everything gone, other lines of before put in"),
)


@pytest.mark.parametrize("name", ENDS)
def test_what_is_done_to_an_end_is_found_without_a_look_at_the_rest(store: SqlStore, a_shop: Shop, name: str) -> None:
    write(store, a_shop, 1, 2, 3)
    forge, told = FORGERIES[name]

    behind_our_back(store, *forge(a_shop.id))

    assert told in " ".join(store.audit.check_ends(a_shop.id).faults)


def test_another_newest_line_is_found_without_a_look_at_the_rest(store: SqlStore, a_shop: Shop) -> None:
    write(store, a_shop, 1)
    forged = insert(audit).values(shop_id=a_shop.id, at=NOON, who="", what="", number=2, deed="installed", seal="f" * 64)

    behind_our_back(store, delete(audit).where(_number(2)), forged)

    assert store.audit.check_ends(a_shop.id).faults == ("Line 2 is not the one that was written last.",)


def test_the_ends_of_a_chain_whose_lines_are_all_deleted_are_whole(store: SqlStore, a_shop: Shop) -> None:
    store.retention.delete_audit(a_shop.id, before=NOON + timedelta(days=1))

    assert store.audit.page(a_shop.id, limit=1) == []
    assert store.audit.check_ends(a_shop.id).faults == ()


def test_lines_no_key_opens_name_nobody(store: SqlStore, a_shop: Shop) -> None:
    write(store, a_shop, 1)

    behind_our_back(store, update(audit).where(_number(2)).values(content=b"gAAAA"))

    assert [(line.who, line.deed) for line in store.audit.page(a_shop.id, limit=1)] == [("", "settings_changed")]
