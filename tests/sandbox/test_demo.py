"""The demo's settings, flows, people and words fit together."""

import phonenumbers
import pytest

from plugin.domain.contact import tidy_contact
from plugin.domain.errors import Misconfigured
from plugin.domain.kinds import EventKind
from plugin.domain.routing import Send
from plugin.domain.settings.file import read_settings_file
from plugin.sandbox import demo
from plugin.sandbox.buyers import BUYERS
from plugin.sandbox.catalogue import PRODUCTS, RATES
from plugin.sandbox.sendpulse import PretendSendPulse
from plugin.sandbox.stores.saleor.ids import CHANNELS
from plugin.sandbox.stores.saleor.seed import seed
from plugin.sandbox.subjects import subject
from plugin.web.forms.matrix import asking, inheriting
from tests.sandbox.conftest import World
from tests.support.builders import NOON


@pytest.fixture
def sendpulse() -> PretendSendPulse:
    found = PretendSendPulse()
    demo.add_demo_data(found)
    return found


def test_the_settings_are_right_and_use_every_way_to_send(sendpulse: PretendSendPulse) -> None:
    document = demo.settings_document(sendpulse, name="Demo", kinds=EventKind, store={"link": "http://127.0.0.1:8004"})
    settings = read_settings_file(document)

    assert settings.table.routes.keys() == set(EventKind)
    assert {route.send for route in settings.table.routes.values()} == set(Send)
    assert [flow.locale for flow in settings.table.flows][:8] == ["en", "pl", "de", "pt-BR"] * 2
    assert all(not inheriting(settings.table.flows, kind) for kind in asking(settings.table))


def test_the_settings_are_the_same_after_a_restart(sendpulse: PretendSendPulse) -> None:
    other = PretendSendPulse()
    demo.add_demo_data(other)

    documents = [demo.settings_document(pretend, name="Demo", kinds=EventKind, store={}) for pretend in (sendpulse, other)]
    assert documents[0] == documents[1]


def test_every_flow_of_the_settings_is_in_sendpulse(sendpulse: PretendSendPulse) -> None:
    document = demo.settings_document(sendpulse, name="Demo", kinds=EventKind, store={})

    flows = {flow.id: flow.name for flow in sendpulse.engine().flows}
    assert {flow["automation_id"]: flow["name"] for flow in document["flows"]} == flows


def test_an_unfurnished_sendpulse_is_noticed() -> None:
    with pytest.raises(LookupError):
        demo.settings_document(PretendSendPulse(), name="Demo", kinds=EventKind, store={})


def test_a_saleor_that_refuses_the_app_is_told_to_the_operator(world: World) -> None:
    with pytest.raises(Misconfigured, match=r"could not install the app: .*INVALID_STATUS"):
        seed(world.services, world.saleor, world.sendpulse, f"{world.shopify.app_url}/nowhere")


def test_seeding_again_makes_no_new_version_of_the_settings(world: World) -> None:
    store = world.services.store
    shop = seed(world.services, world.saleor, world.sendpulse, world.shopify.app_url)
    before = [store.shops.settings_document(shop.id), len(store.shops.list())]
    version = store.shops.write_settings(shop.id, before[0], who="test", now=NOON)  # type: ignore[arg-type]

    assert version == 2
    assert [store.shops.settings_document(shop.id), len(store.shops.list())] == before


def test_every_mail_has_a_subject_in_its_own_language() -> None:
    variables = {"first_name": "Ada", "order_number": "#1", "product_name": "Clock"}

    for kind in EventKind:
        subjects = {subject(flow_id, variables | {"event_name": kind.value}) for flow_id in range(101, 105)}
        assert len(subjects) == 4
        assert not any("{" in text for text in subjects)


def test_the_buyers_are_people_the_app_can_write_to() -> None:
    for buyer in BUYERS:
        contact = tidy_contact(emails=(buyer.email,), phones=(buyer.phone,), country=buyer.country)
        assert (contact is None) == (buyer.key == "guest")
        assert not buyer.phone or phonenumbers.is_valid_number(phonenumbers.parse(buyer.phone))
        assert not buyer.email or buyer.email.endswith("@example.com")


def test_every_buyer_can_pay_everywhere() -> None:
    assert {buyer.currency for buyer in BUYERS} <= set(RATES) == set(CHANNELS)


def test_no_two_things_in_the_shops_have_the_same_number() -> None:
    numbers = [product.number for product in PRODUCTS] + [v.number for product in PRODUCTS for v in product.variants]
    assert len(set(numbers)) == len(numbers) == 23
