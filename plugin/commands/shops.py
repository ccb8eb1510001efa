"""shops list, add, remove."""

import click

from plugin.commands.opened import services
from plugin.domain.errors import Misconfigured
from plugin.domain.locale import parse
from plugin.domain.shop import Shop
from plugin.upkeep.install import add_shop, deleted_on, named_shop, split_key


@click.group()
def shops() -> None:
    """Which shops are here."""


@shops.command("list")
def list_shops() -> None:
    """One line a shop: its key, whether it is installed, its language and time zone, and when one that left is deleted."""
    opened = services()
    for found in opened.store.shops.list():
        state = "installed" if found.is_active else "left"
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
@click.option("--token", default="", help="An API token of the shop, where it has no install handshake.")
def add(platform: str, address: str, locale: str, timezone: str, currency: str, name: str, link: str, token: str) -> None:
    """Make a shop without an install handshake, or change one."""
    opened = services()
    chosen, clean_address = split_key(opened.platforms, f"{platform}:{address}")
    shop = Shop(
        id=0, platform=chosen.name, address=clean_address, name=name, link=link.rstrip("/"),
        locale=locale, timezone=timezone, currency=currency.upper(),
    )  # fmt: skip
    if locale and parse(locale) is None:
        raise Misconfigured(f"--locale: {locale!r} is no language tag; write one such as en, pl-PL or zh-Hant.")
    if shop.zone.key != timezone:
        raise Misconfigured(f"--timezone: {timezone!r} is not known; write an IANA name such as Europe/Warsaw.")
    added = add_shop(opened.store, chosen, shop, token=token, now=opened.now())
    click.echo(f"{added.key} is here. Next: settings import FILE --shop {added.key}")


@shops.command()
@click.argument("key")
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove(key: str, yes: bool) -> None:
    """Delete a shop and everything of it."""
    opened = services()
    shop = named_shop(opened.store, opened.platforms, key).shop
    if not yes:
        click.confirm(f"Delete {shop.key} with its settings, events and log?", abort=True)
    opened.store.shops.forget(shop.id)
    click.echo(f"{shop.key} is deleted.")
