"""The letters to begin with: complete in every language, made of variables that their kind of event has, sound as HTML."""

import re
import tomllib
from html.parser import HTMLParser
from pathlib import Path

import pytest

from plugin.config import Settings
from plugin.domain.kinds import KINDS, EventKind
from plugin.domain.variables import VariableType, of_kind
from plugin.storage import SqlStore
from plugin.web import letters
from plugin.web.letters import LANGUAGES, letter
from tests.support.builders import a_settings_document
from tests.support.web.letters import FOLDER, files
from tests.support.web.merchant import Merchant, a_merchant

TEXTS = Path(letters.__file__).parent / "texts"
VARIABLE = re.compile(r"\{\{(\w+)\}\}")
RESERVED = {"unsubscribe_url"}
EVERY = pytest.mark.parametrize("language", LANGUAGES)


@pytest.fixture
def merchant(store: SqlStore, settings: Settings) -> Merchant:
    return a_merchant(store, settings)


class Tags(HTMLParser):
    """Whether each tag that opens is closed, and what is asked of pictures, links and colours."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        style = told.get("style") or ""
        if tag not in ("meta", "img"):
            self.open.append(tag)
        if tag == "img" and not told.get("alt"):
            self.wrong.append("a picture without words")
        if tag == "a" and not VARIABLE.fullmatch(told.get("href") or ""):
            self.wrong.append(f"a link to {told.get('href')}")
        if "color:#ffffff" in style.replace("background-color:", "") and "background-color:" not in style:
            self.wrong.append("white text on whatever is there")
        if re.search(r"(?<!max-)width:(\d{3,})px", style):
            self.wrong.append(f"a fixed width: {style}")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> closes nothing")


@EVERY
def test_each_language_has_every_text(language: str) -> None:
    english = tomllib.loads((TEXTS / "en.toml").read_text(encoding="utf-8"))
    spoken = tomllib.loads((TEXTS / f"{language}.toml").read_text(encoding="utf-8"))

    assert {part: set(texts) for part, texts in spoken.items()} == {part: set(texts) for part, texts in english.items()}
    assert set(spoken) == {"labels", *EventKind}
    assert all(text.strip() == text != "" for texts in spoken.values() for text in texts.values())
    for kind in EventKind:
        for name, text in spoken[kind].items():
            assert sorted(VARIABLE.findall(text)) == sorted(VARIABLE.findall(english[kind][name])), (kind, name)


def test_there_are_no_texts_of_a_language_nobody_can_choose() -> None:
    assert {path.stem for path in TEXTS.glob("*.toml")} == set(LANGUAGES)


@EVERY
@pytest.mark.parametrize("kind", EventKind)
def test_a_letter_names_only_variables_its_event_has_as_text_or_number(kind: EventKind, language: str) -> None:
    told = letter(kind, language)
    types = {variable.name: variable.type for variable in of_kind(kind)}

    named = set(VARIABLE.findall(told.subject + told.html))

    assert named - RESERVED <= types.keys()
    assert {types[name] for name in named - RESERVED} <= {VariableType.TEXT, VariableType.NUMBER}
    assert "unsubscribe_url" in named
    assert ("product_name" in named) is KINDS[kind].has_products
    assert not re.search(r"\{%|\{\{(?!\w+\}\})", told.html), "SendPulse's own syntax for anything but a variable is not known"


@EVERY
@pytest.mark.parametrize("kind", EventKind)
def test_a_letter_is_sound_html_of_600_pixels_for_light_and_dark(kind: EventKind, language: str) -> None:
    html = letter(kind, language).html
    tags = Tags()
    tags.feed(html)

    assert (tags.open, tags.wrong) == ([], [])
    assert html.startswith(f'<!DOCTYPE html>\n<html lang="{language}" dir="ltr">')
    assert '<meta name="color-scheme" content="light dark">' in html
    assert set(re.findall(r"max-width:(\d+)px", html)) == {"600"}
    assert len(html.encode()) < 20_000, "Gmail cuts what is over 102 kB"


def test_a_letter_with_values_shows_them_and_no_variable() -> None:
    values = {variable.name: "<b>&" for variable in of_kind(EventKind.ORDER_PAID)} | {"unsubscribe_url": "#"}

    shown = letter(EventKind.ORDER_PAID, "pl", values)

    assert "{{" not in shown.html + shown.subject
    assert "&lt;b&gt;&amp;" in shown.html
    assert "<b>" not in shown.html


def test_the_documents_hold_the_letters_as_they_are() -> None:
    told = "renew them: python -m tests.support.web.letters"
    expected = dict(files())

    assert {path: path.read_text(encoding="utf-8") for path in FOLDER.rglob("*") if path.is_file()} == expected, told


def test_the_event_s_page_leads_to_its_letter_in_the_store_s_language(store: SqlStore, settings: Settings) -> None:
    document = a_settings_document() | {"store": {"default_locale": "pt-PT"}}
    merchant = a_merchant(store, settings, document=document)
    assert 'href="/fake/events/cart_abandoned/letter"' in merchant.get("/events/cart_abandoned").text

    page = merchant.get("/events/cart_abandoned/letter").text

    assert letter(EventKind.CART_ABANDONED, "pt-BR").subject in page
    assert "{{cart_link}}" in page


@EVERY
def test_a_letter_is_shown_in_the_language_that_is_chosen(merchant: Merchant, language: str) -> None:
    page = merchant.get(f"/events/order_paid/letter?language={language}").text

    assert f'lang="{language}" translate="no">{letter(EventKind.ORDER_PAID, language).subject}<' in page
    assert merchant.client.get(f"/letters/order_paid/{language}").status_code == 200


@pytest.mark.parametrize(
    ("kind", "link", "is_warned"),
    [("order_paid", "", True), ("order_paid", "https://shop.example/{order}", False), ("customer_created", "", False)],
)
def test_a_letter_whose_button_leads_nowhere_says_so(
    store: SqlStore, settings: Settings, kind: str, link: str, is_warned: bool
) -> None:
    own = {"store": {"order_link": link} if link else {}}
    merchant = a_merchant(store, settings, document=a_settings_document() | own)

    assert ("The button of this email leads nowhere yet" in merchant.get(f"/events/{kind}/letter").text) is is_warned


@pytest.mark.parametrize("asked", ["xx", "ar-XB", "../en", "a" * 5000, "%00", ""])
def test_a_language_without_letters_shows_the_store_s(merchant: Merchant, asked: str) -> None:
    answer = merchant.get(f"/events/order_paid/letter?language={asked}")

    assert answer.status_code == 200
    assert letter(EventKind.ORDER_PAID, "en").subject in answer.text


@pytest.mark.parametrize(
    "path", ["order_paid/xx", "order_paid/EN", "nothing/en", "order_paid/..%2Fen", "order_paid/" + "a" * 5000]
)
def test_there_is_no_preview_of_what_there_is_no_letter_for(merchant: Merchant, path: str) -> None:
    assert merchant.client.get(f"/letters/{path}").status_code == 404


def test_a_preview_stands_in_any_frame_and_can_do_nothing_there(merchant: Merchant) -> None:
    answer = merchant.client.get("/letters/order_paid/fr")

    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:")
    assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]
    assert "{{" not in answer.text
    assert not re.search(r"<script|href=\"(?!#)", answer.text)
