"""What every test may ask for: a store on each database, and a shop in it."""

import gc
import shutil
import sys
from collections.abc import Generator, Iterator, MutableMapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import structlog
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from playwright.sync_api import Browser
from structlog.testing import capture_logs

from plugin.config import Settings
from plugin.domain.shop import Shop
from plugin.storage import SqlStore, open_store
from plugin.storage.db import engine
from plugin.storage.db.migrate import migrate
from tests.support import counting
from tests.support.browsing import started_browser
from tests.support.builders import NOON
from tests.support.databases import (
    FAST_PRAGMAS,
    Cluster,
    empty,
    require_postgresql,
    running_cluster,
    settings_for,
    sqlite_template,
)

# Long walks over code that other tests cover; being counted line by line would double them.
UNCOUNTED = (
    "tests/faults/",
    "tests/journeys/",
    "tests/domain/test_settings_round_trip.py",
    "tests/sandbox/test_a_copied_store.py",
    "tests/sandbox/test_lost_purchases.py",
    "tests/sendpulse/test_body_properties.py",
    "tests/test_architecture.py",
    "tests/test_event_kinds.py",
    "tests/test_fuzz.py::test_every_address_answers_what_is_made_of_its_description",
    "tests/test_generated_orders.py",
    "tests/test_hostile_text.py",
    "tests/test_generated_carts.py",
    "tests/test_sentences.py",
    "tests/storage/test_statistics.py",
    "tests/storage/test_whole_log.py",
    "tests/test_shared_cases.py",
    "tests/web/test_full_settings.py",
    "tests/web/test_headers.py",
    "tests/web/test_hostile_requests.py",
    "tests/web/test_numbers.py",
    "tests/web/test_overview_page.py::test_each_figure_leads_to_the_deliveries_it_counts",
    "tests/web/test_send_methods.py",
    "tests/web/test_variables_page.py::test_every_field_that_is_offered_is_found_again",
    "tests/web/test_whole_export.py",
    "tests/web/texts/",
    "tests/test_platforms.py::test_a_hole_anywhere_is_translated_or_unreadable",
    "tests/platforms/test_hostile_bodies.py",
    "tests/platforms/test_whole_bodies.py",
    "tests/platforms/saleor/test_cart_questions.py::test_both_forms_are_valid_on_a_real_3_23",
    "tests/platforms/saleor/test_key_rotation.py",
    "tests/platforms/saleor/test_manifest.py",
    "tests/platforms/saleor/test_webhook_sync.py::test_every_operation_is_valid_on_a_real_3_23",
    "tests/platforms/saleor/test_whole_bodies.py",
    "tests/platforms/shopify/test_corpus.py",
    "tests/platforms/shopify/test_queries.py",
    "tests/test_counting.py::test_nothing_watches_a_test_that_is_not_counted",
)

# All others walk the same lines on both databases: they are counted on SQLite.
COUNTED_ON_BOTH = ("tests/storage/", "tests/commands/", "tests/test_config.py")
# Of the storage's, too, where hardly a line is PostgreSQL's own.
COUNTED_ONCE = tuple(
    f"tests/storage/test_{name}.py"
    for name in (
        "consents", "deliveries", "identity", "log_search", "notices", "people", "personal_links", "reason_codes",
        "retention", "timers", "waiting_room", "wiping",
    )
)  # fmt: skip


@pytest.hookimpl(wrapper=True)
def pytest_sessionstart(session: pytest.Session) -> Generator[None, None, None]:
    counting.end_first_start(session.config)
    yield
    counting.count_processes(session.config)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Keep 15,000 tests out of every full garbage collection: reading them took a second each time, a seventh of a run."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    with nullcontext() if _counts(item.nodeid) else counting.uncounted(item.config):
        return (yield)


def _counts(nodeid: str) -> bool:
    is_second = "[postgresql" in nodeid and (not nodeid.startswith(COUNTED_ON_BOTH) or nodeid.startswith(COUNTED_ONCE))
    return not is_second and not nodeid.startswith(UNCOUNTED)


@pytest.fixture(scope="session", autouse=True)
def _templates_are_compiled_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Nearly every test of a page makes an application of its own, whose templates would be compiled anew."""
    cache = FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))
    Flask.jinja_options = {"bytecode_cache": cache}


@pytest.fixture(scope="session", autouse=True)
def _nobody_pulls_the_plug() -> Iterator[None]:
    """Of the test process: waiting for its disk at each commit would prove nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "PRAGMAS", FAST_PRAGMAS)
        yield


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for this test process."""
    with started_browser() as running:
        yield running


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL for this test process alone."""
    require_postgresql()
    with running_cluster() as running:
        yield running


@pytest.fixture(scope="session")
def migrated_postgresql(cluster: Cluster) -> str:
    url = cluster.new_database("plugin")
    migrate(settings_for(url))
    return url


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sqlite_template(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A migrated database without a row; every test that asks for it, or for `store`, runs on both."""
    if request.param == "sqlite":
        path = tmp_path / "plugin.db"
        shutil.copy(request.getfixturevalue("migrated_sqlite"), path)
        return f"sqlite:///{path}"
    url: str = request.getfixturevalue("migrated_postgresql")
    empty(url)
    return url


@pytest.fixture
def settings(database_url: str) -> Settings:
    return settings_for(database_url)


@pytest.fixture
def store(settings: Settings) -> Iterator[SqlStore]:
    opened = open_store(settings)
    yield opened
    opened.close()


@pytest.fixture
def a_shop(store: SqlStore) -> Shop:
    shop = Shop(id=0, platform="shopify", address="demo.myshopify.com", locale="en", timezone="Europe/Warsaw")
    return store.shops.install(shop, {"token": "planted-access-token"}, now=NOON)


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[MutableMapping[str, Any]]]:
    """What is logged from here on, whatever an earlier test in this process made of the loggers."""
    for name, module in list(sys.modules.items()):
        if name.startswith("plugin.") and hasattr(module, "log"):
            monkeypatch.setattr(module, "log", structlog.get_logger())
    with capture_logs() as logs:
        yield logs
