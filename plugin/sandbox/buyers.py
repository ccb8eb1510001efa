"""Who buys in the pretend stores; every person is made up."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleBuyer:
    """A person with an address, a language and money of their own."""

    key: str  #: the word the sandbox page knows them by
    number: int  #: the customer's id in both stores
    first_name: str
    last_name: str
    email: str  #: "" for a guest who gave none
    phone: str  #: E.164, "" for none
    locale: str  #: as the storefront writes it; "" when the store does not know it
    street: str
    city: str
    zip: str
    country: str  #: ISO 3166 alpha-2
    country_name: str
    currency: str  #: what they pay in
    note: str  #: what this buyer is good for, shown on the page
    accepts_marketing: bool = True

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"


BUYERS: Final = (
    SampleBuyer(
        key="zofia",
        number=7301001,
        first_name="Zofia",
        last_name="Wiśniewska",
        email="zofia.wisniewska@example.com",
        phone="+48512345678",
        locale="pl-PL",
        street="ul. Cicha 7",
        city="Kraków",
        zip="31-001",
        country="PL",
        country_name="Poland",
        currency="PLN",
        note="Polish: has a flow of her own",
    ),
    SampleBuyer(
        key="juergen",
        number=7301002,
        first_name="Jürgen",
        last_name="Groß",
        email="juergen.gross@example.com",
        phone="+4915123456789",
        locale="de-DE",
        street="Lange Straße 12",
        city="Bremen",
        zip="28195",
        country="DE",
        country_name="Germany",
        currency="EUR",
        note="German: has a flow of his own",
    ),
    SampleBuyer(
        key="joao",
        number=7301003,
        first_name="João",
        last_name="Araújo",
        email="joao.araujo@example.com",
        phone="+5511912345678",
        locale="pt-BR",
        street="Rua das Flores 40",
        city="São Paulo",
        zip="01000-000",
        country="BR",
        country_name="Brazil",
        currency="BRL",
        note="Brazilian Portuguese: has a flow of his own",
    ),
    SampleBuyer(
        key="emily",
        number=7301004,
        first_name="Emily",
        last_name="Carter",
        email="emily.carter@example.com",
        phone="+447400123456",
        locale="en",
        street="3 Mill Lane",
        city="Leeds",
        zip="LS1 1AA",
        country="GB",
        country_name="United Kingdom",
        currency="GBP",
        note="English: has a flow of her own",
    ),
    SampleBuyer(
        key="amelie",
        number=7301005,
        first_name="Amélie",
        last_name="Tremblay",
        email="amelie.tremblay@example.com",
        phone="+15145550123",
        locale="fr-CA",
        street="12 rue du Lac",
        city="Montréal",
        zip="H2X 1Y4",
        country="CA",
        country_name="Canada",
        currency="CAD",
        note="Canadian French: no flow in her language",
    ),
    SampleBuyer(
        key="olena",
        number=7301006,
        first_name="Олена",
        last_name="Коваль",
        email="olena.koval@example.com",
        phone="+380501234567",
        locale="uk-UA",
        street="вул. Садова 5",
        city="Львів",
        zip="79000",
        country="UA",
        country_name="Ukraine",
        currency="UAH",
        note="Ukrainian: no flow in her language, and Russian would be wrong",
    ),
    SampleBuyer(
        key="ines",
        number=7301007,
        first_name="Inês",
        last_name="Moura",
        email="ines.moura@example.com",
        phone="",
        locale="pt-PT",
        street="Rua do Sol 9",
        city="Lisboa",
        zip="1100-001",
        country="PT",
        country_name="Portugal",
        currency="EUR",
        note="Portuguese of Portugal: the nearest flow is Brazilian",
    ),
    SampleBuyer(
        key="silent",
        number=7301008,
        first_name="Sam",
        last_name="Reed",
        email="sam.reed@example.com",
        phone="",
        locale="",
        street="1 Quay Road",
        city="Hull",
        zip="HU1 1AA",
        country="GB",
        country_name="United Kingdom",
        currency="GBP",
        note="the store does not know the language",
        accepts_marketing=False,
    ),
    SampleBuyer(
        key="guest",
        number=7301009,
        first_name="Kim",
        last_name="Vale",
        email="",
        phone="",
        locale="de-DE",
        street="Am Wall 2",
        city="Wien",
        zip="1010",
        country="AT",
        country_name="Austria",
        currency="EUR",
        note="a guest without e-mail and phone: nobody to write to",
    ),
)


def buyer_of(key: str) -> SampleBuyer | None:
    """The buyer with this key."""
    return next((buyer for buyer in BUYERS if buyer.key == key), None)


def buyer_numbered(number: int) -> SampleBuyer | None:
    """The buyer with this customer id."""
    return next((buyer for buyer in BUYERS if buyer.number == number), None)
