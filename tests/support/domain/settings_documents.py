"""Settings files with nothing in them but what a test is about, and what they are refused for."""

from typing import Any

import pytest

from plugin.domain.settings.file import SettingsRefused, read_settings_file
from tests.support.builders import EVENT_URL

PL = {"locale": "pl", "automation_id": 1}
EN = {"locale": "en", "automation_id": 2}
PLANTED = "planted0123456789abcdef0123456789"


def a_document(**parts: Any) -> dict[str, Any]:
    """A file with nothing in it but what is asked about."""
    return {"version": 1} | parts


def an_order(**fields: Any) -> dict[str, Any]:
    return a_document(events={"order_paid": {"event_url": EVENT_URL} | fields})


def a_cart(**fields: Any) -> dict[str, Any]:
    return a_document(events={"cart_abandoned": {"event_url": EVENT_URL} | fields})


def a_flow(**fields: Any) -> dict[str, Any]:
    return a_document(flows=[PL | fields])


def a_store(**fields: Any) -> dict[str, Any]:
    return a_document(store=fields)


def an_account(**fields: Any) -> dict[str, Any]:
    return a_document(account=fields)


def refused(document: object) -> list[tuple[str, str]]:
    with pytest.raises(SettingsRefused) as raised:
        read_settings_file(document)
    assert str(raised.value) == "\n".join(str(error) for error in raised.value.errors)
    return [(error.path, error.message) for error in raised.value.errors]
