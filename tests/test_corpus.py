"""The whole corpus, as `python -m tests.support.corpus` counts it."""

from plugin.domain.kinds import EventKind
from tests.support import corpus
from tests.support.platforms.fixtures import platform_of
from tests.support.shared_folder import needs_shared


@needs_shared
def test_every_shopify_body_is_handled() -> None:
    handled = list(corpus.shopify())

    assert len(handled) == 149
    assert corpus.unexpected(handled) == 0
    not_told = {EventKind.ORDER_OUT_FOR_DELIVERY, EventKind.ORDER_DELIVERED}  # its one parcel is still on its way
    assert _kinds(handled) == platform_of("shopify").kinds - not_told


@needs_shared
def test_every_signed_saleor_delivery_is_accepted() -> None:
    handled = list(corpus.saleor())

    assert corpus.unexpected(handled) == 0
    # The one with an HMAC comes from a webhook whose secret nobody kept.
    assert [item.name for item in handled if item.result == "refused"] == ["hmac-customer-created"]
    assert _kinds(handled) == platform_of("saleor").kinds


def _kinds(handled: list[corpus.Handled]) -> set[EventKind]:
    words = {word for item in handled for word in item.result.split(" + ")}
    return {kind for kind in EventKind if kind.value in words}
