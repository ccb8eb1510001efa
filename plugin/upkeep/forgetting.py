"""Asking SendPulse to forget whom we have forgotten, for as long as it takes to get an answer, but not for ever."""

from datetime import datetime, timedelta
from typing import Final

import structlog

from plugin.domain.delivery import Outcome, Verdict
from plugin.domain.errors import Misconfigured
from plugin.domain.person import ErasureState
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.settings import Account
from plugin.domain.wording import NO_SENTENCE, Sentence, worded
from plugin.ports import AccountApi, PendingErasure, Store
from plugin.upkeep.people import ALL_BY_HAND, BY_HAND

log = structlog.get_logger()

AT_ONCE: Final = 10  #: people
LEASE: Final = timedelta(minutes=10)  #: longer than all calls about one person may take
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=6)
GIVEN_UP_AFTER: Final = timedelta(days=7)
PAUSE: Final = timedelta(seconds=30)  #: between two looks for somebody

NO_KEYS: Final = worded("The access to SendPulse's REST API was removed before SendPulse could be asked.")
NOBODY_READ: Final = Outcome(
    verdict=Verdict.TRY_AGAIN,
    code=ReasonCode.UNSENDABLE,
    reason=worded("SendPulse could not be asked: the key that protects this customer's data here is missing."),
)


def ask_sendpulse(store: Store, account_api: AccountApi | None, *, now: datetime) -> int:
    """Ask about everybody who is due; how many those were."""
    due = store.people.claim_erasures(limit=AT_ONCE, now=now, lease=LEASE)
    for pending in due:
        _ask(store, account_api, pending, now)
    return len(due)


def _ask(store: Store, account_api: AccountApi | None, pending: PendingErasure, now: datetime) -> None:
    account = _account(store, pending.shop_id)
    if account_api is None or not account.has_keys:
        _end(store, pending, ErasureState.FAILED, NO_KEYS, ALL_BY_HAND, None, now)
        return
    is_read = pending.emails or pending.phones
    outcome = account_api.forget(account, emails=pending.emails, phones=pending.phones) if is_read else NOBODY_READ
    log.info("asked SendPulse to forget", shop=pending.shop_id, verdict=outcome.verdict.value, tries=pending.tries)
    if outcome.verdict is Verdict.DELIVERED:
        _end(store, pending, ErasureState.DONE, outcome.reason, BY_HAND, None, now)
    elif again_at := _again_at(pending, outcome, now):
        _end(store, pending, ErasureState.WAITING, outcome.reason, outcome.fix, again_at, now)
    else:
        _end(store, pending, ErasureState.FAILED, outcome.reason, outcome.fix or ALL_BY_HAND, None, now)


def _account(store: Store, shop_id: int) -> Account:
    try:
        return store.shops.settings(shop_id).account
    except Misconfigured:
        return Account()


def _again_at(pending: PendingErasure, outcome: Outcome, now: datetime) -> datetime | None:
    """When to ask again; None when that would change nothing, or it was asked for long enough."""
    is_final = outcome.verdict is Verdict.GIVE_UP and not outcome.needs_merchant
    wait = max(min(FIRST_WAIT * 2 ** min(pending.tries - 1, 20), LONGEST_WAIT), outcome.after or timedelta(0))
    return None if is_final or now + wait - pending.asked_at > GIVEN_UP_AFTER else now + wait


def _end(
    store: Store, pending: PendingErasure, state: ErasureState, reason: Sentence, fix: Sentence, again_at: datetime | None,
    now: datetime,
) -> None:  # fmt: skip
    store.people.end_erasure(pending, state, reason=reason, fix=fix or NO_SENTENCE, again_at=again_at, now=now)
