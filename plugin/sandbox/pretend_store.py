"""What a pretend store is to the rest of the sandbox, which knows none by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from flask import Flask

from plugin.domain.shop import Shop
from plugin.sandbox.courier import Courier
from plugin.sandbox.outage import Outage
from plugin.sandbox.sendpulse import PretendSendPulse
from plugin.sandbox.stage import Sender
from plugin.wiring import Services


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where a store and the app reach each other; without a slash at the end."""

    own: tuple[str, ...]  #: one for each of the store's parts, in their order
    app: str


class OpenStore(Protocol):
    """A pretend store that knows its addresses."""

    @property
    def title(self) -> str:
        """What the sandbox page calls it; names the demo shop."""

    @property
    def admins(self) -> Mapping[str, str]:
        """Where staff open the app: what the page calls the place, and its address."""

    @property
    def pictures(self) -> Mapping[str, str]:
        """Where it says its product pictures are, and where they are: two origins."""

    @property
    def outage(self) -> Outage:
        """Lets its API answer nobody for a while."""

    def web_apps(self, courier: Courier) -> Sequence[Flask]:
        """What is served for each of its parts; `courier` brings what the page does not show."""

    def seed(self, services: Services, sendpulse: PretendSendPulse) -> Shop:
        """Put the demo shop into the running app; again changes nothing. Raises `Misconfigured`."""

    def sender(self, courier: Courier) -> Sender:
        """The demo shop's webhooks."""


class PretendStore(Protocol):
    """What a folder in `plugin/sandbox/stores` offers as STORE, its only public name."""

    @property
    def name(self) -> str:
        """The folder's name, which is the platform's name too."""

    @property
    def rank(self) -> int:
        """Stores get their ports in this order; those of one rank by name."""

    @property
    def parts(self) -> Sequence[str]:
        """What listens at ports of its own, as the operator reads it: "the pretend Shopify"."""

    @property
    def seeding(self) -> str:
        """What the operator reads while the demo shop is put into the app."""

    @property
    def topics(self) -> Mapping[str, str]:
        """The events it can fire, each with the store's own word for it."""

    @property
    def guesses(self) -> Mapping[str, str]:
        """What nobody could find out about the real store, by the name that marks it in the code."""

    def environ(self, own: Sequence[str]) -> Mapping[str, str]:
        """What makes the app call this store, whose parts are at these addresses, instead of the real one."""

    def open(self, addresses: Addresses) -> OpenStore:
        """The store at its addresses; nothing listens yet."""
