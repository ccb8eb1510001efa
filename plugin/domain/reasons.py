"""Why an event goes where it goes, or nowhere: the sentences of `matching`, each whole, so that each can be translated."""

from typing import Final

from plugin.domain.contact import Consent
from plugin.domain.countries import named
from plugin.domain.delivery import Hold, Skip
from plugin.domain.event import LocaleOrigin
from plugin.domain.kinds import KINDS, EventKind, Family
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.routing import Flow, Rule
from plugin.domain.wording import NO_SENTENCE, Sentence, worded

OTHER_SHOP: Final = worded("This webhook is about another shop, so nothing was done with it.")
NO_FLOWS: Final = worded("no flows are set: SendPulse starts every flow of the event")


def no_route(kind: EventKind) -> Skip:
    return Skip(
        code=ReasonCode.NO_ROUTE,
        reason=worded("No route for %(kind)s.", kind=kind),
        fix=worded("Add one for %(kind)s on the Events page.", kind=kind),
        kind=kind,
    )


def switched_off(kind: EventKind) -> Skip:
    return Skip(
        code=ReasonCode.SWITCHED_OFF,
        reason=worded("%(kind)s is switched off.", kind=kind),
        fix=worded("Switch on %(kind)s on the Events page.", kind=kind),
        kind=kind,
    )


# What a store tells that is no occasion for a letter, whatever the settings.
NO_LETTER: Final = {
    ReasonCode.UNCHANGED: worded("Nothing a letter shows has changed since the last event."),
    ReasonCode.IMPORTED: worded("This sale was made long ago and brought in now."),
    ReasonCode.REPLACEMENT: worded("This order replaces goods that went wrong: nobody bought anything."),
    ReasonCode.NO_MONEY_MOVED: worded("No money went back by this refund."),
    ReasonCode.POINT_OF_SALE: worded("This cart was put aside at the till: the buyer has no page to return to."),
    ReasonCode.EMPTIED: worded("The cart is empty."),
    ReasonCode.BOUGHT: worded("The buyer ordered before this could be sent."),
    ReasonCode.REMINDED: worded("This cart had its reminder already, or its buyer had one for another cart a short while ago."),
    ReasonCode.TOO_OLD: worded("The cart was left so long ago that a reminder makes no sense any more."),
    ReasonCode.CHECKOUT_CLOSED: worded("The checkout was completed or deleted."),
    ReasonCode.STAFF: worded("This account is one of the shop's own staff."),
    ReasonCode.DRAFT: worded("The order is still a draft."),
    ReasonCode.NOT_NOTIFIED: worded("Whoever sent the parcel chose not to notify the customer."),
    ReasonCode.TOLD_ELSEWHERE: worded("This parcel completes the order, which has an event of its own."),
    ReasonCode.NEWER_STATE: worded("The parcel was delivered before this could be sent."),
    ReasonCode.NOT_APPROVED: worded("The fulfilment waits for approval."),
}


def no_letter(code: ReasonCode, kind: EventKind) -> Skip:
    if code is ReasonCode.SWITCHED_OFF:
        return switched_off(kind)
    fix = NO_SENTENCE
    if code is ReasonCode.IMPORTED:
        fix = worded("To send such sales too, tick “Send old orders too” on the Settings page.")
    elif code is ReasonCode.REMINDED:
        fix = worded("How often a buyer is reminded is set on the Events page, at “Cart abandoned”.")
    elif code is ReasonCode.TOO_OLD:
        fix = worded("How late a reminder may come is set on the Events page, at “Cart abandoned”.")
    return Skip(code=code, reason=NO_LETTER[code], fix=fix, kind=kind)


def no_address(kind: EventKind) -> Skip:
    if KINDS[kind].family is Family.ORDER:
        return Skip(
            code=ReasonCode.NO_CONTACT,
            reason=worded(
                "The store sent neither an e-mail address nor a phone number that can be used. "
                "This waits for a later webhook of the order that brings one, for 48 hours."
            ),
            fix=worded("Ask for one of them at checkout; SendPulse cannot recognise anybody without."),
            kind=kind,
        )
    return Skip(
        code=ReasonCode.NO_CONTACT,
        reason=worded("The store sent neither an e-mail address nor a phone number that can be used."),
        fix=worded("Ask for one of them at checkout; SendPulse cannot recognise anybody without."),
        kind=kind,
    )


def no_consent(kind: EventKind, consent: Consent) -> Skip:
    known = {
        Consent.NOT_SUBSCRIBED: worded("No consent: the buyer did not agree to marketing."),
        Consent.UNKNOWN: worded("No consent: the store did not say whether the buyer agreed to marketing."),
    }
    fix = worded(
        "%(kind)s is set to leave for subscribers only. "
        "If it is not marketing (a receipt is not), choose “Everyone it happens to” on the Events page.",
        kind=kind,
    )
    code = ReasonCode.NOT_SUBSCRIBED if consent is Consent.NOT_SUBSCRIBED else ReasonCode.CONSENT_UNKNOWN
    return Skip(code=code, reason=known[consent], fix=fix, kind=kind)


