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

OTHER_SHOP: Final = worded("This webhook is about another store, so the app ignored it.")
NO_FLOWS: Final = worded("no flows are set: SendPulse starts every flow of the event")


def no_route(kind: EventKind) -> Skip:
    return Skip(
        code=ReasonCode.NO_ROUTE,
        reason=worded("%(kind)s is not set up.", kind=kind),
        fix=worded("Set up %(kind)s on the Events page.", kind=kind),
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
    ReasonCode.UNCHANGED: worded("Nothing an email shows has changed since the last event."),
    ReasonCode.IMPORTED: worded("This is an old sale that was only imported now."),
    ReasonCode.REPLACEMENT: worded("This is a replacement order: nobody bought anything."),
    ReasonCode.NO_MONEY_MOVED: worded("This refund returned no money."),
    ReasonCode.POINT_OF_SALE: worded("This cart was saved at a point of sale, so the buyer has no page to return to."),
    ReasonCode.EMPTIED: worded("The cart is empty."),
    ReasonCode.BOUGHT: worded("The buyer ordered before this could be sent."),
    ReasonCode.REMINDED: worded("This cart already got its reminder, or its buyer recently got one for another cart."),
    ReasonCode.TOO_OLD: worded("The cart was left too long ago for a reminder."),
    ReasonCode.CHECKOUT_CLOSED: worded("The checkout was completed or deleted."),
    ReasonCode.STAFF: worded("This is a staff account of your store."),
    ReasonCode.DRAFT: worded("The order is still a draft."),
    ReasonCode.NOT_NOTIFIED: worded("Your staff chose not to notify the customer about this shipment."),
    ReasonCode.TOLD_ELSEWHERE: worded("This was the order's last parcel. The whole order has an event of its own."),
    ReasonCode.NEWER_STATE: worded("The parcel was delivered before this could be sent."),
    ReasonCode.NOT_APPROVED: worded("The fulfillment is waiting for approval."),
}


def no_letter(code: ReasonCode, kind: EventKind) -> Skip:
    if code is ReasonCode.SWITCHED_OFF:
        return switched_off(kind)
    fix = NO_SENTENCE
    if code is ReasonCode.IMPORTED:
        fix = worded("To send such sales too, tick “Send old orders too” on the Settings page.")
    elif code is ReasonCode.REMINDED:
        fix = worded("You can change how often a buyer is reminded on the Events page, under “Cart abandoned”.")
    elif code is ReasonCode.TOO_OLD:
        fix = worded("You can change how late a reminder is sent on the Events page, under “Cart abandoned”.")
    return Skip(code=code, reason=NO_LETTER[code], fix=fix, kind=kind)


def no_address(kind: EventKind) -> Skip:
    if KINDS[kind].family is Family.ORDER:
        return Skip(
            code=ReasonCode.NO_CONTACT,
            reason=worded(
                "Your store sent no usable email address or phone number. If the order gets one within 48 hours, this is sent."
            ),
            fix=worded(
                "Ask for an email address or a phone number at checkout. Without one, SendPulse cannot recognize the buyer."
            ),
            kind=kind,
        )
    return Skip(
        code=ReasonCode.NO_CONTACT,
        reason=worded("Your store sent no usable email address or phone number."),
        fix=worded(
            "Ask for an email address or a phone number at checkout. Without one, SendPulse cannot recognize the buyer."
        ),
        kind=kind,
    )


def no_consent(kind: EventKind, consent: Consent) -> Skip:
    known = {
        Consent.NOT_SUBSCRIBED: worded("No consent: the buyer did not agree to marketing."),
        Consent.UNKNOWN: worded("No consent: your store did not say whether the buyer agreed to marketing."),
    }
    fix = worded(
        "%(kind)s is sent to subscribers only. If it is not marketing (a receipt is not), choose “Everyone” "
        "on the Events page.",
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
            "language %(text)s not recognized, so %(locale)s by your rule for %(why)s", text=unreadable, locale=locale, why=why
        )
    return worded("language %(locale)s by your rule for %(why)s", locale=locale, why=why)


def shops_default(said: str, default: str) -> Sentence:
    if said:
        return worded("language %(locale)s not recognized, so your store's default %(default)s", locale=said, default=default)
    return worded("no language given, so your store's default %(default)s", default=default)


def no_locale(said: str) -> Sentence:
    if said:
        return worded("language %(locale)s not recognized, and your store has no default language", locale=said)
    return worded("no language given, and your store has no default language")


def buyers_locale(origin: LocaleOrigin, locale: str) -> Sentence:
    """Whose locale it is."""
    match origin:
        case LocaleOrigin.ORDER | LocaleOrigin.CHECKOUT:
            return worded("buyer's language %(locale)s", locale=locale)
        case LocaleOrigin.CUSTOMER:
            return worded("customer's language %(locale)s", locale=locale)
        case LocaleOrigin.SHOP:
            return worded("your store's default language %(locale)s", locale=locale)
    return worded("language %(locale)s", locale=locale)


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
            reason=worded("No flow fits %(locale)s, so the event is held, as you set.", locale=tag),
            fix=worded(
                "Add a flow for %(locale)s on the Languages page, or change what happens when no flow fits. Then send "
                "the held events again from the Event log.",
                locale=tag,
            ),
        )
    return Hold(
        code=ReasonCode.NO_LOCALE,
        reason=worded("No flow can be chosen (%(why)s), so the event is held, as you set.", why=why),
        fix=worded(
            "Set the default language on the Settings page, or change what happens when no flow fits on the Languages "
            "page. Then send the held events again from the Event log."
        ),
    )


def skipped(tag: str, why: Sentence, kind: EventKind) -> Skip:
    if tag:
        return Skip(
            code=ReasonCode.NO_FLOW,
            reason=worded("No flow fits %(locale)s, so the event is skipped, as you set.", locale=tag),
            fix=worded(
                "Add a flow for %(locale)s on the Languages page, or change what happens when no flow fits.", locale=tag
            ),
            kind=kind,
        )
    return Skip(
        code=ReasonCode.NO_LOCALE,
        reason=worded("No flow can be chosen (%(why)s), so the event is skipped, as you set.", why=why),
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
