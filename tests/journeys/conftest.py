"""The sandbox and its merchants, for every journey."""

from collections.abc import Iterator
from urllib.parse import unquote

import pytest
import requests
from playwright.sync_api import Browser

from plugin.config import Settings
from plugin.storage import open_store
from tests.support.journeys.merchant import Merchant, visiting
from tests.support.journeys.sandbox import RunningSandbox, running_sandbox
from tests.support.journeys.tour import installed_saleor


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    """One for this test process: what a test leaves behind, the next one finds."""
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture
def merchant(browser: Browser) -> Iterator[Merchant]:
    """Somebody at a desk, with a mouse and a light screen."""
    with visiting(browser) as visitor:
        yield visitor


@pytest.fixture
def saleor_newcomer(sandbox: RunningSandbox) -> Iterator[str]:
    """A Saleor shop without the app, before and after; the app has nothing of it from before."""
    _uninstall_from_saleor(sandbox)
    _forget_saleor_newcomer(sandbox)
    yield sandbox.saleor_newcomer
    _uninstall_from_saleor(sandbox)


def _uninstall_from_saleor(sandbox: RunningSandbox) -> None:
    url = sandbox.places.store_urls("saleor")[1]
    while address := installed_saleor(url):
        app_id = unquote(address.rpartition("/")[2])
        requests.post(f"{url}/dashboard/pretend/uninstall", json={"id": app_id}, timeout=10).raise_for_status()


def _forget_saleor_newcomer(sandbox: RunningSandbox) -> None:
    """Installed again, the shop would have its old settings."""
    store = open_store(Settings.from_environ({"DATABASE_URL": sandbox.database_url}))
    if found := store.shops.find("saleor", f"{sandbox.places.store_urls('saleor')[1]}/graphql/"):
        store.shops.forget(found.shop.id)
    store.close()
