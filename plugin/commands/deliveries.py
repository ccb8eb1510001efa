"""deliveries list and replay."""

import json
from datetime import datetime

import click

from plugin.commands.opened import services
from plugin.commands.settings import SHOP
from plugin.domain.audit import OPERATOR, Deed
from plugin.domain.delivery import State
from plugin.domain.event import sentences
from plugin.domain.kinds import EventKind
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.shop import Shop
from plugin.ports import DeliveryFilter, LoggedAttempt, LoggedDelivery
from plugin.upkeep.install import named_shop
from plugin.upkeep.replay import replay as send_again

STATE = click.option("--state", type=click.Choice([state.value for state in State]), help="Only deliveries in this state.")
REASON = click.option(
    "--reason", type=click.Choice([code.value for code in ReasonCode]), help="Only deliveries with this reason code."
)
ROW_ID = click.IntRange(1, 2**63 - 1)  #: what either database stores
KIND = click.option(
    "--event", "kind", type=click.Choice([kind.value for kind in EventKind]), help="Only deliveries of this kind of event."
)


@click.group()
def deliveries() -> None:
    """List what was sent and what was not, and send again."""


@deliveries.command("list")
@SHOP
@STATE
@KIND
@REASON
@click.option("--limit", type=click.IntRange(1, 100_000), default=100, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line.")
def list_deliveries(key: str, state: str | None, kind: str | None, reason: str | None, limit: int, as_json: bool) -> None:
    """List a shop's deliveries, newest first."""
    opened = services()
    shop = named_shop(opened.store, opened.platforms, key).shop
    rows = opened.store.log.list(_filter(shop.id, state, kind, reason, limit=limit))
    opened.store.audit.note(shop.id, Deed.LOG_READ, who=OPERATOR, facts={"deliveries": len(rows)}, now=opened.now())
    for found in rows:
        click.echo(json.dumps(_document(shop, found), ensure_ascii=False) if as_json else _line(found))


@deliveries.command()
@SHOP
@STATE
@KIND
@REASON
@click.option("--id", "ids", type=ROW_ID, multiple=True, help="Only this delivery; can be given several times.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
def replay(key: str, state: str | None, kind: str | None, reason: str | None, ids: tuple[int, ...], yes: bool) -> None:
    """Send matching deliveries again: failed and delivered ones as they are, held and skipped ones by today's settings."""
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


def _line(found: LoggedDelivery) -> str:
    why = found.reason or found.rule
    return f"{found.id}\t{found.created_at.isoformat()}\t{found.kind}\t{found.state}\t{found.locale or '-'}\t{why}"


def _document(shop: Shop, found: LoggedDelivery) -> dict[str, object]:
    """A delivery as JSON; scripts rely on its keys."""
    return {
        "shop": shop.key, "id": found.id, "event_id": found.event_id, "part": found.part, "kind": found.kind.value,
        "state": found.state.value, "locale": found.locale, "automation_id": found.automation_id,
        "flow_match": found.flow_match, "rule": found.rule, "reason_code": found.reason_code, "reason": found.reason,
        "fix": found.fix, "partial": " ".join(sentences(found.partial)), "happened_at": _iso(found.happened_at),
        "created_at": _iso(found.created_at), "due_at": _iso(found.due_at),
        "finished_at": _iso(found.finished_at), "attempts": [_attempt(attempt) for attempt in found.attempts],
    }  # fmt: skip


def _attempt(attempt: LoggedAttempt) -> dict[str, object]:
    """One attempt; its verdict is "" while it runs."""
    return {
        "number": attempt.number, "started_at": _iso(attempt.started_at), "took_ms": attempt.took_ms,
        "verdict": attempt.verdict.value if attempt.verdict else "", "status": attempt.status,
        "reason_code": attempt.reason_code, "reason": attempt.reason,
        "fix": attempt.fix, "answer": attempt.answer,
    }  # fmt: skip


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
