"""keys rotate, env, app-file, doctor: for whoever runs the app."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from plugin.commands.opened import services
from plugin.config import VARIABLES, BadEnvironment, Settings, Variable, described, read
from plugin.domain.audit import OPERATOR, Deed
from plugin.domain.errors import StorageDown
from plugin.platforms import discover
from plugin.upkeep.doctor import findings, unwiped
from plugin.wiring import assemble

ANY_ADDRESS: Final = "https://app.example.com"  #: in the files of the repository, where the app's own address belongs
_TO_FILL: Final = re.compile(r"REPLACE-WITH-([A-Z_]+)")  #: and the variable whose value does


@click.group()
def keys() -> None:
    """Manage the keys that encrypt the stored data."""


@keys.command()
def rotate() -> None:
    """Encrypt everything again with the first of ENCRYPTION_KEYS, in small steps, while the app runs."""
    from plugin.storage.db.keys import rotate_keys

    opened = services()
    counts = rotate_keys(opened.store)
    for found in opened.store.shops.list():
        opened.store.audit.note(found.shop.id, Deed.KEYS_ROTATED, who=OPERATOR, now=opened.now())
    for what, count in counts.items():
        click.echo(f"{what}: {count} encrypted again")


def _variables() -> tuple[Variable, ...]:
    return VARIABLES + tuple(variable for folder in discover().values() for variable in folder.variables)


@click.command()
def env() -> None:
    """Print every environment variable with its value (secrets masked) and its meaning."""
    for name, value, meaning in described(_variables(), os.environ):
        click.echo(f"{name}={value}\n    {meaning}")


@click.command("app-file")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def app_file(file: Path) -> None:
    """Print FILE, such as shopify.app.toml, with this app's own address and IDs in it, ready to deploy."""
    address = Settings.from_environ().public_url
    if not address.startswith("https://"):
        raise BadEnvironment(f"PUBLIC_URL: found {address}; stores reach an app only at an address that starts with https://.")
    open_to_all = {variable.name: variable for variable in _variables() if not variable.is_secret}

    def filled(found: re.Match[str]) -> str:
        name = found[1]
        value = read(os.environ, open_to_all[name]) if name in open_to_all else ""
        if not value:
            raise BadEnvironment(f"{name}: not set, and {file.name} needs it.")
        return value

    click.echo(_TO_FILL.sub(filled, file.read_text(encoding="utf-8")).replace(ANY_ADDRESS, address), nl=False)


@click.command()
def doctor() -> None:
    """Check the installation and say how to fix what is wrong; exits with 1 if anything is."""
    found = list(_examined())
    for sentence in found:
        click.echo(f"- {sentence}")
    if found:
        raise SystemExit(1)
    click.echo("Nothing is wrong.")


def _examined() -> Iterator[str]:
    from plugin.storage.db.engine import sqlite_path
    from plugin.storage.db.files import exposed

    settings = Settings.from_environ()
    try:
        opened = assemble(settings, os.environ)
        opened.store.check()
    except StorageDown as error:
        yield f"{error} Check DATABASE_URL, then run `sendpulse-plugin migrate`."
        return
    if settings.is_sqlite:
        yield from exposed(sqlite_path(settings))
    yield from unwiped(opened.store, largest=settings.rewrite_bytes)
    if settings.public_url.startswith("https://") and not settings.trusted_proxies:
        yield (
            "TRUSTED_PROXIES is empty, yet PUBLIC_URL is https, so there must be a proxy: all its clients count as one "
            "address and share its limits. Set TRUSTED_PROXIES to the addresses the proxy connects from."
        )
    if settings.public_url.startswith("https://") and settings.publisher.missing:
        yield (
            f"{', '.join(settings.publisher.missing)}: not set. Merchants see them when they install the app, and on its "
            "pages. Neither store lists an app without a support page and a privacy policy."
        )
    yield from findings(
        opened.store, public_url=settings.public_url, is_sandbox=settings.is_sandbox, now=opened.now(),
        platforms=opened.platforms,
    )  # fmt: skip
