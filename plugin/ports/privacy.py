"""What is cleared away because it is old."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from plugin.ports.values import RetentionCandidate


class Wiping(Protocol):
    """Getting what was erased out of the database's files."""

    def wanted(self, *, larger_than: int = -1) -> Sequence[str]:
        """The tables something was erased from that may still stand in their files, where those have more bytes than this."""

    def wipe(self, *, largest: int) -> Sequence[str]:
        """Write those of them anew that have no more bytes than this; which those were.

        What others use too much just now is left to the next time.
        """


class Retention(Protocol):
    """Clearing away what is old, in small commits.

    Webhooks and events are walked across shops, like claims: their ids follow time. The rest goes shop by shop.
    What began to wait since it was looked at, or is being worked on, stays: the answers count what went.
    """

    def webhooks(self, *, after_id: int, limit: int) -> Sequence[RetentionCandidate]:
        """The next webhooks by id."""

    def empty_webhooks(self, ids: Sequence[int]) -> int:
        """Delete their bodies; the rows stay, so that the same webhook again is known."""

    def delete_webhooks(self, ids: Sequence[int]) -> int: ...

    def events(self, *, after_id: int, limit: int) -> Sequence[RetentionCandidate]:
        """The next events by id. One waits while itself, a delivery or a timer of it does, and while one is held."""

    def empty_events(self, ids: Sequence[int], *, now: datetime) -> int:
        """Delete what they, their deliveries and attempts say of a person; their keys and states stay.

        Answers the rows changed: it stops after some hundred, so the last ones may be left.
        """

    def expire_events(self, ids: Sequence[int], *, now: datetime) -> int:
        """Close what waits of these for a suspended shop to be resumed or an account to be switched on again.

        The log says why; what they said of a person goes, where nothing else of them waits. Answers how many events.
        """

    def delete_events(self, ids: Sequence[int]) -> int:
        """Delete them with their deliveries and attempts. Answers the rows deleted; it stops after some hundred."""

    def shop_ids(self, *, after_id: int, limit: int) -> Sequence[int]: ...

    def delete_products(self, shop_id: int, *, before: datetime) -> int: ...

    def delete_purchases(self, shop_id: int, *, before: datetime) -> int: ...

    def delete_cart_marks(self, shop_id: int, *, before: datetime) -> int:
        """Delete what is remembered of carts that are over and of people who were reminded."""

    def delete_consents(self, shop_id: int, *, before: datetime) -> int:
        """Delete how people stand with marketing, where that was told before."""

    def delete_data_requests(self, shop_id: int, *, before: datetime) -> int:
        """Drop who asked for their data before."""

    def delete_erasures(self, shop_id: int, *, before: datetime) -> int:
        """Drop what is over of what SendPulse was asked to delete before."""

    def delete_audit(self, shop_id: int, *, before: datetime) -> int: ...

    def delete_product_names(self, shop_id: int, *, before: datetime) -> int: ...

    def delete_hours(self, shop_id: int, *, before: datetime) -> int:
        """Delete what was counted of deliveries planned before."""

    def delete_links(self, shop_id: int, *, before: datetime) -> int:
        """Delete those no delivery used since then, unless a delivery as old still waits with one in it."""

    def delete_departed(self, *, before: datetime) -> int:
        """Delete shops that uninstalled the app before then and have not come back, with all that is kept of them.

        Answers the rows deleted; it stops after some hundred, and the shop itself goes last.
        """

    def drop_replaced_secrets(self) -> int:
        """Go on to the next settings that were stored, and drop what they replaced from those before; how many that were."""

    def note_people(self) -> int:
        """Go on to the next events of before their people were noted, and note them; how many, 0 when there is none for now."""

    def delete_tokens(self, *, before: datetime) -> int:
        """Delete SendPulse tokens that ended before; they belong to accounts, which several shops may share."""
