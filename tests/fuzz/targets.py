"""What is searched: each target makes an input of a `Random`, gives it to the app and says what came of it.

A target raises nothing: whatever leaves it is a fault. The shares add up to about one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final

from plugin.domain import locale
from plugin.domain.errors import PluginError
from plugin.domain.settings.file import SettingsRefused, read_settings_file, write_settings_file
from plugin.domain.settings.pasted import read_event_url, read_flow
from plugin.domain.settings.values import Wrong
from plugin.platforms import discover, find_testkit
from plugin.ports import RawWebhook
from plugin.sendpulse.text import plain
from plugin.web.forms.email_mistakes import email_mistake
from plugin.web.pages.store.reading import read_file
from tests.fuzz.texts import hostile_bytes, hostile_document, hostile_file, hostile_text
from tests.support.builders import NOON
from tests.support.fakes import FakeShops
from tests.support.hostile.answering import follow_answers
from tests.support.hostile.damage import damaged
from tests.support.hostile.following import follow
from tests.support.hostile.seeds import seeds
from tests.support.platforms.fixtures import platform_of

Try = Callable[[Random], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One thing that is searched."""

    name: str
    share: float  #: of all inputs
    attempt: Try


def _translate(platform: str) -> Try:
    topics = sorted(seeds(platform))

    def attempt(random: Random) -> str:
        topic = random.choice(topics)
        follow(platform_of(platform), topic, damaged(random.choice(seeds(platform)[topic]), random), random)
        return "followed"

    return attempt


def _answers(random: Random) -> str:
    known = seeds("shopify")
    topic = random.choice(sorted(topic for topic in known if topic.startswith(("orders/", "checkouts/"))))
    follow_answers(topic, random.choice(known[topic]), random)
    return "followed"


def _verify(platform: str) -> Try:
    kit, known = find_testkit(platform), seeds(platform)
    shops = FakeShops()
    shop, access = kit.installation()
    shop = shops.install(shop, access, now=NOON)
    opened, topics = platform_of(platform), sorted(known)

    def attempt(random: Random) -> str:
        topic = random.choice(topics)
        body = random.choice((random.choice(known[topic]), hostile_bytes(random)))
        webhook = kit.webhook(topic, body, shop)
        headers = dict(webhook.headers)
        for _ in range(random.randint(0, 2)):
            headers[random.choice(sorted(headers))] = hostile_text(random)[:9000]
        if random.randrange(3) == 0:
            body += random.choice((b" ", b"\x00", body[:50]))
        try:
            opened.verify(RawWebhook(headers=headers, body=body), shops)
        except PluginError as error:
            return type(error).__name__
        # Whatever was changed in the headers: only a body that was signed gets this far.
        assert body == webhook.body, "a body was taken that nobody signed"
        return "verified"

    return attempt


def _settings_document(random: Random) -> str:
    try:
        settings = read_settings_file(hostile_document(random))
    except SettingsRefused as refused:
        assert refused.errors and all(str(error).strip() for error in refused.errors)
        return "refused"
    assert read_settings_file(write_settings_file(settings, with_secrets=True)) == settings
    return "read"


def _settings_text(random: Random) -> str:
    text = hostile_file(random)
    file = read_file(text.encode(errors="surrogatepass"), "") if random.randrange(2) else read_file(None, text)
    assert (file.document is None) is bool(file.errors)
    return "refused" if file.errors else "read"


def _pasted(random: Random) -> str:
    read, text = random.choice((read_event_url, read_flow)), hostile_text(random)
    try:
        value = read(text).value
    except Wrong:
        return "refused"
    assert read(value).value == value
    return "read"


def _languages(random: Random) -> str:
    text = hostile_text(random)
    tag = locale.parse(text)
    assert tag is None or locale.parse(tag) == tag
    locale.best(text, ("pl", "pt-BR", "zh-TW", "en"))
    return "read" if tag else "unreadable"


def _plain(random: Random) -> str:
    text = hostile_text(random)
    assert plain(plain(text)) == plain(text)
    email_mistake(text)
    return "read"


TARGETS: Final[tuple[Target, ...]] = (
    *(Target(name=f"translate {name}", share=0.06, attempt=_translate(name)) for name in discover()),
    Target(name="answers of Shopify's API", share=0.03, attempt=_answers),
    *(Target(name=f"verify {name}", share=0.08, attempt=_verify(name)) for name in discover()),
    Target(name="settings documents", share=0.15, attempt=_settings_document),
    Target(name="settings files", share=0.15, attempt=_settings_text),
    Target(name="pasted fields", share=0.16, attempt=_pasted),
    Target(name="languages", share=0.13, attempt=_languages),
    Target(name="plain text", share=0.1, attempt=_plain),
)
