"""Asks SendPulse to forget somebody, in every place its REST API can delete from.

Its mailing lists by `DELETE /emails/{email}` and, for phone numbers, `DELETE /sms/numbers` list by list; its CRM, where flows
put contacts and where no published call finds one by phone. Of Automation 360 no published call deletes one person:
`events/delete-log` says of its body nothing but that it is an object, and may delete what is of others.
https://sendpulse.com/integrations/api
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final
from urllib.parse import quote

from plugin.domain.delivery import Outcome, Verdict
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.wording import worded
from plugin.sendpulse.outcomes import json_answer
from plugin.sendpulse.wire import Reply

LISTS_A_PAGE: Final = 100
MOST_PAGES: Final = 10
MOST_CONTACTS: Final = 100  #: of the CRM, deleted in one go

FORGOTTEN: Final = Outcome(
    verdict=Verdict.DELIVERED,
    code=ReasonCode.ACCEPTED,
    reason=worded("SendPulse has deleted the customer from its mailing lists and its CRM, wherever they were."),
)
FORGOTTEN_BUT_BY_PHONE: Final = replace(
    FORGOTTEN,
    reason=worded(
        "SendPulse has deleted the customer from its mailing lists, and the CRM contacts with their email address. "
        "Its API cannot find CRM contacts by phone number: look for those in the CRM yourself."
    ),
)
PHONE_FORGOTTEN: Final = replace(
    FORGOTTEN,
    reason=worded(
        "SendPulse has deleted the phone number from its mailing lists. Its API cannot find CRM contacts by "
        "phone number: look for those in the CRM yourself."
    ),
)
MORE_CONTACTS: Final = Outcome(
    verdict=Verdict.TRY_AGAIN,
    code=ReasonCode.TOLD_TO_WAIT,
    reason=worded("The customer has more contacts in SendPulse’s CRM than can be deleted at once: the others follow."),
)
MORE_LISTS: Final = Outcome(
    verdict=Verdict.GIVE_UP,
    code=ReasonCode.NOT_TAKEN,
    reason=worded(
        "SendPulse has deleted the phone number from %(most)s mailing lists, but the account has more.",
        most=LISTS_A_PAGE * MOST_PAGES,
    ),
    fix=worded("Delete the phone number there yourself: from the other mailing lists, and from the CRM."),
)

Ask = Callable[[str, str, bytes | None], Reply | Outcome]
"""Sends a method, a path and a body with the account's token; an outcome where there is no token."""
Understand = Callable[[Reply], Outcome]


class _Refused(Exception):
    """SendPulse did not do it, or did not answer."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.reason)
        self.outcome = outcome


class Forgetting:
    """One person of one account; asked again, it finds nothing more to delete."""

    def __init__(self, ask: Ask, understand: Understand) -> None:
        self._ask, self._understand = ask, understand

    def forget(self, *, emails: Sequence[str], phones: Sequence[str]) -> Outcome:
        """Delete them everywhere, or say what came in the way first. Never raises."""
        try:
            for email in emails:
                self._done("DELETE", f"/emails/{quote(email, safe='')}")
                self._forget_contacts(email)
            if phones:
                self._forget_phones(phones)
        except _Refused as refused:
            return refused.outcome
        return (FORGOTTEN_BUT_BY_PHONE if phones else FORGOTTEN) if emails else PHONE_FORGOTTEN

    def _forget_contacts(self, email: str) -> None:
        """Asked again after the first ones went: one answer need not hold all of them."""
        deleted = set[int]()
        while found := set(self._contacts(email)) - deleted:
            for number in sorted(found):
                if len(deleted) >= MOST_CONTACTS:
                    raise _Refused(MORE_CONTACTS)
                self._done("DELETE", f"/crm/v1/contacts/{number}")
                deleted.add(number)

    def _forget_phones(self, phones: Sequence[str]) -> None:
        """With and without the plus: which of the two a list holds depends on how it was filled."""
        written = [text for phone in phones for text in (phone, phone.removeprefix("+"))]
        for number in self._lists():
            self._done("DELETE", "/sms/numbers", {"addressBookId": number, "phones": written})

    def _contacts(self, email: str) -> list[int]:
        """The numbers of this address's contacts in the CRM."""
        answer = self._done("POST", "/crm/v1/contacts/get-list-by-email", {"email": email, "isEmailFullSearch": True})
        data = answer.get("data") if isinstance(answer, dict) else None
        return _numbers(data.get("list") if isinstance(data, dict) else None)

    def _lists(self) -> Iterator[int]:
        """The numbers of the mailing lists, as many as there is time for before another worker takes the person over."""
        page, may_be_more = 0, True
        while may_be_more:
            answer = self._done("GET", f"/addressbooks?limit={LISTS_A_PAGE}&offset={page * LISTS_A_PAGE}")
            if page == MOST_PAGES and answer:
                raise _Refused(MORE_LISTS)
            yield from _numbers(answer)
            page, may_be_more = page + 1, isinstance(answer, list) and len(answer) >= LISTS_A_PAGE

    def _done(self, method: str, path: str, fields: Any = None) -> Any:
        """The answer's JSON; None where SendPulse knows nobody like that, which is as good."""
        reply = self._ask(method, path, None if fields is None else json.dumps(fields).encode())
        if isinstance(reply, Outcome):
            raise _Refused(reply)
        answer = json_answer(reply.body)
        if reply.status == 404 and isinstance(answer, dict):
            return None
        if reply.status == 200 and isinstance(answer, list):
            return answer
        outcome = self._understand(reply)
        if outcome.verdict is not Verdict.DELIVERED:
            raise _Refused(outcome)
        return answer


def _numbers(found: Any) -> list[int]:
    entries = found if isinstance(found, list) else []
    return [entry["id"] for entry in entries if isinstance(entry, dict) and type(entry.get("id")) is int]
