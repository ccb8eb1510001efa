"""A pretend SendPulse, as strict as the real one is known to be: events, flows, REST API, limits and faults."""

from plugin.sandbox.sendpulse.account import Account, AssumedBehaviour, StopMatch
from plugin.sandbox.sendpulse.api_host import api_app
from plugin.sandbox.sendpulse.definitions import EventDefinition, Received, Type
from plugin.sandbox.sendpulse.events_host import events_app
from plugin.sandbox.sendpulse.faults import Fault
from plugin.sandbox.sendpulse.flows import Flow, Mail, Reentry
from plugin.sandbox.sendpulse.guesses import GUESSES, Answer
from plugin.sandbox.sendpulse.limits import Limits
from plugin.sandbox.sendpulse.state import PretendSendPulse

__all__ = [
    "GUESSES",
    "Account",
    "Answer",
    "AssumedBehaviour",
    "EventDefinition",
    "Fault",
    "Flow",
    "Limits",
    "Mail",
    "PretendSendPulse",
    "Received",
    "Reentry",
    "StopMatch",
    "Type",
    "api_app",
    "events_app",
]