def of_rule(rule: Rule) -> Sentence:
    terms = _terms(rule)
    if rule.name:
        return worded("%(why)s → your rule (%(name)s)", why=terms, name=rule.name)
    return worded("%(why)s → your rule", why=terms)


def _terms(rule: Rule) -> Sentence:
    """What the rule asks for, as one phrase: a list glued of words reads well in few languages."""
    channel, country, kind = rule.channel, named(rule.country), rule.event
    match bool(channel), bool(country), bool(kind):
        case True, True, True:
            return worded(
                "channel %(channel)s, country %(country)s, event %(kind)s", channel=channel, country=country, kind=kind
            )
        case True, True, False:
            return worded("channel %(channel)s, country %(country)s", channel=channel, country=country)
        case True, False, True:
            return worded("channel %(channel)s, event %(kind)s", channel=channel, kind=kind)
        case False, True, True:
            return worded("country %(country)s, event %(kind)s", country=country, kind=kind)
        case True, False, False:
            return worded("channel %(channel)s", channel=channel)
        case False, True, False:
            return worded("country %(country)s", country=country)
        case False, False, True:
            return worded("event %(kind)s", kind=kind)
    return worded("every event")


def rules_locale(rule: Rule, unreadable: str) -> Sentence:
    """Why an event has the language of a rule; `unreadable` is what the store said instead of one."""
    locale, why = rule.locale, _terms(rule)
    if unreadable:
        return worded(
            "locale %(text)s cannot be read, so %(locale)s by your rule for %(why)s", text=unreadable, locale=locale, why=why
        )
    return worded("locale %(locale)s by your rule for %(why)s", locale=locale, why=why)


def shops_default(said: str, default: str) -> Sentence:
    if said:
        return worded("locale %(locale)s cannot be read, so the shop's default %(default)s", locale=said, default=default)
    return worded("the store named no locale, so the shop's default %(default)s", default=default)


def no_locale(said: str) -> Sentence:
    if said:
        return worded("locale %(locale)s cannot be read, and the shop has no default locale", locale=said)
    return worded("the store named no locale, and the shop has no default locale")


def buyers_locale(origin: LocaleOrigin, locale: str) -> Sentence:
    """Whose locale it is."""
    match origin:
        case LocaleOrigin.ORDER | LocaleOrigin.CHECKOUT:
            return worded("buyer's locale %(locale)s", locale=locale)
        case LocaleOrigin.CUSTOMER:
            return worded("customer's locale %(locale)s", locale=locale)
        case LocaleOrigin.SHOP:
            return worded("shop's default locale %(locale)s", locale=locale)
    return worded("locale %(locale)s", locale=locale)


def of_flow(flow: Flow, why: Sentence, *, is_nearest: bool) -> Sentence:
    locale, name = flow.locale, flow.name
    if not is_nearest and not name:
        return worded('%(why)s → your flow "%(locale)s"', why=why, locale=locale)
    if not is_nearest:
        return worded('%(why)s → your flow "%(locale)s" (%(name)s)', why=why, locale=locale, name=name)
    if not name:
        return worded('%(why)s → your flow "%(locale)s", the nearest of the same language', why=why, locale=locale)
    return worded(
        '%(why)s → your flow "%(locale)s" (%(name)s), the nearest of the same language', why=why, locale=locale, name=name
    )


def held(tag: str, why: Sentence) -> Hold:
    if tag:
        return Hold(
            code=ReasonCode.NO_FLOW,
            reason=worded("No flow fits %(locale)s; your settings hold such events.", locale=tag),
            fix=worded(
                "Add a flow for %(locale)s, or change what happens when no flow fits, on the Languages page; "
                "then send the held ones again on the Deliveries page.",
                locale=tag,
            ),
        )
    return Hold(
        code=ReasonCode.NO_LOCALE,
        reason=worded("No flow can be chosen: %(why)s; your settings hold such events.", why=why),
        fix=worded(
            "Set the default language on the Settings page, or change what happens when no flow fits on the Languages page; "
            "then send the held ones again on the Deliveries page."
        ),
    )


def skipped(tag: str, why: Sentence, kind: EventKind) -> Skip:
    if tag:
        return Skip(
            code=ReasonCode.NO_FLOW,
            reason=worded("No flow fits %(locale)s; your settings skip such events.", locale=tag),
            fix=worded(
                "Add a flow for %(locale)s, or change what happens when no flow fits, on the Languages page.", locale=tag
            ),
            kind=kind,
        )
    return Skip(
        code=ReasonCode.NO_LOCALE,
        reason=worded("No flow can be chosen: %(why)s; your settings skip such events.", why=why),
        fix=worded(
            "Set the default language on the Settings page, or change what happens when no flow fits on the Languages page."
        ),
        kind=kind,
    )


def of_default_flow(why: Sentence, name: str) -> Sentence:
    if name:
        return worded("%(why)s: no flow fits → your default flow (%(name)s)", why=why, name=name)
    return worded("%(why)s: no flow fits → your default flow", why=why)


def without_flow(why: Sentence) -> Sentence:
    return worded("%(why)s: no flow fits → sent without a flow, so SendPulse starts every flow of the event", why=why)
