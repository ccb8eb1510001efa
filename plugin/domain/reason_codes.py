"""Why something was not sent, and how its flow was chosen, as codes for machines; the sentences for people stand beside.

A code is stored, printed and counted: it never changes its name or its meaning. Rows of before there were codes, or
written by an older version beside this one, have none: "".
"""

from enum import StrEnum


class ReasonCode(StrEnum):
    """Why an event was skipped, held or given up, or what an attempt came to."""

    # Skipped or held: a decision of the merchant's settings.
    NO_ROUTE = "no_route"  #: the kind has no event in SendPulse to go to
    SWITCHED_OFF = "switched_off"  #: the merchant switched the kind off
    NO_CONTACT = "no_contact"  #: neither an e-mail address nor a phone number that can be used
    NOT_SUBSCRIBED = "not_subscribed"  #: the kind is for subscribers, and the buyer said no
    CONSENT_UNKNOWN = "consent_unknown"  #: the kind is for subscribers, and the store did not say
    NO_FLOW = "no_flow"  #: no flow's language fits the buyer's
    NO_LOCALE = "no_locale"  #: neither the buyer nor the shop has a language a flow could fit
    TEST_ORDER = "test_order"  #: an order of the store's own tests
    NOT_TO_BE_REPEATED = "not_to_be_repeated"  #: held: SendPulse may have it, and the settings say not to repeat

    # Skipped: it says nothing, or nothing any more.
    BOUGHT = "bought"  #: the cart was bought before this left
    NEWER_STATE = "newer_state"  #: a newer state of the same thing was told first
    CHECKOUT_CLOSED = "checkout_closed"  #: the checkout was completed or deleted
    UNCHANGED = "unchanged"  #: it would say what was said last of the same thing
    IMPORTED = "imported"  #: a sale of long ago, brought in from elsewhere
    REPLACEMENT = "replacement"  #: goods sent again for an order that went wrong: nobody bought anything
    NO_MONEY_MOVED = "no_money_moved"  #: a refund by which nothing went back
    POINT_OF_SALE = "point_of_sale"  #: a cart put aside at the till
    EMPTIED = "emptied"  #: a cart without anything in it
    REMINDED = "reminded"  #: this cart had its reminder, or its buyer one of another cart a short while ago
    TOO_OLD = "too_old"  #: the cart was quiet for longer than a reminder makes sense
    STAFF = "staff"  #: it is about one of the shop's own staff
    DRAFT = "draft"  #: not an order yet
    NO_CHECKOUT = "no_checkout"  #: the order changed, and no checkout stands behind it
    NOT_NOTIFIED = "not_notified"  #: the shop's staff chose not to tell the buyer
    OTHER_APP = "other_app"  #: it is about another app of the shop
    UNKNOWN_TOPIC = "unknown_topic"  #: this app does nothing with such webhooks
    NOT_APPROVED = "not_approved"  #: the fulfilment waits for approval
    TOLD_ELSEWHERE = "told_elsewhere"  #: another webhook tells the same, and more of it
    NO_EVENT = "no_event"  #: a webhook this app understands, of which no event comes
    UNINSTALLED = "uninstalled"  #: the shop has uninstalled the app
    CONTRADICTED = "contradicted"  #: what is signed is not what the unsigned headers say
    EXPIRED = "expired"  #: it waited as long as anything is kept: for a shop to be resumed, or an account switched on
    FORGOTTEN = "forgotten"  #: the person asked to be forgotten

    # Failed before anything was sent.
    UNREADABLE = "unreadable"  #: the webhook lacks what its kind always has
    UNCONFIRMED = "unconfirmed"  #: it would end the shop here, and the platform never said whether it is so
    POISON = "poison"  #: it stopped the worker again and again
    GIVEN_UP = "given_up"  #: it cannot be made ready to send, for the reason given

    # What SendPulse answered.
    ACCEPTED = "accepted"
    EVENT_UNKNOWN = "event_unknown"  #: no such event URL or event name
    CREDENTIALS_REFUSED = "credentials_refused"
    CREDENTIALS_MISSING = "credentials_missing"
    PLAN_TOO_SMALL = "plan_too_small"
    ACCESS_REFUSED = "access_refused"
    BODY_REFUSED = "body_refused"  #: SendPulse does not take this body
    NOT_TAKEN = "not_taken"  #: a success that says the event was not taken
    REDIRECTED = "redirected"
    RATE_LIMITED = "rate_limited"
    TOLD_TO_WAIT = "told_to_wait"  #: SendPulse waited too long, or asks to come later
    SERVER_FAULT = "server_fault"
    GATEWAY = "gateway"  #: something in front of SendPulse answered

    # No answer.
    UNREACHABLE = "unreachable"  #: nothing was sent
    NOT_SECURE = "not_secure"  #: nothing was sent: no TLS connection
    NO_ANSWER = "no_answer"  #: sent, and nobody knows whether it arrived
    UNSENDABLE = "unsendable"  #: no request can be made with this address or these credentials
    WORKER_STOPPED = "worker_stopped"  #: the worker was stopped before the answer came
    TOKEN_PENDING = "token_pending"  # noqa: S105  the access token is being fetched, or could not be read


class FlowMatch(StrEnum):
    """How the flow of a delivery was chosen."""

    RULE = "rule"  #: a rule of the merchant's, before language
    EXACT = "exact"  #: the flow of this very locale
    WIDER = "wider"  #: the flow of its language, or of its language and script
    NEAREST = "nearest"  #: the flow of another region of the same language and script
    DEFAULT = "default"  #: no flow fits: the merchant's default flow
    NONE = "none"  #: no flow fits: sent without one, held or skipped
    NO_FLOWS = "no_flows"  #: none are set, so nothing was asked for


WITHOUT_FLOW = frozenset({ReasonCode.NO_FLOW, ReasonCode.NO_LOCALE})  #: reasons that say that no flow fits
UNMATCHED = frozenset({FlowMatch.DEFAULT, FlowMatch.NONE})  #: ways in which no flow's language fitted
