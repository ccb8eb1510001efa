"""The sandbox and its merchants, for every journey."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.support.journeys.merchant import Merchant, visiting
from tests.support.journeys.sandbox import RunningSandbox, running_sandbox


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
