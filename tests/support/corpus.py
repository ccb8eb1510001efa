"""Every body of the corpus through verify and translate: `python -m tests.support.corpus` prints the counts."""

import csv
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from plugin.config import Settings
from plugin.domain.errors import BadSignature, Unreadable
from plugin.domain.notice import Translation
from plugin.domain.payload import read_json
from plugin.domain.shop import Shop
from plugin.platforms import discover, find_testkit
from plugin.ports import Platform, RawWebhook
from tests.support.builders import NOON
from tests.support.fakes import FakeShops
from tests.support.shared_folder import SHARED

CORPUS = SHARED / "corpus"
UNEXPECTED = "unexpected: "


@dataclass(frozen=True, slots=True, kw_only=True)
class Handled:
    """One body and what became of it."""

    name: str
    topic: str
    result: str  #: event kinds, notice names, "skip: …", "unreadable: …", "refused"
    has_contact: bool | None  #: None when it is no event


def shopify() -> Iterator[Handled]:
    """All Shopify bodies, each signed as Shopify would and sent in under its topic."""
    platform, shops, shop = _opened("shopify", None)
    with (CORPUS / "shopify" / "index.csv").open(encoding="utf-8", newline="") as index:
        rows = list(csv.DictReader(index))
    for row in rows:
        body = (CORPUS / "shopify" / row["file"]).read_bytes()
        webhook = find_testkit("shopify").webhook(row["topic"], body, shop, key=row["file"])
        yield _handle(row["file"], webhook, platform, shops)


def saleor() -> Iterator[Handled]:
    """All captured Saleor deliveries, with their own headers and signatures."""
    key_set = json.loads((CORPUS / "saleor" / "jwks.json").read_bytes())
    for path in sorted((CORPUS / "saleor").glob("*.headers.json")):
        headers = {name.lower(): value for name, value in json.loads(path.read_bytes())["headers"]}
        if "saleor-signature" not in headers:
            continue
        platform, shops, _ = _opened("saleor", headers["saleor-api-url"], {"jwks": key_set})
        body = path.with_name(path.name.replace(".headers.json", ".body")).read_bytes()
        yield _handle(path.name.removesuffix(".headers.json"), RawWebhook(headers=headers, body=body), platform, shops)


def _opened(name: str, address: str | None, access: dict[str, object] | None = None) -> tuple[Platform, FakeShops, Shop]:
    playing = find_testkit(name)
    shop, usual = playing.installation(address)
    shops = FakeShops()
    installed = shops.install(shop, usual if access is None else access, now=NOON)
    return discover()[name].open(Settings.from_environ({}), playing.environ), shops, installed


def _handle(name: str, webhook: RawWebhook, platform: Platform, shops: FakeShops) -> Handled:
    try:
        verified = platform.verify(webhook, shops)
    except BadSignature:
        return Handled(name=name, topic="", result="refused", has_contact=None)
    if verified.topic not in platform.topics:
        return Handled(name=name, topic=verified.topic, result="skip: unknown topic", has_contact=None)
    try:
        body = read_json(verified.body, verified.topic)
        translation = platform.translate(verified.topic, body, verified.shop)
    except Unreadable as error:
        return Handled(name=name, topic=verified.topic, result=f"unreadable: {error}", has_contact=None)
    except Exception as error:  # noqa: BLE001 what this program is there to find
        return Handled(name=name, topic=verified.topic, result=f"{UNEXPECTED}{type(error).__name__}", has_contact=None)
    return Handled(name=name, topic=verified.topic, result=_result(translation), has_contact=_contact(translation))


def _result(translation: Translation) -> str:
    words = [event.kind.value for event in translation.events]
    words += [type(notice).__name__ for notice in translation.notices]
    words += [f"skip: {translation.skip.reason}"] if translation.skip else []
    return " + ".join(words) or "nothing"


def _contact(translation: Translation) -> bool | None:
    return any(event.contact is not None for event in translation.events) if translation.events else None


def unexpected(handled: list[Handled]) -> int:
    """How many bodies raised what nobody foresaw."""
    return sum(item.result.startswith(UNEXPECTED) for item in handled)


def _print(title: str, handled: list[Handled]) -> None:
    print(f"\n{title}: {len(handled)} bodies handled, {unexpected(handled)} unexpected errors")
    counted = Counter((item.topic, item.result, item.has_contact) for item in handled)
    for (topic, result, has_contact), count in sorted(counted.items(), key=str):
        contact = {True: ", with a contact", False: ", nobody to write to", None: ""}[has_contact]
        print(f"  {count:3}  {topic or '-':40} {result}{contact}")


if __name__ == "__main__":
    if not Path(CORPUS).is_dir():
        raise SystemExit("The corpus (../shared/corpus) is not beside this checkout.")
    _print("Shopify", list(shopify()))
    _print("Saleor", list(saleor()))
