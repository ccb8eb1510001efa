"""Every table over the kinds of events is complete; what fails names the table that lacks a row.

A new table over kinds belongs into `TABLES`. What a platform can tell is held against its samples in `test_platforms.py`.
"""

import ast
import re
from collections.abc import Callable, Collection
from importlib import import_module
from pathlib import Path

import pytest

from plugin.domain.kinds import KINDS, EventKind, possible
from plugin.platforms import discover
from plugin.sandbox.kinds import SANDBOX_KINDS
from plugin.sandbox.stores.shopify.orders import STATUSES
from plugin.web import i18n
from plugin.web.event_texts import EVENT_TEXTS
from plugin.web.flow_recipes import RECIPES
from plugin.web.letters import ROWS
from tests.support.platforms.fixtures import platform_of

CHECKOUT = Path(__file__).resolve().parents[1]
PLUGIN = CHECKOUT / "plugin"
TRANSLATED = [locale for locale in i18n.LOCALES if locale != i18n.ENGLISH]


def in_the_merchants_guide() -> set[str]:
    section = (CHECKOUT / "docs" / "merchant.md").read_text(encoding="utf-8").split("## Set up SendPulse")[1]
    return set(re.findall(r"`(\w+)`", section.split("\n2. ")[0]))


TABLES: dict[str, Callable[[], Collection[str]]] = {
    "KINDS in plugin/domain/kinds.py": lambda: KINDS,
    "EVENT_TEXTS in plugin/web/event_texts.py": lambda: EVENT_TEXTS,
    "SANDBOX_KINDS in plugin/sandbox/kinds.py": lambda: SANDBOX_KINDS,
    "RECIPES in plugin/web/flow_recipes.py": lambda: RECIPES,
    "ROWS in plugin/web/letters/__init__.py": lambda: ROWS,
    "the list of events in docs/merchant.md, Set up SendPulse": in_the_merchants_guide,
}


@pytest.mark.parametrize("table", TABLES)
def test_a_table_has_a_row_for_every_kind(table: str) -> None:
    missing = [kind.value for kind in EventKind if kind not in TABLES[table]()]
    assert missing == [], f"{table} lacks a row"


@pytest.mark.parametrize("platform", discover())
def test_a_pretend_store_has_a_webhook_for_every_kind_of_its_platform(platform: str) -> None:
    topics = import_module(f"plugin.sandbox.stores.{platform}.topics").TOPICS
    expected = {kind.value for kind in possible(platform_of(platform).kinds)}

    assert expected - set(topics) == set(), f"TOPICS in plugin/sandbox/stores/{platform}/topics.py lacks a row"
    assert set(topics) - expected == set(), f"KINDS in plugin/platforms/{platform}/translate.py lacks a row"


def test_the_pretend_shopify_says_how_an_order_stands_in_each_of_its_webhooks() -> None:
    topics = {topic for topic, _ in import_module("plugin.sandbox.stores.shopify.topics").TOPICS.values()}
    missing = {topic for topic in topics if topic.startswith("orders/")} - STATUSES.keys()

    assert missing == set(), "STATUSES in plugin/sandbox/stores/shopify/orders.py lacks a row"


@pytest.mark.parametrize("locale", TRANSLATED)
def test_a_catalogue_translates_every_kind(locale: str) -> None:
    translated = {english for english, written in i18n.translations("messages", locale) if written}
    missing = {text for row in EVENT_TEXTS.values() for text in (row.title, row.meaning)} - translated

    assert missing == set(), f"messages.po of {locale} in plugin/translations lacks a row"


def test_no_other_module_keeps_a_list_of_kinds() -> None:
    """Whoever sorts kinds by a property asks `KINDS`, so that a new kind is sorted too."""
    own = {path.relative_to(PLUGIN).as_posix() for path in PLUGIN.rglob("*.py") if _lists_kinds(path)}

    tables = {"domain/kinds.py", "sandbox/kinds.py", "web/event_texts.py", "web/flow_recipes.py", "web/letters/__init__.py"}
    assert own == tables | {f"platforms/{platform}/translate.py" for platform in discover()}


def test_no_module_reads_what_a_kind_is_from_its_name() -> None:
    by_name = re.compile(r"""startswith\(\(?["'](?:order|cart|checkout|customer)_""")

    assert [path.name for path in PLUGIN.rglob("*.py") if by_name.search(path.read_text(encoding="utf-8"))] == []


def _lists_kinds(path: Path) -> bool:
    for node in ast.walk(ast.parse(path.read_bytes())):
        each = (
            node.keys if isinstance(node, ast.Dict) else node.elts if isinstance(node, ast.Set | ast.Tuple | ast.List) else []
        )
        if sum(1 for one in each if one and ast.unparse(one).startswith("EventKind.")) > 1:
            return True
    return False
