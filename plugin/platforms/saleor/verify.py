"""Is this delivery from the shop it names, for this app, and about what its header says?"""

import re
from collections.abc import Mapping
from hashlib import sha256

from plugin.domain.errors import BadSignature, Contradicted, Misconfigured, NotInstalled, Unreadable
from plugin.domain.payload import Payload, read_json
from plugin.ports import Installation, RawWebhook, Shops, VerifiedWebhook

from .addresses import clean
from .config import ALLOWED_URLS, NAME
from .keys import KeySets
from .signature import Verdict, is_detached_jws, is_hmac, judged

# For whoever looks at a refused delivery in Saleor, and for `doctor`.
INSTALL = (
    "If the shop's API address has changed, install the app again in that Saleor; "
    f"where {ALLOWED_URLS.name} is set, add the new address to it first."
)

# Saleor sends each header twice, with and without X-, until 4.0. It has no twin for the API address today.
_PAIRED_HEADERS = ("saleor-event", "saleor-signature", "saleor-api-url", "saleor-domain")
_TOPIC = re.compile(r"[a-z]+(?:_[a-z]+)*", re.ASCII)
_OBJECTS = ("fulfillment", "order", "checkout", "user", "app", "productVariant", "product")

# What destroys something here is believed only when the signed body says that it is that.
_DESTROYERS = frozenset({"account_deleted", "app_deleted", "customer_deleted"})

# Sent once a warehouse with the same time: nothing but the whole body tells them apart.
_SEVERAL_AT_ONCE = frozenset({"product_variant_stock_updated"})


class Verifier:
    """Checks deliveries against the key sets of the shops."""

    def __init__(self, keys: KeySets) -> None:
        self._keys = keys

    def verify(self, webhook: RawWebhook, shops: Shops) -> VerifiedWebhook:
        """The delivery, believed; raises `BadSignature`, `NotInstalled`, or `TryAgain` while its key may be new."""
        headers = _matching_headers(webhook.headers)
        installation = _installation(headers["saleor-api-url"], shops)
        topic = headers["saleor-event"].lower()
        if not installation.is_active and topic != "app_deleted":
            raise NotInstalled("This shop has removed the app.", answer=401, advice=INSTALL)
        self._check_signature(headers["saleor-signature"], webhook.body, installation, shops)
        return _checked(topic, webhook.body, installation)

    def _check_signature(self, signature: str, body: bytes, installation: Installation, shops: Shops) -> None:
        if not is_detached_jws(signature):
            if is_hmac(signature, body, str(installation.access.get("webhook_secret", ""))):
                return
            raise BadSignature("The delivery has no signature of this shop.")
        for key_set in self._keys.candidates(installation, shops, holding=len(body)):
            verdict = judged(signature, body, key_set)
            if verdict is Verdict.SIGNED:
                return
            if verdict is Verdict.FORGED:
                break
        # Saleor never repeats after a 401, so this is said only of a key we know, or that the shop does not publish.
        raise BadSignature("The delivery was not signed with this shop's key.")


def event_topic(typename: str) -> str:
    """`OrderCreated` is sent as `order_created`: true of every asynchronous event of Saleor 3.23."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", typename).lower()


def _matching_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The value of each pair of twins; they are not signed, but two that differ were not sent by a Saleor."""
    found = {}
    for name in _PAIRED_HEADERS:
        values = {headers[twin] for twin in (name, f"x-{name}") if twin in headers}
        if len(values) > 1:
            raise BadSignature(f"The delivery's {name} headers contradict each other.")
        found[name] = values.pop() if values else ""
    return found


def _installation(address: str, shops: Shops) -> Installation:
    """Who announced this address when it installed; looked up only, never called."""
    try:
        known_as = clean(address)
    except Misconfigured as error:
        raise NotInstalled("The delivery names no address of a Saleor API.", answer=401, advice=INSTALL) from error
    installation = shops.find(NAME, known_as)
    if installation is None:
        words = "No shop with this API address has installed the app."
        raise NotInstalled(words, answer=401, advice=INSTALL, address=known_as)
    return installation


def _checked(topic: str, body: bytes, installation: Installation) -> VerifiedWebhook:
    """The delivery, once its signed body does not contradict its unsigned header."""
    signed = _lenient(body)
    # Bodies of webhooks made by hand may lack both; they get no further than the translator, which wants them.
    said = event_topic(signed.text("__typename")) or ("" if topic in _DESTROYERS else topic)
    if not _TOPIC.fullmatch(topic) or said != topic:
        raise Contradicted("The delivery is about another event than its header says.")
    recipient, app_id = signed.object("recipient").text("id"), installation.access.get("app_id")
    if recipient and app_id and recipient != app_id:
        raise Contradicted("The delivery is meant for another app of this shop.")
    if topic in _DESTROYERS and not recipient:
        raise Contradicted("The delivery does not say which app it is meant for.")
    return VerifiedWebhook(
        shop=installation.shop,
        topic=topic,
        key=_key(topic, body, signed),
        body=body,
        triggered_at=signed.when("issuedAt"),
    )


def _lenient(body: bytes) -> Payload:
    """The signed object, or an empty one: what else it may be is the translator's business."""
    try:
        return read_json(body, "body")
    except Unreadable:
        return Payload({}, "body")


def _key(topic: str, body: bytes, signed: Payload) -> str:
    """Event, object and time name a delivery; retries repeat the same bytes, so these stand in where one is missing."""
    object_id = next((id for id in (signed.object(name).text("id") for name in _OBJECTS) if id), "")
    if not object_id or not signed.text("issuedAt") or topic in _SEVERAL_AT_ONCE:
        return sha256(f"{topic}|".encode() + body).hexdigest()
    return sha256(f"{topic}|{object_id}|{signed.text('issuedAt')}".encode()).hexdigest()
