"""The merchant's rules are edited on the Languages page, and each says how many events it would have decided."""

import re
from dataclasses import replace
from typing import Any

import pytest

from plugin.config import Settings
from plugin.storage import SqlStore
from plugin.web.pages.languages import rules as rules_page
from tests.support.builders import NOON, a_basket, a_settings_document
from tests.support.storage.situations import a_delivery
from tests.support.web.merchant import Merchant, a_merchant, errors_in, fields_in

OUTLET = {"channel": "outlet", "country": "PL", "automation_id": 505, "name": "Outlet"}
BRAZIL = {"country": "BR", "locale": "pt_BR"}
PT = {"locale": "pt", "automation_id": 104}
CARTS = {"event": "cart_abandoned", "automation_id": 102}


def a_shop(store: SqlStore, settings: Settings, *rules: dict[str, Any]) -> Merchant:
    """Of a shop with these rules, at noon."""
    merchant = a_merchant(store, settings, document=a_settings_document(rules=list(rules)))
    merchant.client.application.extensions["plugin"] = replace(merchant.services, now=lambda: NOON)
    return merchant


@pytest.fixture
def merchant(store: SqlStore, settings: Settings) -> Merchant:
    return a_shop(store, settings, OUTLET, BRAZIL, CARTS)


def shown(html: str) -> list[str]:
    """What is said beside each rule."""
    return re.findall(r'<span class="small soft">([^<]*events[^<]*)</span>', html.partition('<ol class="rules">')[2])


def stored(merchant: Merchant) -> list[dict[str, Any]]:
    return list(merchant.document().get("rules", []))


def test_each_rule_stands_in_its_fields(merchant: Merchant) -> None:
    fields = merchant.form("/languages")

    assert {name: value for name, value in fields.items() if name.startswith("rule-") and name.endswith("-0")} == {
        "rule-state-0": "", "rule-channel-0": "outlet", "rule-country-0": "PL", "rule-event-0": "",
        "rule-gives-0": "flow:505", "rule-flow-0": "", "rule-name-0": "Outlet",
    }  # fmt: skip
    assert (fields["rule-country-1"], fields["rule-gives-1"]) == ("BR", "locale:pt_BR")
    assert (fields["rule-event-2"], fields["rule-gives-2"]) == ("cart_abandoned", "flow:102")


def test_what_is_saved_unchanged_stays_as_it_is(merchant: Merchant) -> None:
    assert merchant.post("/languages", merchant.form("/languages")).status_code == 200

    assert stored(merchant) == [OUTLET, BRAZIL, CARTS]


def test_countries_flows_and_languages_are_chosen_by_name_in_the_pages_language(merchant: Merchant) -> None:
    merchant.language = "pl"

    page = merchant.get("/languages").text

    assert '<option value="DE" translate="no">Niemcy</option>' in page
    assert '<option value="flow:102" selected translate="no">Polski (102)</option>' in page
    assert '<option value="locale:fr" translate="no">francuski (fr)</option>' in page
    assert '<option value="locale:pt_BR" selected translate="no">portugalski (Brazylia) (pt_BR)</option>' in page


def test_a_rule_is_added_and_kept(merchant: Merchant) -> None:
    added = fields_in(merchant.post("/languages", merchant.form("/languages") | {"rule-add": "1"}).text)
    assert stored(merchant) == [OUTLET, BRAZIL, CARTS]

    filled = {"rule-country-3": "CH", "rule-gives-3": "another", "rule-flow-3": "https://login.sendpulse.com/flow/id/606"}
    answer = merchant.post("/languages", added | filled)

    assert answer.status_code == 200
    assert stored(merchant) == [OUTLET, BRAZIL, CARTS, {"country": "CH", "automation_id": 606}]


def test_the_first_rule_of_a_shop_is_added(store: SqlStore, settings: Settings) -> None:
    merchant = a_merchant(store, settings)
    added = fields_in(merchant.post("/languages", merchant.form("/languages") | {"rule-add": "1"}).text)

    merchant.post("/languages", added | {"rule-country-0": "PL", "rule-gives-0": "locale:pl"})

    assert stored(merchant) == [{"country": "PL", "locale": "pl"}]


def test_a_number_typed_beside_no_choice_is_the_flow(merchant: Merchant) -> None:
    merchant.post("/languages", merchant.form("/languages") | {"rule-gives-2": "", "rule-flow-2": " 707 "})

    assert stored(merchant)[2] == {"event": "cart_abandoned", "automation_id": 707}


