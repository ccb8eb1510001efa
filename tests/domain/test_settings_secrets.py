"""A settings file may leave secrets out: the stored ones stay where they still belong, and nowhere else."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as tries

from plugin.domain.settings import ShopSettings
from plugin.domain.settings.file import read_settings_file, write_settings_file
from plugin.domain.settings.secrets import KeptSecrets, holds_its_secrets, kept, with_stored_secrets, without_replaced
from tests.domain.test_settings_round_trip import ALMOST, all_settings
from tests.support.builders import EVENT_URL, a_settings_document

STORED = a_settings_document()
OTHER_URL = EVENT_URL.replace("0123", "9999")


def stored(event: dict[str, Any] | None = None, **account: Any) -> dict[str, Any]:
    return {"version": 1, "events": {"order_paid": event} if event else {}, "account": account}


def taken(file: dict[str, Any], before: dict[str, Any] = STORED) -> Any:
    return with_stored_secrets(file, before)


@tries(deadline=None, max_examples=60)
@given(made=all_settings())
def test_an_export_without_secrets_taken_back_changes_nothing(made: ShopSettings) -> None:
    before, exported = (write_settings_file(made, with_secrets=with_secrets) for with_secrets in (True, False))

    after = taken(exported, before)

    assert read_settings_file(after) == made
    assert kept(exported, after) == KeptSecrets(any(route.event_url for route in made.table.routes.values()), True)


@tries(deadline=None, max_examples=60)
@given(file=ALMOST)
def test_whatever_a_file_holds_it_is_filled_without_a_word(file: Any) -> None:
    if isinstance(file, dict):
        kept(file, taken(file))
        holds_its_secrets(file)


@pytest.mark.parametrize(
    ("before", "now", "stays"),
    [
        ({"send": "json"}, {"send": "json"}, True), ({}, {"send": "json"}, True), ({"send": "json"}, {"send": "form"}, True),
        ({"send": "name"}, {"send": "name"}, True), ({"send": "json"}, {"send": "name"}, False),
        ({"send": "name"}, {"send": "json"}, False), ({"send": "json"}, {"enabled": False}, True),
    ],
)  # fmt: skip
def test_an_event_url_stays_while_its_event_is_sent_the_same_way(
    before: dict[str, Any], now: dict[str, Any], stays: bool
) -> None:
    after = taken({"version": 1, "events": {"order_paid": now}}, stored({"event_url": EVENT_URL, **before}))

    assert after["events"]["order_paid"].get("event_url") == (EVENT_URL if stays else None)


def test_what_the_file_says_counts() -> None:
    file = stored({"event_url": OTHER_URL}, api_key="new-key")

    assert taken(file) == file


def test_an_event_the_file_does_not_have_is_gone() -> None:
    assert taken({"version": 1, "events": {"order_created": {}}})["events"] == {"order_created": {}}


@pytest.mark.parametrize(
    ("account", "after"),
    [
        ({"rate_per_second": 5}, {"rate_per_second": 5, "client_id": "an-id", "client_secret": "its-secret"}),
        ({"client_id": "an-id"}, {"client_id": "an-id", "client_secret": "its-secret"}),
        ({"client_id": "another"}, {"client_id": "another"}), ({"api_key": "a-key"}, {"api_key": "a-key"}),
    ],
    ids=["none named", "the same", "another", "a key instead"],
)  # fmt: skip
def test_keys_stay_with_their_account(account: dict[str, Any], after: dict[str, Any]) -> None:
    before = stored(client_id="an-id", client_secret="its-secret")

    assert taken({"version": 1, "account": account}, before)["account"] == after


def test_an_account_without_stored_keys_keeps_nothing() -> None:
    assert taken({"version": 1}, stored(client_id="an-id")) == {"version": 1}


@pytest.mark.parametrize(
    ("file", "is_whole"),
    [
        (STORED, True), (write_settings_file(read_settings_file(STORED), with_secrets=False), False),
        ({"version": 1}, False), ({"version": 1, "events": [], "account": 7}, False),
        (stored({"event_url": EVENT_URL}), True), (stored({"event_url": EVENT_URL}, client_id="x"), False),
        (stored({"send": "name"}, api_key="a-key"), True), (stored({"send": "name", "event_url": EVENT_URL}), False),
        (stored({"send": "form"}, api_key="a-key"), False), (stored({"enabled": False}, api_key="a-key"), True),
    ],
)  # fmt: skip
def test_a_file_is_whole_when_it_holds_a_secret_and_misses_none(file: dict[str, Any], is_whole: bool) -> None:
    assert holds_its_secrets(file) is is_whole


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (KeptSecrets(True, True), "Kept: the stored event URLs and keys, which the file leaves out."),
        (KeptSecrets(True, False), "Kept: the stored event URLs, which the file leaves out."),
        (KeptSecrets(False, True), "Kept: the stored keys, which the file leaves out."), (KeptSecrets(False, False), ""),
    ],
)  # fmt: skip
def test_what_was_kept_is_said(found: KeptSecrets, said: str) -> None:
    assert found.summary == said


def test_of_a_replaced_secret_only_the_last_characters_stay() -> None:
    before = stored({"send": "json", "event_url": EVENT_URL}, client_id="id", client_secret="planted-client-secret")
    after = stored({"send": "json", "event_url": OTHER_URL}, client_id="id", client_secret="planted-other-secret")

    left = without_replaced(before, after)

    assert left["events"]["order_paid"] == {"send": "json", "event_url": f"…{EVENT_URL[-4:]}"}
    assert left["account"] == {"client_id": "id", "client_secret": "…cret"}
    assert without_replaced(left, after) == left


def test_a_secret_that_is_still_used_stays_wherever_it_is_used_now() -> None:
    before = stored({"send": "json", "event_url": EVENT_URL})
    after = {"version": 1, "events": {"order_created": {"event_url": EVENT_URL}}}

    assert without_replaced(before, after) == before


@tries(deadline=None, max_examples=60)
@given(file=ALMOST)
def test_whatever_was_stored_is_gone_through_without_a_word(file: Any) -> None:
    before = file if isinstance(file, dict) else {}

    assert without_replaced(before, before) == before
