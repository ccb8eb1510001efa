"""Adding a store is adding two folders, its platform's and its pretend store's: copies work with no other file changed."""

import re
import shutil
from collections.abc import Iterator

import pytest
import requests

from plugin.sandbox.stores import discover
from tests.sandbox.test_run import fire
from tests.support.journeys.running import CHECKOUT
from tests.support.journeys.sandbox import PORTS, RunningSandbox, running_sandbox

NAMES = list(discover())
FOLDERS = ("platforms", "sandbox/stores")

# One sandbox serves them all: they stay together in one of the parallel test processes.
pytestmark = pytest.mark.xdist_group("a copied store")


def copied(name: str) -> str:
    return f"another{name}"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    """The sandbox of a copied checkout in which every store is there twice."""
    checkout = tmp_path_factory.mktemp("checkout")
    for part in ("plugin", "templates"):
        shutil.copytree(CHECKOUT / part, checkout / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CHECKOUT / "manifest.json", checkout)
    for folder in FOLDERS:
        for name in NAMES:
            shutil.copytree(checkout / "plugin" / folder / name, checkout / "plugin" / folder / copied(name))
    ports = PORTS + sum(len(store.parts) for store in discover().values())
    with running_sandbox(tmp_path_factory.mktemp("sandbox"), checkout=checkout, ports=ports) as running:
        yield running


@pytest.mark.parametrize("name", NAMES)
def test_it_is_offered_on_the_page_and_its_admin_is_served(sandbox: RunningSandbox, name: str) -> None:
    page = requests.get(sandbox.places.page, timeout=10).text
    admins = re.findall(rf'<a href="([^"]+)">{copied(name).capitalize()} ', page)

    assert f'<option value="{copied(name)}">' in page
    assert len(admins) == 2
    for admin in admins:
        assert requests.get(admin, timeout=10).status_code == 200


@pytest.mark.parametrize("name", [*NAMES, *map(copied, NAMES)])
def test_its_event_reaches_the_pretend_sendpulse(sandbox: RunningSandbox, name: str) -> None:
    before = len(sandbox.received())

    step = fire(sandbox.places.page, name)

    assert (step["state"], step["partial"], step["flow_name"]) == ("delivered", "", "Polski")
    assert step["letters"]
    assert len(sandbox.received()) == before + 1
