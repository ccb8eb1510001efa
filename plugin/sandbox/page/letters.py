"""The mails that would go out, as the page shows them beside the events that made them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from plugin.sandbox.sendpulse import Mail
from plugin.sandbox.subjects import subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A mail that would go out."""

    to: str
    flow: str
    subject: str
    product: str
    price: str
    picture: str
    link: str
    count: int  #: how many lines the basket has


class Letters:
    """All mails there are; `pictures` says where this machine has the pictures of an origin."""

    def __init__(self, mails: Iterable[Mail], pictures: Mapping[str, str]) -> None:
        self._pictures = pictures
        self._mails: dict[tuple[str, ...], list[Mail]] = {}
        for mail in mails:
            self._mails.setdefault(_key(mail.variables), []).append(mail)

    def of(self, body: Mapping[str, Any]) -> list[Letter]:
        """The mails this body made."""
        return [self._letter(mail) for mail in self._mails.get(_key(body), ())]

    def _letter(self, mail: Mail) -> Letter:
        variables = mail.variables
        products = variables.get("products")
        return Letter(
            to=mail.contact,
            flow=mail.flow_name,
            subject=subject(mail.flow_id, variables),
            product=str(variables.get("product_name") or ""),
            price=str(variables.get("product_price_text") or variables.get("product_price") or ""),
            picture=self._shown(str(variables.get("product_img_url") or "")),
            link=str(variables.get("product_link") or ""),
            count=len(products) if isinstance(products, list) else 0,
        )

    def _shown(self, picture: str) -> str:
        said = next((origin for origin in self._pictures if picture.startswith(f"{origin}/")), "")
        return f"{self._pictures[said]}{picture.removeprefix(said)}" if said else picture


def _key(body: Mapping[str, Any]) -> tuple[str, ...]:
    """What tells two bodies apart, in JSON as in form-data."""
    names = ("email", "phone", "event_name", "event_time", "order_id", "product_id")
    return tuple(str(body.get(name, "")) for name in names)
