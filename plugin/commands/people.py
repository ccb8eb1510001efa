"""people export and erase."""

from collections.abc import Callable, Mapping
from typing import Any

import click

from plugin.commands.opened import services
from plugin.commands.settings import SHOP
from plugin.domain.audit import OPERATOR
from plugin.domain.person import Holding, Person
from plugin.upkeep.install import named_shop
from plugin.upkeep.people import SHARED, Sought, by_hand, look, seek
from plugin.upkeep.people import erase as delete_all
from plugin.upkeep.people import export as written
from plugin.wiring import Services

EMAIL = click.option("--email", default="", help="The person's email address.")
PHONE = click.option("--phone", default="", help="The person's phone number with its country code, such as +48512345678.")
CUSTOMER = click.option("--customer-id", default="", help="The customer's ID in the store.")


def _named(command: Callable[..., Any]) -> Callable[..., Any]:
    """Takes the options that name a person of a shop."""
    return SHOP(EMAIL(PHONE(CUSTOMER(command))))


@click.group()
def people() -> None:
    """Export or delete what is kept about one person of a shop, found by any one of these."""


@people.command()
@_named
def export(key: str, email: str, phone: str, customer_id: str) -> None:
    """Print everything that is kept about the person, as JSON."""
    opened = services()
    sought = _sought(opened, key, email, phone, customer_id)
    for piece in written(opened.store, sought, who=OPERATOR, now=opened.now()):
        click.echo(piece, nl=False)


@people.command()
@_named
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
def erase(key: str, email: str, phone: str, customer_id: str, yes: bool) -> None:
    """Delete everything that is kept about the person; what still waits to be sent to them is not sent."""
    opened = services()
    sought = _sought(opened, key, email, phone, customer_id)
    if not yes:
        counts = look(opened.store, sought, who=OPERATOR, now=opened.now())
        click.echo(_listed(counts) or "Nothing is kept about this person.", err=True)
        click.confirm(f"Delete everything about this person from {sought.shop.key}?", abort=True, err=True)
    erased = delete_all(opened.store, sought, who=OPERATOR, now=opened.now())
    click.echo(f"Deleted: {_listed(erased)}." if erased else "Nothing was kept about this person.")
    account = opened.store.shops.settings(sought.shop.id).account
    if account.has_keys:
        click.echo("SendPulse is being asked to delete this person, too; see the page Customers' data for the result.")
    click.echo(by_hand(account))


def _sought(opened: Services, key: str, email: str, phone: str, customer_id: str) -> Sought:
    shop = named_shop(opened.store, opened.platforms, key).shop
    person = Person(email=email, phone=phone, customer_id=customer_id.strip())
    sought = seek(opened.store, opened.platforms[shop.platform], shop, person)
    if sought.is_shared:
        click.echo(SHARED, err=True)
    return sought


def _listed(counts: Mapping[Holding, int]) -> str:
    """How many of each kind: `events 3, deliveries 2`."""
    return ", ".join(f"{holding.value.replace('_', ' ')} {counts[holding]}" for holding in Holding if counts.get(holding))
