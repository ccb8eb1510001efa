"""Reading what a merchant pasted: an event URL inside a command or between blanks, a flow's number inside an address."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from plugin.domain.setting_values import Wrong, found, is_harmless

HOST: Final = "events.sendpulse.com"
HEX_DIGITS: Final = 32
LONGEST_PASTE: Final = 8000
WHERE: Final = (
    "Open the event in SendPulse's Events Manager, tab POST raw, and copy the address that begins https://events.sendpulse.com/"
)
BY_NAME: Final = "To send by name, choose that on the event's own page"

_URL: Final = re.compile(
    r"(?:([a-z]+)://)?events\.sendpulse\.com/events/id/([^/\s'\"?#]*)(?:/([^/\s'\"?#]*))?(?=[/\s'\"?#]|$)", re.IGNORECASE
)
_HOST: Final = re.compile(r"(?:[a-z]+://)?((?:[\w-]+\.)+[a-z]{2,})(?:[:/]|$)", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pasted:
    """What was meant, and what had to be mended to see it."""

    value: str
    said: str = ""  #: for the merchant; "" when it was right as it was


def read_event_url(text: str) -> Pasted:
    """The event URL in a pasted address, a cURL command or a text with blanks; raises `Wrong` saying what it is instead."""
    tidy = _visible(text).strip()
    if len(tidy) > LONGEST_PASTE:
        raise Wrong(f"found a text of {len(tidy)} characters. Paste the event URL alone.")
    matches = _matches(tidy)
    urls = {(match[2].lower(), match[3] or "") for match in matches}
    if not urls:
        raise Wrong(_what_else(tidy))
    if len(urls) > 1:
        raise Wrong(f"found {len(urls)} different event URLs. Paste the one of this event only.")
    scheme = (matches[0][1] or "").lower()
    if scheme not in ("", "http", "https"):
        raise Wrong(f"found an address that begins {scheme}://. An event URL begins https://.")
    ((key, account),) = urls
    _check_parts(key, account)
    value = f"https://{HOST}/events/id/{key}/{account}"
    return Pasted(value=value, said=_said(text, value))


def read_flow(text: str) -> Pasted:
    """A flow's number out of a number or the address of the flow's page; raises `Wrong` saying what it is instead."""
    tidy = _visible(text).strip()
    if not tidy:
        raise Wrong("is missing. Write the flow's number, or paste the address of the flow's page.")
    links = set(re.findall(r"/flow/id/([0-9]+)(?![0-9])", tidy))
    if len(links) > 1:
        raise Wrong("found the addresses of two flows. Paste one.")
    digits = links.pop() if links else tidy.removeprefix("#").replace(" ", "").replace("\N{NO-BREAK SPACE}", "")
    if not re.fullmatch(r"[0-9]+", digits):
        raise Wrong(_no_flow(tidy))
    if int(digits) == 0:
        raise Wrong("found 0. Flows are counted from 1.")
    if len(digits) > 15:
        raise Wrong(f"found a number of {len(digits)} digits. A flow's number is shorter: the digits after /flow/id/.")
    number = str(int(digits))
    return Pasted(value=number, said="" if number == text else f"Read as flow {number}.")


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
        raise Wrong(f"the part after /events/id/ is empty. {WHERE}.")
    if not re.fullmatch(r"[0-9a-f]*", key):
        raise Wrong("the part after /events/id/ holds other signs than 0-9 and a-f. Copy the URL anew instead of typing it.")
    if len(key) != HEX_DIGITS:
        what = "a part was cut off" if len(key) < HEX_DIGITS else "something was added"
        raise Wrong(f"the part after /events/id/ has {len(key)} signs in place of {HEX_DIGITS}: {what}. Copy the whole URL.")
    if not account:
        raise Wrong("the number at the end is missing: the URL was cut off. Copy the whole URL.")
    if not re.fullmatch(r"[0-9]{1,20}", account):
        raise Wrong("what stands after the last slash is no number. Copy the URL anew, and nothing after it.")


def _said(text: str, value: str) -> str:
    if text == value:
        return ""
    if "curl" in text.lower():
        return "Found the event URL in the cURL command."
    if re.search(r"\S\s+\S", text.strip()):
        return "Found the event URL in the text around it, and left the rest out."
    if text.strip() != text:
        return "Removed the blanks around the event URL."
    return "Tidied the event URL up."


def _what_else(text: str) -> str:
    """What was pasted in place of an event URL."""
    if not text:
        return f"is missing. {WHERE}."
    if "/flow/id/" in text:
        return f"found the address of a flow; that belongs on the Languages page. {WHERE}."
    if text[0] in "{[":
        return f"found JSON: that is what is sent, not where it is sent. {WHERE}."
    if "@" in text and "://" not in text:
        return f"found an e-mail address. {WHERE}."
    if re.fullmatch(r"[0-9]+", text):
        return f"found a number alone: the end of an event URL, perhaps, or a flow. {WHERE}."
    if re.fullmatch(r"[0-9a-fA-F]{32}", text):
        return f"found the middle part of an event URL alone. {WHERE}."
    if match := _HOST.match(text.removeprefix("curl ").strip(" '\"")):
        return _other_host(match[1].lower())
    if re.fullmatch(r"[\w.-]+", text):
        return f"found {found(text)}, which looks like an event's name. {BY_NAME}. Else: {WHERE}."
    return f"no event URL was found in this text of {len(text)} characters. {WHERE}."


def _other_host(host: str) -> str:
    if host == HOST:
        return f"this address of {HOST} is no event's: it should go on with /events/id/. {WHERE}."
    if host == "api.sendpulse.com":
        return f"found an address of SendPulse's REST API. {BY_NAME}. Else: {WHERE}."
    if host.endswith("sendpulse.com"):
        return f"found a page of {host}, which shows an event but takes none. {WHERE}."
    name = host if is_harmless(host) else "another site"
    return f"this address leads to {name}. Events go to {HOST} and nowhere else. {WHERE}."


# ------------------------------------------------------------------ flows


def _no_flow(text: str) -> str:
    if HOST in text:
        return "found an event URL; that belongs on the Events page. A flow's address has /flow/id/ in it."
    if text.startswith("-"):
        return f"found {found(text)}. A flow's number has no minus."
    if re.fullmatch(r"[0-9]+[.,][0-9]+", text):
        return f"found {found(text)}. A flow's number is whole."
    if "/flow/" in text:
        return "this flow's address has no number after /flow/id/. Open the flow in SendPulse and copy the address from there."
    if "sendpulse" in text:
        return "found an address of SendPulse that is no flow's. Open the flow: its address has /flow/id/ and a number."
    if re.fullmatch(r"[0-9]+([,;\s]+[0-9]+)+", text):
        return "found several numbers. One flow belongs here."
    return f"found {found(text)}. Write the digits after /flow/id/ in the flow's address, such as 12345."


def _visible(text: str) -> str:
    """Without marks nobody sees, which come along when pages are copied."""
    return "".join(character for character in text if unicodedata.category(character) != "Cf")