@pytest.mark.parametrize(
    ("deed", "order"),
    [
        ({"rule-up": "2"}, [OUTLET, CARTS, BRAZIL]), ({"rule-down": "0"}, [BRAZIL, OUTLET, CARTS]),
        ({"rule-up": "0"}, [OUTLET, BRAZIL, CARTS]), ({"rule-down": "2"}, [OUTLET, BRAZIL, CARTS]),
        ({"rule-up": "7"}, [OUTLET, BRAZIL, CARTS]), ({"rule-up": "x"}, [OUTLET, BRAZIL, CARTS]),
    ],
    ids=str,
)  # fmt: skip
def test_a_rule_is_moved_and_saved_where_it_stands(
    merchant: Merchant, deed: dict[str, str], order: list[dict[str, Any]]
) -> None:
    moved = merchant.post("/languages", merchant.form("/languages") | deed)
    assert (moved.status_code, stored(merchant)) == (200, [OUTLET, BRAZIL, CARTS])
    assert "data-unsaved" in moved.text

    merchant.post("/languages", fields_in(moved.text))

    assert stored(merchant) == order


def test_a_removed_rule_can_be_taken_back_until_it_is_saved(merchant: Merchant) -> None:
    removed = merchant.post("/languages", merchant.form("/languages") | {"rule-remove": "1"}).text
    assert "Removed when you save." in removed
    back = merchant.post("/languages", fields_in(removed) | {"rule-back": "1"}).text

    merchant.post("/languages", fields_in(back))

    assert stored(merchant) == [OUTLET, BRAZIL, CARTS]


def test_a_removed_rule_is_gone_once_saved(merchant: Merchant) -> None:
    removed = merchant.post("/languages", merchant.form("/languages") | {"rule-remove": "1"}).text

    saved = merchant.post("/languages", fields_in(removed))

    assert stored(merchant) == [OUTLET, CARTS]
    assert "Removed when you save." not in saved.text


def test_an_emptied_rule_is_left_out(merchant: Merchant) -> None:
    emptied = dict.fromkeys(("rule-channel-0", "rule-country-0", "rule-gives-0", "rule-name-0"), "")

    merchant.post("/languages", merchant.form("/languages") | emptied)

    assert stored(merchant) == [BRAZIL, CARTS]


def test_nothing_that_was_typed_is_lost_while_rules_are_moved(merchant: Merchant) -> None:
    typed = {"locale-0": "??", "policy": "hold", "rule-channel-0": "x" * 300, "rule-gives-1": "another", "rule-flow-1": "none"}

    moved = fields_in(merchant.post("/languages", merchant.form("/languages") | typed | {"rule-down": "0"}).text)

    assert (moved["locale-0"], moved["policy"], moved["rule-channel-1"]) == ("??", "hold", "x" * 300)
    assert (moved["rule-gives-0"], moved["rule-flow-0"]) == ("another", "none")


def test_a_page_without_rules_in_it_takes_none_away(merchant: Merchant) -> None:
    old = {name: value for name, value in merchant.form("/languages").items() if not name.startswith("rule")}

    assert merchant.post("/languages", old | {"name-0": "British"}).status_code == 200

    assert stored(merchant) == [OUTLET, BRAZIL, CARTS]


def test_a_shop_without_rules_says_nothing_of_them_in_its_file(store: SqlStore, settings: Settings) -> None:
    merchant = a_merchant(store, settings)

    merchant.post("/languages", merchant.form("/languages"))

    assert "rules" not in merchant.document()


def test_who_changed_the_rules_meanwhile_is_not_overwritten(merchant: Merchant) -> None:
    form = merchant.form("/languages")
    document = a_settings_document(rules=[OUTLET, BRAZIL | {"country": "PT"}, CARTS])
    merchant.services.store.shops.write_settings(merchant.shop.id, document, who="other", now=NOON)

    answer = merchant.post("/languages", form | {"rule-name-0": "Mine"})

    assert answer.status_code == 409
    assert "Rules, row 2, Country" in answer.text
    assert fields_in(answer.text)["rule-name-0"] == "Mine"


# ------------------------------------------------------------------ what each would have decided


@pytest.fixture
def sold(store: SqlStore, merchant: Merchant) -> Merchant:
    """Of a shop with five events: one of the outlet, two Brazilian ones without a language and one with, one of Germany."""
    places = [("outlet", "PL", "pl"), ("web", "BR", ""), ("web", "BR", ""), ("web", "BR", "pt-BR"), ("web", "DE", "")]
    for number, (channel, country, locale) in enumerate(places):
        basket = a_basket(keys=(f"order:{number}",), channel=channel, country=country)
        a_delivery(store, merchant.shop, key=f"k{number}", object_id=str(number), basket=basket, locale=locale)
    return merchant


def test_each_rule_says_how_many_of_the_last_events_it_would_have_decided(sold: Merchant) -> None:
    assert shown(sold.get("/languages").text) == [
        "1 of 5 events in the last 30 days", "2 of 5 events in the last 30 days", "0 of 5 events in the last 30 days",
    ]  # fmt: skip


