"""What is wrong with what a merchant typed is said in the merchant's language, beside each field and for a whole file."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract_from_file
from hypothesis import given
from hypothesis import strategies as st

from plugin.config import Settings
from plugin.domain.routing import Send
from plugin.domain.settings import links, values
from plugin.domain.settings.file import SettingsError, SettingsRefused, read_settings_file
from plugin.domain.settings.pasted import read_event_url, read_flow
from plugin.domain.settings.values import Wrong
from plugin.ports import Store
from plugin.storage import open_store
from plugin.web.i18n import PSEUDO
from plugin.web.reasons import translated
from tests.domain.test_settings_refused import WRONG
from tests.support.builders import EVENT_URL
from tests.support.databases import settings_for
from tests.support.web.merchant import Merchant, a_merchant, errors_in, texts_in
from tests.support.web.wrong_files import MANY, PASTED
from tests.support.web.wrong_inputs import ACCOUNT, EVENTS, FLOWS, STORE
from tests.web.test_forms import FORMS, typed_into
from tests.web.texts.test_languages import unmarked
from tests.web.texts.test_reasons import ENGLISH_WORDS, KEYWORDS, LITERALS, PLUGIN, TRANSLATED, made_from, read_in

MODULES = ("excerpts", "settings/values", "settings/links", "settings/reading", "settings/pasted")
MENDED = (EVENT_URL.upper(), f" {EVENT_URL}", f"curl {EVENT_URL}", f"POST {EVENT_URL} HTTP/1.1")
LONG_HOST = f"https://{'a' * 30}.example/"


@pytest.fixture(scope="module")
def merchant(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Merchant]:
    """One for all: nothing wrong is ever stored."""
    path = tmp_path_factory.mktemp("mistakes") / "plugin.db"
    shutil.copy(migrated_sqlite, path)
    settings = settings_for(f"sqlite:///{path}")
    store = open_store(settings)
    yield a_merchant(store, settings)
    store.close()


def is_english(text: str) -> bool:
    """Whether words of ours are left in it; what stands in braces is a name in the settings."""
    return bool(ENGLISH_WORDS.search(re.sub(r"\{\w+\}|https://\S+", "", text)))


# ------------------------------------------------------------------ on the pages


@pytest.mark.parametrize(("path", "table"), FORMS.items(), ids=FORMS.keys())
def test_no_wrong_input_is_explained_in_english(merchant: Merchant, path: str, table: list[tuple[str, str, str]]) -> None:
    merchant.language = PSEUDO

    pages = [merchant.post(path, typed_into(merchant, path, field, typed)).text for field, typed, _ in table]

    assert [errors_in(page) for page in pages if unmarked(page)] == []
    assert all(errors_in(page) for page in pages)


@pytest.mark.parametrize("text", [*(text for text, _ in PASTED), json.dumps(MANY)], ids=range(len(PASTED) + 1))
def test_no_wrong_file_is_explained_in_english(merchant: Merchant, text: str) -> None:
    merchant.language = PSEUDO

    page = merchant.post("/settings/file", {"text": text, "version": "1"}).text

    assert errors_in(page)["text"]
    assert unmarked(page) == []


@pytest.mark.parametrize(("field", "typed"), [wrong[:2] for wrong in ACCOUNT], ids=range(len(ACCOUNT)))
def test_no_wrong_key_is_explained_in_english(merchant: Merchant, field: str, typed: str) -> None:
    merchant.language = PSEUDO

    page = merchant.post("/settings/account/check", typed_into(merchant, "/settings/account", field, typed)).text

    assert errors_in(page)[field]
    assert unmarked(page) == []


@pytest.mark.parametrize("pasted", MENDED, ids=["capitals", "blanks", "cURL", "request"])
def test_what_was_mended_is_not_said_in_english(merchant: Merchant, pasted: str) -> None:
    merchant.language = PSEUDO
    sent = merchant.form("/languages") | {"flow-0": "#101", "flow-1": "x"}

    pages = [
        merchant.post("/events/cart_abandoned", {"event_url": pasted, "send": "json", "wait_minutes": "5"}).text,
        merchant.post("/languages", sent).text,
    ]

    assert [unmarked(page) for page in pages] == [[], []]
    assert all("<ul><li>⟦" in page for page in pages)


def test_the_preview_says_in_the_merchants_language_why_it_cannot_be_shown(merchant: Merchant) -> None:
    merchant.language = "pl"

    page = merchant.post("/events/cart_abandoned/sample", {"send": "json", "wait_minutes": "5"}).text

    assert "<li>Znaleziono: liczba 5; wpisz całkowitą liczbę minut od 10 do 10080.</li>" in page


# ------------------------------------------------------------------ a merchant in Poland


POLISH: dict[str, dict[str, tuple[str, str]]] = {
    "/settings": {
        "link": (
            "demo.example",
            "Znaleziono: „demo.example”, a tego nie można użyć: na początku brakuje https://; "
            "wpisz pełny adres, na przykład https://demo.example.",
        ),
        "product_link": (
            "https://demo.example/{slugg}",
            "W nawiasach klamrowych znaleziono: „slugg”; możesz użyć: {locale}, {slug}, {channel}, {variant}. "
            "Czy chodziło o slug?",
        ),
        "timezone": (
            "Europe/Warszawa",
            "Znaleziono: „Europe/Warszawa”; wpisz strefę czasową z listy IANA, na przykład Europe/Warsaw. "
            "Czy chodziło o Europe/Warsaw?",
        ),
        "default_locale": (
            "xx-yy-zz",
            "Znaleziono: „xx-yy-zz”, a to nieznany nam język; wpisz na przykład en, pl lub pt-BR.",
        ),
        "product_id": ("float", "Znaleziono: „float”; wpisz jedno z tych słów: number, text."),
    },
    "/settings/account": {
        "rate_per_second": ("11", "Znaleziono: liczba 11; wpisz całkowitą liczbę żądań na sekundę od 1 do 10."),
        "api_key": (
            "••••••••",
            "Znaleziono: kropki lub gwiazdki, które ukrywają klucz, a to nie jest klucz SendPulse; "
            "skopiuj go z ustawień konta SendPulse, karta API, bez spacji.",
        ),
    },
    "/events/cart_abandoned": {
        "wait_minutes": ("5", "Znaleziono: liczba 5; wpisz całkowitą liczbę minut od 10 do 10080."),
        "event_name": (
            "jan@example.com",
            "Znaleziono: tekst, liczba znaków: 15; wpisz nazwę zdarzenia tak, jak pokazuje ją SendPulse: "
            "od 1 do 80 liter, cyfr, kropek, łączników lub podkreśleń.",
        ),
    },
    "/languages": {
        "locale-0": (
            "en",
            "Znaleziono: „en”, ale wiersz 2 ma już ten język dla tego samego zdarzenia; zostaw jedno z dwojga.",
        ),
        "locale-1": (
            "EN",
            "Znaleziono: „EN”, ale wiersz 1 ma już ten język dla tego samego zdarzenia; zostaw jedno z dwojga.",
        ),
    },
    "/setup/languages": {
        "flow-0": ("-5", "Znaleziono: „-5”. Numer przepływu nie ma minusa."),
        "flow-1": ("", "Wpisz numer przepływu albo wklej adres jego strony."),
    },
    "/setup/connect": {
        "event_url": (
            "purchase",
            "Znaleziono: „purchase”, a to wygląda na nazwę zdarzenia. Aby wysyłać po nazwie, wybierz to na stronie samego "
            "zdarzenia. W przeciwnym razie wklej URL zdarzenia. W Menedżerze zdarzeń (Events Manager) SendPulse otwórz "
            "zdarzenie, potem kartę POST raw, i skopiuj adres zaczynający się od https://events.sendpulse.com/.",
        ),
    },
}  #: what is typed into each form, and what is said beside each field


@pytest.mark.parametrize(("path", "fields"), POLISH.items(), ids=POLISH.keys())
def test_a_polish_merchant_reads_polish_beside_each_field(
    merchant: Merchant, path: str, fields: dict[str, tuple[str, str]]
) -> None:
    merchant.language = "pl"
    typed = {name: typed for name, (typed, _) in fields.items()}

    page = merchant.post(path, typed_into(merchant, path, *next(iter(typed.items()))) | typed).text

    assert errors_in(page) == {name: said for name, (_, said) in fields.items()}
    assert [text for text in texts_in(page) if is_english(text)] == []
    assert 'lang="en"' not in page


def test_a_polish_merchant_reads_polish_for_each_mistake_in_a_file(merchant: Merchant) -> None:
    merchant.language = "pl"

    page = merchant.post("/settings/file", {"text": json.dumps(MANY), "version": "1"}).text

    assert errors_in(page)["text"].splitlines() == [
        "$.version: znaleziono: liczba 2; ta aplikacja czyta wersję 1.",
        "$.events.order_payed: to nieznane nam zdarzenie. Czy chodziło o order_paid?",
        "$.flows[0].locale: znaleziono: „zz”, a to nieznany nam język; wpisz na przykład en, pl lub pt-BR.",
        "$.flows[0].automation_id: brak tej wartości.",
        "$.store.timezone: znaleziono: „Mars”; wpisz strefę czasową z listy IANA, na przykład Europe/Warsaw.",
    ]


def test_what_is_in_the_way_elsewhere_is_said_with_its_place(store: Store, settings: Settings) -> None:
    by_name = {"enabled": False, "send": "name", "event_name": "paid"}
    merchant = a_merchant(store, settings, document={"version": 1, "events": {"order_paid": by_name}})
    merchant.language = "pl"

    page = merchant.post(
        "/setup/events", merchant.form("/setup?step=events") | {"kinds": "order_paid", "addresses": "one", "address": ""}
    ).text

    assert '<li><span translate="no">$.account.api_key</span>: brak tej wartości; „Zamówienie opłacone” wysyła się' in page


# ------------------------------------------------------------------ everything that can be said


def everything_said() -> set[str]:
    """Each message of the tables of wrong inputs, of wrong files and of what was mended."""
    files = {str(error.message) for _, document, *_ in WRONG for error in errors_of(document)}
    return files | {message for read, typed in TYPED for message in answers(read, typed)} - {""}


def errors_of(document: object) -> tuple[SettingsError, ...]:
    with pytest.raises(SettingsRefused) as refused:
        read_settings_file(document)
    return refused.value.errors


def answers(read: Callable[[Any], Any], typed: object) -> Iterator[str]:
    """What is said of a value, refused or mended."""
    try:
        yield getattr(read(typed), "said", "")
    except Wrong as wrong:
        yield wrong.said


READERS: tuple[Callable[[Any], Any], ...] = (
    read_event_url, read_flow, links.link, links.product_link, values.text, values.country,
    values.locale, values.event_name, values.event_url, values.automation_id,
    values.secret, values.timezone, values.word_of(Send),
)  # fmt: skip
MORE = (*MENDED, LONG_HOST, "#7", "https://demo.example:0", "https://https://", "https://" + "a" * 2048)
TYPED = [(read, typed) for read in READERS for typed in (*MORE, *(wrong[1] for wrong in (*EVENTS, *FLOWS, *STORE, *ACCOUNT)))]
SAID = sorted(everything_said())


def test_the_tables_say_everything_that_can_be_said() -> None:
    files = [PLUGIN / "domain" / f"{module}.py" for module in MODULES]
    patterns = {str(found[1]) for file in files for found in extract_from_file("python", file, keywords=KEYWORDS)}

    assert len(patterns) > 90
    assert patterns - {pattern for text in SAID for pattern in made_from(text)} == set()


@pytest.mark.parametrize("language", TRANSLATED)
def test_nothing_that_is_said_stays_english(language: str) -> None:
    with read_in(language):
        assert [text for text in SAID if translated(text) == text] == []


def test_nothing_that_is_said_is_told_outside_a_catalogue() -> None:
    with read_in(PSEUDO):
        assert [text for text in SAID if unmarked(translated(text))] == []


TRICKY = st.lists(st.sampled_from(sorted(LITERALS)) | st.text(max_size=9) | st.sampled_from(['"', "; ", ": "]), max_size=4)


@given(TRICKY.map("".join), st.sampled_from(READERS))
def test_whatever_is_typed_is_answered_in_the_merchants_language(typed: str, read: Callable[[Any], Any]) -> None:
    with read_in("pl"):
        assert [said for said in answers(read, typed) if said and translated(said) == said] == []
