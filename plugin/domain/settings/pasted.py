"""Reading what a merchant pasted: an event URL inside a command or between blanks, a flow's number inside an address."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from plugin.domain.excerpts import LONGEST_EXCERPT, found, is_safe_to_quote, length_of
from plugin.domain.settings.values import Wrong
from plugin.domain.wording import NO_SENTENCE, Sentence, worded

HOST: Final = "events.sendpulse.com"
HEX_DIGITS: Final = 32
LONGEST_PASTE: Final = 8000  #: characters

# A scheme is looked for where a word begins: from each letter of a long one it would be read to its end again.
_URL: Final = re.compile(
    r"(?:(?<![a-z])([a-z]+)://)?events\.sendpulse\.com/events/id/([^/\s'\"?#]*)(?:/([^/\s'\"?#]*))?(?=[/\s'\"?#]|$)",
    re.IGNORECASE,
)
_HOST: Final = re.compile(r"(?:[a-z]+://)?((?:[\w-]+\.)+[a-z]{2,})(?:[:/]|$)", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pasted:
    """What was meant, and what had to be mended to see it."""

    value: str
    said: Sentence = NO_SENTENCE  #: for the merchant; nothing when it was right as it was


def read_event_url(text: str) -> Pasted:
    """The event URL in a pasted address, a cURL command or a text with blanks; raises `Wrong` saying what it is instead."""
    tidy = _tidied(text)
    if len(tidy) > LONGEST_PASTE:
        raise Wrong(worded("found %(found)s. Paste only the event URL.", found=length_of(tidy)))
    matches = _matches(tidy)
    urls = {(match[2].lower(), match[3] or "") for match in matches}
    if not urls:
        raise Wrong(_what_else(tidy))
    if len(urls) > 1:
        raise Wrong(worded("found %(count)s different event URLs. Paste only the one for this event.", count=len(urls)))
    scheme = (matches[0][1] or "").lower()
    if scheme not in ("", "http", "https"):
        raise Wrong(
            worded(
                "found an address that starts with %(scheme)s://. An event URL starts with https://.",
                scheme=scheme[:LONGEST_EXCERPT],
            )
        )
    ((key, account),) = urls
    _check_parts(key, account)
    value = f"https://{HOST}/events/id/{key}/{account}"
    return Pasted(value=value, said=_said(text, value))


def read_flow(text: str) -> Pasted:
    """A flow's number out of a number or the address of the flow's page; raises `Wrong` saying what it is instead."""
    tidy = _tidied(text)
    if len(tidy) > LONGEST_PASTE:
        raise Wrong(_no_flow(tidy))
    if not tidy:
        raise Wrong(worded("enter the flow number, or paste the address of the flow's page."))
    links = set(re.findall(r"/flow/id/([0-9]+)(?![0-9])", tidy))
    if len(links) > 1:
        raise Wrong(worded("found the addresses of two flows. Paste one."))
    digits = links.pop() if links else tidy.removeprefix("#").replace(" ", "").replace("\N{NO-BREAK SPACE}", "")
    if not re.fullmatch(r"[0-9]+", digits):
        raise Wrong(_no_flow(tidy))
    number = digits.lstrip("0")  # Python reads no whole number of more than 4300 digits
    if not number:
        raise Wrong(worded("found 0. Flow numbers start at 1."))
    if len(number) > 15:
        raise Wrong(
            worded(
                "found a number of %(count)s digits. A flow's number is shorter: the digits after /flow/id/.",
                count=len(number),
            )
        )
    return Pasted(value=number, said=NO_SENTENCE if number == text else read_as(number))


def read_as(flow: str) -> Sentence:
    """What is said where something else was typed for this flow."""
    return worded("Read as flow %(number)s.", number=flow)


# ------------------------------------------------------------------ event URLs


def _matches(text: str) -> list[re.Match[str]]:
    """Event URLs in the text: whole ones first, then those broken over lines, then what is nearly one."""
    as_it_is, joined = (list(_URL.finditer(each)) for each in (text, re.sub(r"\s+", "", text)))
    for matches in (as_it_is, joined):
        whole = [match for match in matches if match[3] and re.fullmatch(r"[0-9]{1,20}", match[3])]
        if whole:
            return whole
    return as_it_is or joined


def _check_parts(key: str, account: str) -> None:
    if not key:
        raise Wrong(_copy_it(worded("the part after /events/id/ is empty.")))
    if not re.fullmatch(r"[0-9a-f]*", key):
        raise Wrong(
            worded(
                "the part after /events/id/ contains characters other than 0-9 and a-f. "
                "Copy the URL again instead of typing it."
            )
        )
    if len(key) < HEX_DIGITS:
        raise Wrong(
            worded(
                "the part after /events/id/ has %(count)s characters instead of 32: a part was cut off. Copy the whole URL.",
                count=len(key),
            )
        )
    if len(key) > HEX_DIGITS:
        raise Wrong(
            worded(
                "the part after /events/id/ has %(count)s characters instead of 32: something was added. Copy the whole URL.",
                count=len(key),
            )
        )
    if not account:
        raise Wrong(worded("the number at the end is missing: the URL was cut off. Copy the whole URL."))
    if not re.fullmatch(r"[0-9]{1,20}", account):
        raise Wrong(worded("the part after the last slash is not a number. Copy the URL again, and nothing after it."))


def _said(text: str, value: str) -> Sentence:
    if text == value:
        return NO_SENTENCE
    if "curl" in text.lower():
        return worded("Found the event URL in the cURL command.")
    if re.search(r"\S\s+\S", text.strip()):
        return worded("Found the event URL in the text, and ignored the rest.")
    if text.strip() != text:
        return worded("Removed the spaces around the event URL.")
    return worded("Cleaned up the event URL.")


def _copy_it(why: Sentence) -> Sentence:
    """What is wrong, and where the right address stands."""
    return worded(
        "%(why)s In SendPulse's Events Manager, open the event, then the POST raw tab, and copy the address that "
        "starts with https://events.sendpulse.com/.",
        why=why,
    )


def _what_else(text: str) -> Sentence:
    """What was pasted in place of an event URL."""
    if not text:
        return _copy_it(worded("the event URL is missing."))
    if "/flow/id/" in text:
        return _copy_it(worded("found the address of a flow; that belongs on the Languages page."))
    if text[0] in "{[":
        return _copy_it(worded("found JSON: that is what is sent, not where it is sent."))
    if "@" in text and "://" not in text:
        return _copy_it(worded("found an email address."))
    if re.fullmatch(r"[0-9]+", text):
        return _copy_it(worded("found only a number: perhaps the end of an event URL, or a flow."))
    if re.fullmatch(r"[0-9a-fA-F]{32}", text):
        return _copy_it(worded("found only the middle part of an event URL."))
    if match := _HOST.match(text.removeprefix("curl ").strip(" '\"")):
        return _copy_it(_other_host(match[1].lower()))
    if re.fullmatch(r"[\w.-]+", text):
        return _copy_it(
            worded(
                "found %(found)s, which looks like an event's name. To send by name, choose that on the event's own "
                "page. Otherwise, paste the event URL.",
                found=found(text),
            )
        )
    return _copy_it(worded("no event URL was found in this text of %(count)s characters.", count=len(text)))


def _other_host(host: str) -> Sentence:
    if host == HOST:
        return worded("this address on %(host)s is not an event URL: /events/id/ is missing.", host=host)
    if host == "api.sendpulse.com":
        return worded(
            "found an address of SendPulse's REST API. To send by name, choose that on the event's own page. "
            "Otherwise, paste the event URL."
        )
    if host.endswith("sendpulse.com"):
        return worded("found a page of %(host)s, which shows an event but cannot receive any.", host=host)
    if is_safe_to_quote(host):
        return worded("this address leads to %(host)s. Events go to events.sendpulse.com and nowhere else.", host=host)
    return worded("this address leads to another site. Events go to events.sendpulse.com and nowhere else.")


# ------------------------------------------------------------------ flows


def _no_flow(text: str) -> Sentence:
    if HOST in text:
        return worded("found an event URL; that belongs on the Events page. A flow's address has /flow/id/ in it.")
    if text.startswith("-"):
        return worded("found %(found)s. A flow number has no minus sign.", found=found(text))
    if re.fullmatch(r"[0-9]+[.,][0-9]+", text):
        return worded("found %(found)s. A flow number is a whole number.", found=found(text))
    if "/flow/" in text:
        return worded(
            "this flow's address has no number after /flow/id/. Open the flow in SendPulse and copy the address from there."
        )
    if "sendpulse" in text:
        return worded("found a SendPulse address that is not a flow. Open the flow: its address has /flow/id/ and a number.")
    if re.fullmatch(r"[0-9]+([,;\s]+[0-9]+)+", text):
        return worded("found several numbers. Enter one flow.")
    return worded("found %(found)s. Enter the digits after /flow/id/ in the flow's address, such as 12345.", found=found(text))


def _tidied(text: str) -> str:
    """Without blanks around it, and without marks nobody sees, which come along when pages are copied; none too long."""
    tidy = text.strip()
    if len(tidy) > LONGEST_PASTE:
        return tidy
    return "".join(character for character in tidy if unicodedata.category(character) != "Cf").strip()