def test_a_rule_behind_another_that_fits_decides_nothing(sold: Merchant) -> None:
    form = sold.form("/languages") | {"rule-channel-0": "", "rule-country-0": "", "rule-event-0": "order_paid"}

    moved = sold.post("/languages", form | {"rule-channel-2": "web", "rule-event-2": "", "rule-down": "1"}).text

    assert shown(moved)[0] == "5 of 5 events in the last 30 days"
    assert shown(moved)[1] == "0 of 5 events in the last 30 days"


def test_of_many_events_the_newest_are_looked_at(sold: Merchant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules_page, "MOST_LOOKED_AT", 3)

    assert shown(sold.get("/languages").text)[1] == "1 of the last 3 events"


def test_a_rule_that_cannot_be_read_says_nothing_of_events(sold: Merchant) -> None:
    wrong = sold.post("/languages", sold.form("/languages") | {"rule-gives-0": ""}).text

    assert len(shown(wrong)) == 2
    assert "Choose the flow or the language" in errors_in(wrong)["rule-gives-0"]


def test_channels_that_were_seen_are_offered(sold: Merchant) -> None:
    page = sold.get("/languages").text

    assert '<datalist id="rule-channels"><option value="outlet"></option><option value="web"></option></datalist>' in page


def test_a_shop_without_events_says_so(merchant: Merchant) -> None:
    assert merchant.get("/languages").text.count("No events in the last 30 days.") == 3


# ------------------------------------------------------------------ many rules


@pytest.fixture
def many(store: SqlStore, settings: Settings) -> Merchant:
    return a_shop(store, settings, *({"channel": f"channel-{number}", "automation_id": 101} for number in range(12)))


def test_of_many_rules_each_is_one_line_until_it_is_changed(many: Merchant) -> None:
    page = many.get("/languages").text
    assert "channel-7 · English (101)" in page
    assert 'id="rule-channel-7"' not in page

    opened = many.post("/languages", fields_in(page) | {"rule-change": "7"}).text
    assert re.findall(r'id="rule-channel-(\d+)"', opened) == ["7"]
    many.post("/languages", fields_in(opened) | {"rule-channel-7": "pos"})

    assert [rule["channel"] for rule in stored(many)][6:9] == ["channel-6", "pos", "channel-8"]


def test_of_many_rules_one_with_a_mistake_shows_its_fields(many: Merchant) -> None:
    form = many.form("/languages") | {"rule-channel-5": "x" * 300}

    refused = many.post("/languages", form)

    assert refused.status_code == 422
    assert "text of 300 characters" in errors_in(refused.text)["rule-channel-5"]
    assert 'id="rule-channel-5"' in refused.text and 'id="rule-channel-6"' not in refused.text


def test_of_very_many_opened_rules_those_where_somebody_goes_on_show_their_fields(many: Merchant) -> None:
    opened = {f"rule-state-{number}": "open" for number in range(1000)}

    page = many.post("/languages", many.form("/languages") | opened | {"rule-change": "999"}).text

    shown = re.findall(r'id="rule-channel-(\d+)"', page)
    assert (len(shown), shown[-1]) == (40, "999")
    assert fields_in(page)["rule-state-998"] == "open"


def test_of_very_many_mistakes_the_first_show_their_fields(many: Merchant) -> None:
    wrong = {f"rule-{cell}-{number}": "x" for number in range(200) for cell in ("state", "country")}

    refused = many.post("/languages", many.form("/languages") | wrong)

    assert refused.status_code == 422
    assert re.findall(r'id="rule-channel-(\d+)"', refused.text) == [str(number) for number in range(12, 52)]


@pytest.mark.parametrize("name", ["rule-state-{}", "locale-{}"])
def test_a_form_of_more_rows_than_anybody_has_is_too_large(many: Merchant, name: str) -> None:
    rows = {name.format(number): "open" for number in range(1001)}

    assert many.post("/languages", many.form("/languages") | rows | {"rule-add": "1"}).status_code == 413


def test_a_removed_rule_whose_events_would_be_held_is_said_before_it_is_saved(store: SqlStore, settings: Settings) -> None:
    merchant = a_merchant(
        store, settings, document=a_settings_document(rules=[BRAZIL], no_match={"policy": "hold"}, flows=[PT, PT | CARTS])
    )
    removed = fields_in(merchant.post("/languages", merchant.form("/languages") | {"rule-remove": "0"}).text)

    warned = merchant.post("/languages", removed)

    assert warned.status_code == 422
    assert '<strong translate="no">BR</strong>' in warned.text
    assert merchant.post("/languages", fields_in(warned.text)).status_code == 200
    assert stored(merchant) == []
