"""No command for one shop reads or changes what belongs to another, whatever ids it is given."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from plugin.commands import main
from plugin.config import Settings
from plugin.domain.shop import Shop
from plugin.platforms import find_testkit
from plugin.storage import SqlStore
from plugin.storage.db.tables import deliveries, metadata
from tests.support.builders import NOON, a_contact, a_settings_document
from tests.support.storage.situations import a_delivery

PLANTED: Final = "Zenobia"  #: the first name of the victim's buyer
PERSON: Final = "planted.person@example.com"  #: the address, which who asks knows
#: What each command is asked for the other shop: {shop} is that shop, {id} a delivery of the victim's, {person} its buyer.
ASKED: Final[Mapping[str, Sequence[str]]] = {
    "shops remove": ("{shop}", "--yes"),
    "shops suspend": ("{shop}",),
    "shops resume": ("{shop}",),
    "audit list": ("--shop", "{shop}", "--json", "--verify"),
    "settings export": ("--shop", "{shop}", "--with-secrets"),
    "settings import": ("{file}", "--shop", "{shop}"),
    "send-test": ("--shop", "{shop}", "--event", "order_paid", "--email", "me@example.com"),
    "deliveries list": ("--shop", "{shop}", "--json"),
    "people export": ("--shop", "{shop}", "--email", "{person}"),
    "people erase": ("--shop", "{shop}", "--email", "{person}", "--yes"),
    "deliveries replay": ("--shop", "{shop}", "--id", "{id}", "--yes"),
}
#: Those that are about no single shop.
ABOUT_NO_SHOP: Final = {
    "serve", "web", "worker", "migrate", "sandbox", "shops list", "shops add", "keys rotate", "env",
    "app-file", "doctor",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Two:
    """The victim, whose every row is compared, and the shop that is asked for."""

    store: SqlStore
    victim: Shop
    words: Mapping[str, str]
    environ: Mapping[str, str]

    def run(self, command: str) -> Result:
        words = [*command.split(), *(word.format(**self.words) for word in ASKED[command])]
        return CliRunner().invoke(main, words, env=self.environ, input="y\n")

    def rows(self) -> Mapping[str, Any]:
        """Every row of the victim's."""
        found = {}
        with self.store.database.read() as connection:
            for table in metadata.sorted_tables:
                owner = table.c.get("shop_id") if table.name != "shops" else table.c.id
                if owner is not None:
                    rows = select(table).where(owner == self.victim.id).order_by(*table.primary_key)
                    found[table.name] = connection.execute(rows).all()
        return found


@pytest.fixture
def two(store: SqlStore, settings: Settings, tmp_path: Path) -> Two:
    kit, shops = find_testkit("shopify"), []
    for name in ("victim", "other"):
        shop, access = kit.installation(f"{name}.myshopify.com")
        shops.append(store.shops.install(shop, access, now=NOON))
        store.shops.write_settings(shops[-1].id, a_settings_document(), who="test", now=NOON)
    victim, other = shops
    a_delivery(store, victim, contact=a_contact(email=PERSON, first_name=PLANTED))
    with store.database.read() as connection:
        delivery = connection.execute(select(deliveries.c.id)).scalar_one()
    file = tmp_path / "settings.json"
    file.write_text(json.dumps(a_settings_document() | {"flows": []}))
    words = {"shop": f"shopify:{other.address}", "id": str(delivery), "person": PERSON, "file": str(file)}
    environ = {
        "DATABASE_URL": settings.database_url, "ENCRYPTION_KEYS": ",".join(settings.encryption_keys),
        "SECRET_KEY": settings.secret_key, "PUBLIC_URL": "https://app.example", "PLUGIN_SANDBOX": "1",
        "SENDPULSE_EVENTS_URL": "http://127.0.0.1:9",
    }  # fmt: skip
    return Two(store=store, victim=victim, words=words, environ=environ)


def commands(command: click.Command = main, path: tuple[str, ...] = ()) -> Iterator[str]:
    """The words of every command there is."""
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            yield from commands(below, (*path, name))
    else:
        yield " ".join(path)


def test_every_command_is_asked_or_is_about_no_single_shop() -> None:
    assert set(commands()) == ASKED.keys() | ABOUT_NO_SHOP
    assert not ASKED.keys() & ABOUT_NO_SHOP


@pytest.mark.parametrize("command", ASKED)
def test_a_command_for_another_shop_reads_and_changes_nothing_here(two: Two, command: str) -> None:
    before = two.rows()

    answer = two.run(command)

    assert answer.exception is None or isinstance(answer.exception, SystemExit), answer.exception
    assert two.rows() == before
    for planted in (PLANTED, two.victim.address):
        assert planted not in answer.output


def test_the_victim_has_rows_to_lose(two: Two) -> None:
    assert {name for name, rows in two.rows().items() if rows} >= {"shops", "settings", "webhooks", "events", "deliveries"}
