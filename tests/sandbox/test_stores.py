"""What every pretend store promises: the same tests over every folder in plugin/sandbox/stores."""

import re

import pytest

from plugin import resources
from plugin.config import Settings
from plugin.platforms import discover as platforms
from plugin.sandbox.courier import Courier
from plugin.sandbox.kinds import SANDBOX_KINDS
from plugin.sandbox.places import Places
from plugin.sandbox.pretend_store import Addresses, PretendStore
from plugin.sandbox.stores import discover

STORES = discover()
PLACES = Places(host="127.0.0.1", port=8000)


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest) -> PretendStore:
    return STORES[request.param]


def test_every_platform_has_a_pretend_store() -> None:
    assert STORES.keys() == platforms().keys()


def test_the_stores_stay_at_the_ports_they_had() -> None:
    assert [list(PLACES.store_ports(name)) for name in ("shopify", "saleor")] == [[8004], [8005, 8006]]


def test_it_sets_only_variables_of_its_platform(store: PretendStore) -> None:
    variables = {variable.name for variable in platforms()[store.name].variables}

    assert store.environ(PLACES.store_urls(store.name)).keys() <= variables


def test_the_platform_opens_with_its_variables(store: PretendStore) -> None:
    environ = PLACES.environ()

    assert platforms()[store.name].open(Settings.from_environ(environ), environ).name == store.name


def test_it_fires_events_the_page_knows(store: PretendStore) -> None:
    assert store.topics
    assert store.topics.keys() <= set(SANDBOX_KINDS)


def test_it_serves_each_of_its_parts(store: PretendStore) -> None:
    own = PLACES.store_urls(store.name)
    opened = store.open(Addresses(own=own, app=PLACES.app))

    assert len(opened.web_apps(Courier())) == len(own) == len(store.parts)
    assert opened.sender(Courier()).name == store.name
    assert all(address.startswith(own) for address in opened.admins.values())


def test_its_admin_loads_the_scripts_and_styles_it_names(store: PretendStore) -> None:
    own = PLACES.store_urls(store.name)
    opened = store.open(Addresses(own=own, app=PLACES.app))
    client = opened.web_apps(Courier())[0].test_client()

    page = client.get(next(iter(opened.admins.values())), base_url=own[0]).text
    files = re.findall(r'(?:src|href)="(/[^"]+\.(?:js|css))"', page)

    assert files
    for file in files:
        with client.get(file) as answer:
            assert answer.status_code == 200


def test_every_guess_is_marked_where_it_is_acted_on(store: PretendStore) -> None:
    folder = resources.PACKAGE / "sandbox" / "stores" / store.name
    code = [path.read_text(encoding="utf-8") for kind in ("py", "js", "html") for path in folder.rglob(f"*.{kind}")]
    marked = set(re.findall(r"GUESS ([a-z_]+)", "\n".join(code)))

    assert marked == set(store.guesses)
