"""settings export and import, send-test."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from plugin.commands.opened import services
from plugin.domain.audit import OPERATOR, Deed
from plugin.domain.delivery import Hold, Skip, Verdict
from plugin.domain.kinds import EventKind
from plugin.domain.settings.file import SettingsRefused, write_settings_file
from plugin.upkeep.install import import_file as take_file
from plugin.upkeep.install import named_shop, still_here, still_running
from plugin.upkeep.send_test import made_up_event
from plugin.upkeep.send_test import send_test as send_one

SHOP = click.option("--shop", "key", required=True, help="platform:address, such as shopify:demo.myshopify.com")


@click.group()
def settings() -> None:
    """Export or import a shop's settings as one JSON file."""


@settings.command("export")
@SHOP
@click.option("--with-secrets", is_flag=True, help="Include event URLs and keys; keep the file secret.")
def export(key: str, with_secrets: bool) -> None:
    """Print the shop's settings file."""
    opened = services()
    found = named_shop(opened.store, opened.platforms, key)
    shop = still_here(found) if with_secrets else found.shop
    document = write_settings_file(opened.store.shops.settings(shop.id), with_secrets=with_secrets)
    facts = {"with_secrets": int(with_secrets)}
    opened.store.audit.note(shop.id, Deed.SETTINGS_EXPORTED, who=OPERATOR, facts=facts, now=opened.now())
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


@settings.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@SHOP
def import_file(file: Path, key: str) -> None:
    """Replace the shop's settings with those in FILE; if anything in it is wrong, nothing is changed.

    Secrets that the file leaves out stay as they are stored.
    """
    opened = services()
    shop = named_shop(opened.store, opened.platforms, key).shop
    try:
        version, confirmation = take_file(opened.store, shop.id, _read(file), who=OPERATOR, now=opened.now())
    except SettingsRefused as refused:
        for error in refused.errors:
            click.echo(f"{error.path}: {error.message}", err=True)
        raise click.ClickException(f"{file}: nothing was changed. Problems to fix: {len(refused.errors)}.") from refused
    click.echo(f"Saved the settings of {shop.key} (version {version}).")
    if confirmation:
        click.echo(confirmation)


@click.command("send-test")
@SHOP
@click.option("--event", "kind", type=click.Choice([kind.value for kind in EventKind]), default="order_paid", show_default=True)
@click.option("--email", required=True, help="Your own email address: the flow sends to it.")
@click.option("--locale", default="", help="The buyer's language to test with, such as pl-PL.")
def send_test(key: str, kind: str, email: str, locale: str) -> None:
    """Send one made-up event to SendPulse and print the answer; nothing is stored."""
    opened = services()
    shop = still_running(named_shop(opened.store, opened.platforms, key))
    event = made_up_event(EventKind(kind), shop, email=email, locale=locale, now=opened.now())
    shop_settings = opened.store.shops.settings(shop.id)
    opened.store.audit.note(shop.id, Deed.TEST_SENT, who=OPERATOR, facts={"kind": kind}, now=opened.now())
    result = send_one(
        event, shop, shop_settings, write_bodies=opened.write_bodies, short_link=opened.short_link, post=opened.post
    )
    if isinstance(result, Skip | Hold):
        raise click.ClickException(f"Not sent: {result.reason} {result.fix}".strip())
    choice, body, outcome = result
    text = opened.as_sent(choice.route.send, body)
    click.echo(
        f"Flow: {choice.rule}\nBody: {text}\nAnswer: {outcome.status or 'none'}, {outcome.verdict.value}: {outcome.reason}"
    )
    if outcome.verdict is not Verdict.DELIVERED:
        raise click.ClickException(outcome.fix or outcome.reason)


def _read(file: Path) -> Any:
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise click.ClickException(f"{file} is not JSON: {error}. Nothing was changed.") from error
