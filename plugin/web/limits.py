"""How often one shop's staff may ask: in this process, generously, and at the cost of no other shop."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, cast

from flask import Flask, current_app

from plugin.address_limits import AddressLimit
from plugin.config import Settings
from plugin.domain.errors import TooOften

PAGES: Final = "pages"
EXPORTS: Final = "exports"
SAMPLES: Final = "samples"

_SAMPLES_PER_MINUTE: Final = 60  #: of one shop: people look at theirs, SendPulse fetches one when an event is made

_Limits = Mapping[str, AddressLimit]


def register(app: Flask, settings: Settings) -> None:
    """Give the application its limits."""
    app.extensions["plugin_limits"] = {
        PAGES: AddressLimit(most=settings.pages_per_minute, within=timedelta(minutes=1)),
        EXPORTS: AddressLimit(most=settings.exports_per_hour, within=timedelta(hours=1)),
        SAMPLES: AddressLimit(most=_SAMPLES_PER_MINUTE, within=timedelta(minutes=1)),
    }


def demand(what: str, shop_id: int, *, now: datetime) -> None:
    """Count it once more for this shop; raises `TooOften`."""
    limit = cast(_Limits, current_app.extensions["plugin_limits"])[what]
    if wait := limit.wait(str(shop_id), now):
        raise TooOften(what, after=wait)
    limit.count(str(shop_id), now)
