"""What platforms do not let this app do: a row for each duty of a shop that is not done."""

from collections.abc import Sequence

from sqlalchemy import Column, ColumnElement, Connection, ForeignKey, Integer, Table, Text, delete, literal, select

from plugin.domain.refusal import Duty, Refusal
from plugin.storage.db.columns import Moment
from plugin.storage.db.engine import Database
from plugin.storage.db.tables import metadata, shops

store_refusals = Table(
    "store_refusals",
    metadata,
    Column("shop_id", ForeignKey("shops.id", ondelete="CASCADE"), primary_key=True),
    Column("duty", Text, primary_key=True),
    Column("since", Moment, nullable=False),
    Column("is_final", Integer, nullable=False),  # 1 when the platform said no, 0 when it may pass by itself
    Column("reason", Text, nullable=False),
    Column("fix", Text, nullable=False),
)
_columns = store_refusals.c


class SqlRefusals:
    """`ports.Refusals` on our tables."""

    _database: Database

    def refused(self, shop_id: int, refusal: Refusal) -> None:
        if any(_is_same(known, refusal) for known in self.refusals(shop_id)):
            return
        said = {"is_final": int(refusal.is_final), "reason": refusal.reason, "fix": refusal.fix}
        row = {"duty": refusal.duty.value, "since": refusal.since, **said}
        values = [literal(value, _columns[name].type) for name, value in row.items()]
        is_here = (shops.c.id == shop_id) & shops.c.left_at.is_(None)
        statement = self._database.insert(store_refusals).from_select(
            ["shop_id", *row], select(shops.c.id, *values).where(is_here)
        )
        with self._database.write() as connection:
            connection.execute(statement.on_conflict_do_update(index_elements=["shop_id", "duty"], set_=said))

    def accepted(self, shop_id: int, duty: Duty) -> None:
        if not any(known.duty is duty for known in self.refusals(shop_id)):
            return  # as nearly always: nothing is written
        with self._database.write() as connection:
            connection.execute(delete(store_refusals).where(_of(shop_id), _columns.duty == duty.value))

    def refusals(self, shop_id: int) -> Sequence[Refusal]:
        query = select(store_refusals).where(_of(shop_id)).order_by(_columns.since, _columns.duty)
        return [
            Refusal(duty=Duty(row.duty), reason=row.reason, fix=row.fix, is_final=bool(row.is_final), since=row.since)
            for row in self._database.read_once(query)
        ]


def forget_refusals(connection: Connection, shop_id: int) -> None:
    """A new installation begins without any."""
    connection.execute(delete(store_refusals).where(_of(shop_id)))


def _of(shop_id: int) -> ColumnElement[bool]:
    return _columns.shop_id == shop_id


def _is_same(one: Refusal, other: Refusal) -> bool:
    return (one.duty, one.reason, one.fix, one.is_final) == (other.duty, other.reason, other.fix, other.is_final)
