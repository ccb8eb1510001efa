"""Where a webhook and a store event stand; the states of a delivery are `delivery.State`."""

from enum import StrEnum


class WebhookState(StrEnum):
    """Where a webhook stands."""

    WAITING = "waiting"  #: not read yet
    TRANSLATED = "translated"  #: its events are stored and its notices obeyed
    SKIPPED = "skipped"  #: a decision that it means nothing here, with its reason
    FAILED = "failed"  #: it could not be read


class EventState(StrEnum):
    """Where a store event stands."""

    NEW = "new"  #: nothing is decided about it yet
    PLANNED = "planned"  #: its deliveries are stored
    TIMED = "timed"  #: it only moved its cart's timer
    SKIPPED = "skipped"  #: a decision not to send, with its reason in the log
    HELD = "held"  #: kept until the merchant says where it should go
