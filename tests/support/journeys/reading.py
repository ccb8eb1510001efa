"""How long a merchant takes over a journey: reading what is new on each page once, pointing, typing and making up their mind.

By two sources. Reading: 238 words a minute, the mean of 190 studies of adults reading English non-fiction in silence
(Brysbaert, "How many words do we read per minute?", Journal of Memory and Language 109, 2019). Acting: the keystroke-level
model (Card, Moran and Newell, Communications of the ACM 23(7), 1980): a click is a mental preparation, pointing and a press,
and a text typed is a key a character for a person who types 40 words a minute.
"""

import re
from dataclasses import dataclass, field
from typing import Any, Final

from playwright.sync_api import FrameLocator, Locator, Page

from tests.support.journeys.merchant import Merchant

Inside = FrameLocator | Page | Locator | None
WORDS_A_MINUTE: Final = 238
PREPARING, POINTING, PRESSING, HOMING = 1.35, 1.1, 0.2, 0.4  #: seconds; HOMING moves the hand from the mouse to the keys
KEY: Final = 0.28  #: seconds a character
PASTING: Final = 2 * KEY  #: what nobody types by hand: keys, URLs
LONGEST_TYPED: Final = 30  #: characters; what is longer is pasted
# What can be read in the page, whether or not one has to scroll there.
TEXTS: Final = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  while (walker.nextNode()) {
    const { data, parentElement: holder } = walker.currentNode;
    if (!holder.closest("script, style, datalist, option, .unseen") && holder.checkVisibility()) found.push(data);
  }
  return found.map((text) => text.trim().replace(/\\s+/g, " ")).filter(Boolean);
}"""


@dataclass
class Pace:
    """What a merchant has read and done so far."""

    seen: set[str] = field(default_factory=set)
    words: int = 0
    seconds_typing: float = 0

    def reads(self, merchant: Merchant) -> None:
        """Every text in the app's document that was in none before."""
        new = set(merchant.document.evaluate(TEXTS)) - self.seen
        self.seen |= new
        self.words += sum(len(text.split()) for text in new)

    def types(self, text: str) -> None:
        self.seconds_typing += HOMING + (PASTING if len(text) > LONGEST_TYPED else KEY * len(text))

    def seconds(self, clicks: int) -> float:
        """Of reading, typing and so many clicks."""
        return 60 * self.words / WORDS_A_MINUTE + self.seconds_typing + clicks * (PREPARING + POINTING + PRESSING)


@dataclass
class ReadingMerchant(Merchant):
    """Reads what is new in the app before each click there."""

    pace: Pace = field(default_factory=Pace)

    def clicks_on(self, role: Any, name: str | re.Pattern[str], *, inside: Inside = None) -> None:
        if not isinstance(inside, Page):
            (inside or self.app).get_by_role(role, name=name).first.wait_for()
            self.pace.reads(self)
        super().clicks_on(role, name, inside=inside)

    def writes(self, label: str | re.Pattern[str], text: str) -> None:
        self.app.get_by_label(label, exact=True).first.wait_for()
        self.pace.reads(self)
        self.pace.types(text)
        super().writes(label, text)
