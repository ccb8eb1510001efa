"""audit list: who did what in a shop."""

import json

import click

from plugin.commands.opened import services
from plugin.commands.settings import SHOP
from plugin.domain.audit import OPERATOR, AuditLine, Deed
from plugin.domain.shop import Shop
from plugin.upkeep.install import named_shop


@click.group()
def audit() -> None:
    """Show who changed, sent, exported or viewed what."""


@audit.command("list")
@SHOP
@click.option("--limit", type=click.IntRange(1, 100_000), default=100, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line.")
@click.option("--verify", is_flag=True, help="Check first that no line was changed; exit with 1 if one was.")
def list_lines(key: str, limit: int, as_json: bool, verify: bool) -> None:
    """List a shop's activity, newest first. Reading it is recorded, too."""
    opened = services()
    shop, store = named_shop(opened.store, opened.platforms, key).shop, opened.store.audit
    store.gather_refused(shop.id, now=opened.now())
    check = store.check(shop.id) if verify else None
    for line in store.page(shop.id, limit=limit):
        click.echo(json.dumps(_document(shop, line), ensure_ascii=False) if as_json else _text(line))
    store.note(shop.id, Deed.AUDIT_READ, who=OPERATOR, now=opened.now())
    if check is None:
        return
    for sentence in (*check.faults, *check.remarks):
        click.echo(f"{shop.key}: {sentence}", err=True)
    if check.faults:
        raise SystemExit(1)
    click.echo(f"{shop.key}: no line was changed; the newest is {check.number}, with the seal {check.seal}.", err=True)


def _text(line: AuditLine) -> str:
    facts = " ".join(f"{name}={value}" for name, value in line.facts.items())
    facts = facts if line.number is not None else "unsealed"
    return f"{line.at.isoformat()}\t{line.who}\t{line.address or '-'}\t{line.deed or line.text}\t{facts}".rstrip()


def _document(shop: Shop, line: AuditLine) -> dict[str, object]:
    """A line as JSON; scripts rely on its keys."""
    return {
        "shop": shop.key, "number": line.number, "at": line.at.isoformat(), "who": line.who, "address": line.address,
        "deed": line.deed, "facts": dict(line.facts), "text": line.text,
    }  # fmt: skip
