"""What must come of a history of carts: from the words of the design, not from the code.

A basket is what is known by any of its names. It is as its newest change tells, by the store's own time; what is older
than what is known of it moves and ends nothing, however late it comes. But what names somebody to write to begins a wait,
and alone keeps it: emptied or deleted later than that, a basket is over, whatever a storefront was heard to change since.

Of one thing no rule speaks. While reminders are off nobody need remember which checkouts are of one cart: what one of them
tells then may be forgotten but for itself, and begin the wait that an older word of another tells of once they are on. The
cart was left, and the store is asked. To know better, every change of every cart of shops that never remind would have to be
written down. So a history may come out as either.

Nor does any rule say in which order is taken what is read in one go: as it arrived, or as it happened. A cart that was emptied
and filled again may stand in the log as emptied or not; its letter is the same.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from tests.support.carts.history import SWITCHED_AFTER, SWITCHES, TICK, History, Telling, What
from tests.support.carts.shifts import Shift
from tests.support.carts.telling import COMES_BACK, truth

LATE: Final = 5 * 60  #: a cart that is told when its wait is over already rings so long after that was read
AFTER_AWAY: Final = 15 * 60  #: so long the stores have to tell again what they told while nobody was there
ASKED_FOR: Final = 60 * 60  #: a store that does not answer is asked for so long
AGAIN: Final = 60  #: an older cart is looked at again when the newer one was to ring, and no sooner than so
JUST_NOW: Final = 2  #: what arrived since then may be read any moment
LONGEST_HOLD: Final = 24 * 60 * 60  #: where something is always unread, only what arrived before a cart was due matters then
NEVER: Final = -(10**9)

BOUGHT, CLOSED, EMPTIED, OFF = "bought", "checkout_closed", "emptied", "switched_off"
REMINDED, TOO_OLD = "reminded", "too_old"
ANY: Final = frozenset({BOUGHT, CLOSED, EMPTIED, OFF, REMINDED, TOO_OLD})


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A reminder that leaves."""

    basket: int
    at: int  #: seconds
    is_partial: bool = False  #: the store could not be asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A wait that ends without a letter."""

    basket: int
    at: int
    codes: frozenset[str]  #: any of these is a true reason
    is_sure: bool = True  #: not: it began and ended in one reading, so nobody may have seen it wait


@dataclass(slots=True, kw_only=True)
class Basket:
    """What is known of one."""

    number: int = 0
    keys: set[str] = field(default_factory=set)
    people: set[str] = field(default_factory=set)
    begun: int = -NEVER
    changed: int = NEVER  #: the newest change that is known
    before: int = NEVER  #: the one that was known before it
    told: int = NEVER  #: the newest change that named somebody to write to
    told_of: dict[str, int] = field(default_factory=dict)  #: of each checkout, what was told of it alone
    is_empty: bool = False
    counts_after: int = NEVER  #: what is not newer begins no wait: it was emptied or deleted then, or its wait ended with that
    is_bought: bool = False
    is_reminded: bool = False
    not_before: int = NEVER  #: another cart of its buyer rings first
    late: int = NEVER  #: what told of it came when its wait was over; for as long as that wait goes on
    waits_since: int | None = None
    asked_at: int | None = None

    @property
    def waits(self) -> bool:
        return self.waits_since is not None


