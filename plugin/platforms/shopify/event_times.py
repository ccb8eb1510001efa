"""When something happened, as the store wrote it."""

from datetime import datetime

from plugin.domain.payload import Payload


def happened(body: Payload, *names: str) -> datetime:
    """The first of these that can be read; raises `Unreadable` naming the first when there is none."""
    return next((moment for moment in map(body.when, names) if moment), None) or body.required_when(names[0])
