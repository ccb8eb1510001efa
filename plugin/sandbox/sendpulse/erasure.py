"""The REST calls that make SendPulse forget somebody, or stop writing to them."""

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request

from plugin.sandbox.sendpulse.account import Account, AddressBook
from plugin.sandbox.sendpulse.guesses import Answer
from plugin.sandbox.sendpulse.hosts import answered, caller
from plugin.sandbox.sendpulse.state import PretendSendPulse

MOST_ADDRESSES = 100  #: in one call
DONE = Answer(200, {"result": True})
NO_LIST = Answer(404, {"message": "List not found", "error_code": 213})
NO_ADDRESSES = Answer(422, {"message": "Emails are empty", "error_code": 303})
TOO_MANY = Answer(422, {"message": "Argument emails is too long", "error_code": 422})

Fields = dict[str, Any]


def erasure_pages(pretend: PretendSendPulse) -> Blueprint:
    """Mailing lists, suppression, phones, CRM and the event log."""
    pages = Blueprint("erasure", __name__)

    def called(answer: Callable[..., Answer]) -> Callable[..., Response]:
        def view(**parts: Any) -> Response:
            account = caller(pretend)
            if isinstance(account, Response):
                return account
            with pretend.lock:
                return answered(answer(account, request.get_json(silent=True), **parts))

        return view

    for rule, method, answer in _CALLS:
        pages.add_url_rule(rule, f"{method} {rule}".replace(".", "_"), called(answer), methods=[method])
    return pages


def _where(account: Account, _: Any, email: str) -> Answer:
    books = [book for book in account.books.values() if email in book.emails]
    return Answer(200, [{"book_id": book.id, "email": email, "status": 1} for book in books]) if books else NO_LIST


def _forget(account: Account, _: Any, email: str) -> Answer:
    books = [book for book in account.books.values() if email in book.emails]
    for book in books:
        book.emails.discard(email)
    return DONE if books else NO_LIST  # GUESS erase_unknown


def _lists(account: Account, _: Any) -> Answer:
    return Answer(
        200, [{"id": book.id, "name": book.name, "all_email_qty": len(book.emails)} for book in account.books.values()]
    )


def _remove_addresses(account: Account, fields: Any, book_id: int) -> Answer:
    return _with_addresses(account, fields, book_id, lambda book, emails: book.emails.difference_update(emails))


def _unsubscribe(account: Account, fields: Any, book_id: int) -> Answer:
    def unsubscribe(book: AddressBook, emails: set[str]) -> None:
        book.unsubscribed |= emails
        account.unsubscribed |= emails

    return _with_addresses(account, fields, book_id, unsubscribe)


def _with_addresses(account: Account, fields: Any, book_id: int, act: Callable[[AddressBook, set[str]], None]) -> Answer:
    book = account.books.get(book_id)
    emails = _texts(fields, "emails")
    if book is None:
        return NO_LIST
    if not emails:
        return NO_ADDRESSES
    if len(emails) > MOST_ADDRESSES:
        return TOO_MANY
    act(book, set(emails))
    return DONE


def _unsubscribe_smtp(account: Account, fields: Any) -> Answer:
    entries = fields if isinstance(fields, list) else []
    account.unsubscribed |= {entry["email"] for entry in entries if isinstance(entry, dict) and "email" in entry}
    return DONE if entries else NO_ADDRESSES


def _suppress(account: Account, fields: Any) -> Answer:
    text = fields.get("emails") if isinstance(fields, dict) else None
    try:
        emails = b64decode(text if isinstance(text, str) else "", validate=True).decode()
    except (NotBase64, UnicodeDecodeError):
        return NO_ADDRESSES
    account.blacklist |= {email.strip() for email in emails.split(",") if email.strip()}
    return DONE if emails else NO_ADDRESSES


def _forget_phones(account: Account, fields: Any) -> Answer:
    book = account.books.get(fields.get("addressBookId", 0)) if isinstance(fields, dict) else None
    if book is None:
        return NO_LIST
    book.phones.difference_update(_texts(fields, "phones"))
    return DONE


def _find_contact(account: Account, fields: Any) -> Answer:
    email = fields.get("email") if isinstance(fields, dict) else None
    found = [{"id": one.id, "emails": list(one.emails)} for one in account.crm.values() if email in one.emails]
    return Answer(200, {"success": True, "data": {"list": found, "total": len(found)}})


def _forget_contact(account: Account, _: Any, contact_id: int) -> Answer:
    found = account.crm.pop(contact_id, None)
    return Answer(204, "") if found else Answer(404, {"message": "Contact not found", "error_code": 404})


def _delete_log(account: Account, fields: Any) -> Answer:
    account.deleted_logs.append(fields)  # GUESS delete_log
    return DONE


def _texts(fields: Any, name: str) -> list[str]:
    values = fields.get(name) if isinstance(fields, dict) else None
    return [value for value in values if isinstance(value, str)] if isinstance(values, list) else []


_CALLS: tuple[tuple[str, str, Callable[..., Answer]], ...] = (
    ("/emails/<email>", "GET", _where),
    ("/emails/<email>", "DELETE", _forget),
    ("/addressbooks", "GET", _lists),
    ("/addressbooks/<int:book_id>/emails", "DELETE", _remove_addresses),
    ("/addressbooks/<int:book_id>/emails/unsubscribe", "POST", _unsubscribe),
    ("/smtp/unsubscribe", "POST", _unsubscribe_smtp),
    ("/blacklist", "POST", _suppress),
    ("/sms/numbers", "DELETE", _forget_phones),
    ("/crm/v1/contacts/get-list-by-email", "POST", _find_contact),
    ("/crm/v1/contacts/<int:contact_id>", "DELETE", _forget_contact),
    ("/a360/events/delete-log", "POST", _delete_log),
)