@dataclass
class Model:
    """Reads what arrives, and says what leaves."""

    history: History
    forgets: bool = False  #: while reminders are off, what is of one cart
    letters: list[Letter] = field(default_factory=list)
    ended: list[Ended] = field(default_factory=list)
    _read: list[Telling] = field(default_factory=list)
    _baskets: list[Basket] = field(default_factory=list)
    _orders: list[tuple[frozenset[str], int]] = field(default_factory=list)
    _reminded: list[tuple[frozenset[str], int]] = field(default_factory=list)
    _is_on: bool = True
    _read_at: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))  #: reasons that were read then
    _over_at: int = NEVER  #: when last a basket was told to be bought or gone

    def read(self, telling: Telling, *, now: int) -> None:
        """Take in one webhook; one that repeats another changes nothing."""
        if telling in self._read:
            return
        self._read.append(telling)
        basket = self._known(telling)
        if telling.is_bought:
            self._bought(basket, telling, now)
        elif telling.what is What.DELETED:
            self._gone(basket, telling.at, CLOSED, now)
        else:
            self._changed(basket, telling, now)

    def finish_reading(self, now: int) -> None:
        """Of what was read in one go, any may be called the reason."""
        for place, end in enumerate(self.ended):
            if end.at == now:
                self.ended[place] = replace(end, codes=end.codes | self._read_at.get(now, set()))

    def switch(self, *, is_on: bool, now: int) -> None:
        """The merchant switches reminders off, which ends what waits, or on again."""
        self._is_on = is_on
        for basket in self._baskets:
            if basket.waits and not is_on:
                self._end(basket, {OFF, REMINDED, TOO_OLD}, now)  # switched on again before it is told, that may be the reason

    def look(self, now: int, unread: Sequence[int], may_ring: int) -> None:
        """Let ring what is due; `unread`: when each webhook arrived that nobody has read. Nothing rings till `may_ring`."""
        waiting = sorted((one for one in self._baskets if one.waits), key=lambda one: -one.changed)
        dues = [max(one.changed + self.history.wait, one.not_before, one.late, may_ring) for one in waiting]
        for place, (basket, due) in enumerate(zip(waiting, dues, strict=True)):
            asked_till = NEVER if basket.asked_at is None else basket.asked_at + ASKED_FOR
            due = max(due, asked_till)
            if due > now or any(_holds(arrived, due, now) for arrived in unread):
                continue
            newer = [when for one, when in zip(waiting[:place], dues, strict=False) if one.people & basket.people]
            if newer:
                basket.not_before = max(basket.not_before, newer[0], now + AGAIN)
            else:
                self._ring(basket, now)

    def _ring(self, basket: Basket, now: int) -> None:
        codes = set(self._reasons(basket, now))
        if codes:
            self._end(basket, codes, now)
        elif not self.history.store_answers and basket.asked_at is None:
            basket.asked_at = now
        else:
            self.letters.append(Letter(basket=basket.number, at=now, is_partial=not self.history.store_answers))
            self._reminded.append((frozenset(basket.people), now))
            basket.is_reminded = True
            self._stop(basket)

    def _reasons(self, basket: Basket, now: int) -> Iterable[str]:
        yield from self._limits(basket, now)
        if self.history.store_answers and (stands := truth(self.history, basket.number, now)) != "open":
            yield {"bought": BOUGHT, "closed": CLOSED}[stands]

    def _limits(self, basket: Basket, now: int) -> Iterable[str]:
        if now - basket.changed > self.history.oldest_hours * 3600:
            yield TOO_OLD
        recent = now - self.history.window_hours * 3600
        if basket.is_reminded or any(at > recent and people & basket.people for people, at in self._reminded):
            yield REMINDED

    def _known(self, telling: Telling) -> Basket:
        """The basket with any of these names: what was thought to be two may turn out to be one."""
        same = [one for one in self._baskets if one.keys & telling.keys] if telling.keys else []
        basket = same[0] if same else Basket()
        for other in same[1:]:
            basket = _joined(basket, other)
        self._baskets = [one for one in self._baskets if one not in same] + ([basket] if telling.keys else [])
        basket.keys |= telling.keys
        basket.number = basket.number or telling.basket
        return basket

    def _bought(self, basket: Basket, telling: Telling, now: int) -> None:
        basket.is_bought, self._over_at = True, now
        self._read_at[now].add(BOUGHT)
        self._end(basket, {BOUGHT}, now)
        if telling.shows_buyer and telling.placed is not None:
            self._orders.append((frozenset(telling.people), telling.placed))
            self._end_settled(self._baskets, now)

    def _gone(self, basket: Basket, at: int, code: str, now: int) -> None:
        """It is emptied or deleted: what is newer counts again."""
        basket.counts_after, self._over_at = max(basket.counts_after, at), now
        self._read_at[now].add(code)
        if at >= basket.told:
            self._end(basket, {code}, now, until=at)

    def _changed(self, basket: Basket, telling: Telling, now: int) -> None:
        at = max(telling.at, basket.told_of.get(telling.checkout, NEVER))
        if self.forgets and not self._is_on and telling.has_contact and not telling.is_empty:
            basket.told_of[telling.checkout] = at
            return
        if telling.has_contact and basket.waits:
            basket.people |= set(telling.people)
            basket.begun = min(basket.begun, telling.begun)
        if at > basket.changed:
            basket.before, basket.changed, basket.is_empty = basket.changed, at, telling.is_empty
            basket.late = max(basket.late if basket.waits else NEVER, self._after(telling, now))
            basket.not_before, basket.asked_at = NEVER, None
            self._end_settled([basket], now)
        if telling.is_empty:
            self._gone(basket, telling.at, EMPTIED, now)
        elif telling.has_contact and not basket.waits:
            self._begin(basket, telling, now)
        if telling.has_contact:
            basket.told = max(basket.told, telling.at)

    def _begin(self, basket: Basket, telling: Telling, now: int) -> None:
        """A wait begins, that of a new visit: it knows what bodies told since an earlier one ended."""
        is_old = telling.at <= max(basket.counts_after, basket.told, basket.told_of.get(telling.checkout, NEVER))
        is_over = is_old or basket.is_bought or basket.is_empty or not self._is_on
        basket.begun, basket.people = telling.begun, set(telling.people)
        if not is_over and not self._is_settled(basket):
            basket.waits_since, basket.late = now, max(basket.late, self._after(telling, now))
        elif self._over_at == now:  # read a moment before what it came with, it would have waited till then
            self.ended.append(Ended(basket=basket.number, at=now, codes=ANY, is_sure=False))

    def _after(self, telling: Telling, now: int) -> int:
        """When what is told late rings at the soonest."""
        return now + LATE if telling.at + self.history.wait <= now else NEVER

    def _end_settled(self, baskets: Sequence[Basket], now: int) -> None:
        for basket in baskets:
            if basket.waits and self._is_settled(basket):
                self._end(basket, {BOUGHT}, now)

    def _is_settled(self, basket: Basket) -> bool:
        """Whether its buyer ordered after beginning it, and did not come back to it a day later or more."""
        return any(
            people & basket.people and basket.begun <= placed and basket.changed < placed + COMES_BACK
            for people, placed in self._orders
        )

    def _end(self, basket: Basket, codes: set[str], now: int, *, until: int = -NEVER) -> None:
        """`until`: what is newer than what ended it may begin another."""
        if basket.waits:
            is_sure = basket.waits_since != now
            codes = codes | set(self._limits(basket, now))  # any that is true
            codes |= {TOO_OLD} if NEVER < min(basket.before, until) < now - self.history.oldest_hours * 3600 else set()
            self.ended.append(Ended(basket=basket.number, at=now, codes=frozenset(codes), is_sure=is_sure))
            self._stop(basket, until=until)

    def _stop(self, basket: Basket, *, until: int = -NEVER) -> None:
        basket.counts_after = max(basket.counts_after, min(basket.changed, until))
        basket.waits_since = basket.asked_at = None


