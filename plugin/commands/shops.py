"""shops list, add, suspend, resume, remove."""

import click
import structlog

from plugin.commands.opened import services
from plugin.domain.errors import Misconfigured
from plugin.domain.locale import parse
from plugin.domain.shop import Shop
from plugin.upkeep.install import add_shop, deleted_on, named_shop, split_key

log = structlog.get_logger()


@click.group()
def shops() -> None:
    """List, add, suspend, resume and remove shops."""


@shops.command("list")
def list_shops() -> None:
    """Print one line per shop: key, status, language, time zone, and when an uninstalled one will be deleted."""
    opened = services()
    for found in opened.store.shops.list():
        state = "left" if not found.is_active else "suspended" if found.suspended_at else "installed"
        line = f"{found.shop.key}\t{state}\t{found.shop.locale or '-'}\t{found.shop.timezone}"
        day = deleted_on(found, days=opened.settings.uninstalled_days)
        click.echo(f"{line}\tdeleted on {day}" if day else line)


@shops.command()
@click.option("--platform", required=True, help="The platform's name, such as shopify.")
@click.option("--address", required=True, help="The shop's address there: demo.myshopify.com, https://shop.example/graphql/")
@click.option("--locale", default="", help="The shop's own language, such as en or pl-PL.")
@click.option("--timezone", default="UTC", help="IANA name, such as Europe/Warsaw.")
@click.option("--currency", default="", help="ISO 4217, such as PLN.")
@click.option("--name", default="", help="The shop's name, as buyers know it.")
@click.option("--link", default="", help="The storefront's address.")
@click.option("--token", default="", help="An API token of the shop, if the app is not installed from its store.")
def add(platform: str, address: str, locale: str, timezone: str, currency: str, name: str, link: str, token: str) -> None:
    """Add a shop without installing the app from its store, or change one."""
    opened = services()
    chosen, clean_address = split_key(opened.platforms, f"{platform}:{address}")
    shop = Shop(
        id=0, platform=chosen.name, address=clean_address, name=name, link=link.rstrip("/"),
        locale=locale, timezone=timezone, currency=currency.upper(),
    )  # fmt: skip
    if locale and parse(locale) is None:
        raise Misconfigured(f"--locale: {locale!r} is not a language tag; enter one such as en, pl-PL or zh-Hant.")
    if shop.zone.key != timezone:
        raise Misconfigured(f"--timezone: {timezone!r} is not known; enter an IANA name such as Europe/Warsaw.")
    added = add_shop(opened.store, chosen, shop, token=token, now=opened.now())
    click.echo(f"Added {added.key}. Next: settings import FILE --shop {added.key}")
    if named_shop(opened.store, opened.platforms, added.key).suspended_at:
        click.echo(f"It is suspended: nothing is sent for it until you run `shops resume {added.key}`.")


@shops.command()
@click.argument("key")
def suspend(key: str) -> None:
    """Stop sending for a shop; what its store sends is kept until `shops resume`."""
    opened = services()
    shop = named_shop(opened.store, opened.platforms, key).shop
    if not opened.store.shops.suspend(shop.id, now=opened.now()):
        raise Misconfigured(f"{shop.key} is already suspended. To resume it, run `shops resume {shop.key}`.")
    click.echo(f"{shop.key} is suspended: nothing is sent for it until you run `shops resume {shop.key}`.")


@shops.command()
@click.argument("key")
def resume(key: str) -> None:
    """Resume a suspended shop where it stopped."""
    opened = services()
    shop = named_shop(opened.store, opened.platforms, key).shop
    if not opened.store.shops.resume(shop.id, now=opened.now()):
        raise Misconfigured(f"{shop.key} is not suspended.")
    click.echo(f"{shop.key} is resumed.")


@shops.command()
@click.argument("key")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
def remove(key: str, yes: bool) -> None:
    """Delete a shop with all its data."""
    opened = services()
    found = named_shop(opened.store, opened.platforms, key)
    shop = found.shop
    if not yes:
        click.confirm(f"Delete {shop.key} with its settings, events and log?", abort=True)
    opened.store.shops.forget(shop.id)
    log.warning("shop removed", shop=shop.key)  # its audit went with it
    click.echo(f"{shop.key} is deleted." + (" If it comes back, it will still be suspended." if found.suspended_at else ""))
