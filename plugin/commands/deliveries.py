"""deliveries list and replay."""

import json

import click

from plugin.commands.opened import services
from plugin.commands.settings import SHOP
from plugin.domain.delivery import State
from plugin.domain.kinds import EventKind
from plugin.domain.reason_codes import ReasonCode
from plugin.ports import DeliveryFilter
from plugin.upkeep.install import named_shop
from plugin.upkeep.replay import replay as send_again

STATE = click.option("--state", type=click.Choice([state.value for state in State]), help="Only those in this state.")
REASON = click.option("--reason", type=click.Choice([code.value for code in ReasonCode]), help="Only with this reason code.")
KIND = click.option("--event", "kind", type=click.Choice([kind.value for kind in EventKind]), help="Only this kind.")


@click.group()
def deliveries() -> None:
    """What was sent, and what was not and why."""


@deliveries.command("list")
@SHOP
@STATE
@KIND
@REASON
@click.option("--limit", type=click.IntRange(1, 100_000), default=100, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def list_deliveries(key: str, state: str | None, kind: str | None, reason: str | None, limit: int, as_json: bool) -> None:
    """Newest first."""
    opened = services()
    shop = named_shop(opened.store, opened.platforms, key).shop
    for row in opened.store.log.list(_filter(shop.id, state, kind, reason, limit=limit)):
        click.echo(json.dumps(row, ensure_ascii=False) if as_json else _line(row))


@deliveries.command()
@SHOP
@STATE
@KIND
@REASON
@click.option("--id", "ids", type=int, multiple=True, help="Only this delivery; may be given several times.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def replay(key: str, state: str | None, kind: str | None, reason: str | None, ids: tuple[int, ...], yes: bool) -> None:
    """Send again what matches: failed and delivered ones as they are, held and skipped ones decided anew."""
    opened = services()
    shop = named_shop(opened.store, opened.platforms, key).shop
    if not yes and not ids:
        click.confirm(f"Send every {state or 'finished'} delivery of {shop.key} again?", abort=True)
    wanted = _filter(shop.id, state, kind, reason, ids=ids, limit=1_000_000)
    click.echo(f"{send_again(opened.store, wanted, now=opened.now())} will be sent again.")


def _filter(
    shop_id: int, state: str | None, kind: str | None, reason: str | None, *, limit: int, ids: tuple[int, ...] = ()
) -> DeliveryFilter:
    return DeliveryFilter(
        shop_id=shop_id,
        state=State(state) if state else None,
        kind=EventKind(kind) if kind else None,
        reason_code=ReasonCode(reason) if reason else None,
        ids=ids,
        limit=limit,
    )


def _line(row: object) -> str:
    assert isinstance(row, dict)
    told = row["reason"] or row["rule"]
    return f"{row['id']}\t{row['created_at']}\t{row['kind']}\t{row['state']}\t{row['locale'] or '-'}\t{told}"
