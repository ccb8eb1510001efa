"""The interface speaks the host's language, and every text of it is marked for translation."""

import re

import pytest

from plugin.config import Settings
from plugin.ports import Store
from plugin.web.i18n import ENGLISH, LOCALES, PSEUDO, best_locale
from tests.support.web.merchant import Merchant, a_merchant, texts_in

PAGES = (
    "", "/setup/", "/setup/?step=events", "/setup/?step=languages", "/setup/?step=test", "/setup/?step=done", "/events/",
    "/events/order_paid", "/events/cart_abandoned", "/events/customer_created", "/languages/", "/languages/?map=uk",
    "/preview/", "/settings/", "/settings/account", "/settings/file", "/deliveries/", "/deliveries/again",
    "/deliveries/?q=nobody", "/deliveries/?state=x&flow=x&from=x",
)  # fmt: skip
POSTS: tuple[tuple[str, dict[str, str]], ...] = (
    ("/events/order_paid", {"send": "json", "enabled": "on", "event_url": "x", "version": "1"}),
    ("/events/order_paid/sample", {"send": "json"}),
    ("/languages/", {"locale-0": "en", "flow-0": "", "policy": "default_flow", "default_flow": ""}),
    ("/preview/result", {"kind": "order_paid", "locale": "en"}),
    ("/preview/test", {"kind": "order_paid", "locale": "en", "email": "me@example.com"}),
    ("/preview/test", {"kind": "order_paid", "locale": "en", "email": ""}),
    ("/settings/file", {"text": "{"}),
    ("/setup/connect", {"event_url": "x"}),
    ("/setup/events", {}),
    ("/setup/dismiss", {}),
    ("/health/again", {}),
)


@pytest.fixture
def merchant(store: Store, settings: Settings) -> Merchant:
    return a_merchant(store, settings)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (["pl-PL"], "pl"), (["uk"], "uk"), (["pt-PT"], "pt-BR"), (["pt_BR"], "pt-BR"), (["ru", "uk"], "uk"), (["ru"], ENGLISH),
        (["nonsense"], ENGLISH), ([], ENGLISH), (["de-AT", "en"], "de"), ([PSEUDO], PSEUDO),
    ],
)  # fmt: skip
def test_the_first_language_we_speak_is_taken_and_never_another_in_its_place(wanted: list[str], found: str) -> None:
    assert best_locale(wanted) == found


def test_a_document_names_its_language(merchant: Merchant) -> None:
    answer = merchant.client.get("/fake?locale=pl", headers={"Accept-Language": "de"})

    assert '<html lang="pl" dir="ltr"' in answer.text


def test_a_document_can_be_written_from_right_to_left(merchant: Merchant) -> None:
    assert 'dir="rtl"' in merchant.client.get("/fake?locale=ar-XB").text


@pytest.mark.parametrize("path", PAGES)
def test_every_text_of_a_page_is_marked(merchant: Merchant, path: str) -> None:
    merchant.language = PSEUDO

    assert unmarked(merchant.get(path).text) == []


@pytest.mark.parametrize(("path", "fields"), POSTS, ids=[path for path, _ in POSTS])
def test_every_text_of_an_answer_is_marked(merchant: Merchant, path: str, fields: dict[str, str]) -> None:
    merchant.language = PSEUDO

    assert unmarked(merchant.post(path, fields).text) == []


def test_every_text_of_the_document_is_marked(merchant: Merchant) -> None:
    assert unmarked(merchant.client.get(f"/fake?locale={PSEUDO}").text) == []


def unmarked(html: str) -> list[str]:
    """Texts that did not come through a catalogue: those outside the pseudo-locale's brackets."""
    joined, left = "\n".join(texts_in(html)), ""
    while joined != left:  # a reason may hold another one
        left, joined = joined, re.sub(r"⟦[^⟦⟧]*⟧", "", joined)
    return [text for text in joined.split("\n") if re.search(r"[A-Za-z]{2}", text)]


def test_the_languages_are_those_the_design_names() -> None:
    assert LOCALES == ("en", "pl", "uk", "de", "es", "fr", "pt-BR")


@pytest.mark.parametrize("language", LOCALES)
def test_a_refused_form_counts_its_errors_in_every_language(merchant: Merchant, language: str) -> None:
    merchant.language = language

    page = merchant.post("/settings/", {"link": "x", "timezone": "y", "version": "1"})

    assert page.status_code == 422
    assert re.search(r"<p>[^<]*\b2\b[^<]+</p>", page.text)