def _holds(arrived: int, due: int, now: int) -> bool:
    """Whether what arrived then and is unread keeps a cart that was due from ringing now."""
    return arrived < due or (arrived <= now - JUST_NOW and due > now - LONGEST_HOLD)


def _joined(one: Basket, other: Basket) -> Basket:
    newer = one if one.changed >= other.changed else other
    return Basket(
        number=one.number or other.number,
        keys=one.keys | other.keys,
        people=one.people | other.people,
        begun=min(one.begun, other.begun),
        changed=newer.changed,
        told=max(one.told, other.told),
        told_of=one.told_of | other.told_of,
        is_empty=newer.is_empty,
        counts_after=max(one.counts_after, other.counts_after),
        is_bought=one.is_bought or other.is_bought,
        is_reminded=one.is_reminded or other.is_reminded,
        not_before=newer.not_before,
        late=newer.late,
        waits_since=newer.waits_since if newer.waits else (one if one.waits else other).waits_since,
        asked_at=newer.asked_at,
    )


def reckoned(
    history: History, tellings: Sequence[Telling], shifts: Sequence[Shift], *, forgets: bool, as_it_happened: bool = False
) -> Model:
    """Play the history in these moments. `as_it_happened`: so what is read in one go is taken, not as it arrived."""
    model = Model(history=history, forgets=forgets)
    arrivals = sorted((second, place) for place, one in enumerate(tellings) for second in one.arrivals)
    unread: list[tuple[int, int]] = []
    switches = [(step.at * TICK + SWITCHED_AFTER, step.what is What.ON) for step in history.steps if step.what in SWITCHES]
    for shift in shifts:
        while arrivals and arrivals[0][0] <= shift.now:
            unread.append(arrivals.pop(0))
        while switches and switches[0][0] <= shift.now:
            model.switch(is_on=switches.pop(0)[1], now=shift.now)
        if shift.reads and unread:
            found = [tellings[place] for _, place in unread]
            for telling in sorted(found, key=lambda one: one.at) if as_it_happened else found:
                model.read(telling, now=shift.now)
            model.finish_reading(shift.now)
            unread.clear()
        if shift.rings:
            may_ring = NEVER if shift.back_at is None else shift.back_at + AFTER_AWAY
            model.look(shift.now, [arrived for arrived, _ in unread], may_ring)
    return model
