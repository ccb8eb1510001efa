"""What the pretend SendPulse only guesses, so that it can be corrected once a live account has answered.

Code that acts on a guess carries a comment `GUESS <name>`; a test compares the names.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

GUESSES: Final[Mapping[str, str]] = {
    "success": 'An accepted event is answered 200 {"result": true}; seen in public code, written down nowhere.',
    "unknown_hash": "An event URL nobody made is answered 404.",
    "bad_json": "A body that is no JSON object is answered 400.",
    "no_contact": "A body without a usable email and phone is answered 400.",
    "unsupported_type": "A content type other than JSON, urlencoded and multipart is answered 415.",
    "wrong_method": "Another method than POST is answered 405.",
    "unknown_name": "An event name nobody made is answered 404; only the text 'Event not exists' is known.",
    "strict": "In strict mode a value of another type than declared is answered 422; otherwise it is only recorded.",
    "forbidden": "A plan that lacks a feature is answered 403 with error code 3030303030.",
    "too_fast": "More than ten requests a second are answered 429 with error code 2020202020; the status is not known.",
    "too_many": "More requests a minute than the plan has are answered 429, without Retry-After unless one is switched on.",
    "token_blocked": "Asking for too many tokens is answered 429; the documentation only warns of being blocked.",
    "token_request": "A token request without its fields is answered 400 invalid_request, as league/oauth2-server does.",
    "both_hosts": "Both hosts take POST /events/name/<name>; public code uses either.",
    "double_slash": "Two slashes at the start of a path are read as one; SendPulse's own Python client sends them.",
    "form_numbers": "In form-data a number written as text counts as a Number, the flow's too.",
    "contact_spelling": "Two spellings of one address are two contacts; nothing is trimmed or made lower case.",
    "contact_valid": "An email without an @ and a phone without seven digits identify nobody.",
    "undefined_flow": "An automation_id that is no integer, or no flow of this event, starts nothing; it is only recorded.",
    "no_flow_starts_all": "Without automation_id every active flow of the event starts.",
    "reentry_month": "'Once a month' is thirty days.",
    "reentry_contact": "A contact is in a flow again when the email is the same, or the phone where there is no email.",
    "reentry_default": "A new flow does not start again for the same contact.",
    "stop_match": "A stop event ends a run when the email or the phone is the same; two stricter rules can be chosen.",
    "stop_order": "A stop event only ends runs that have started; it does not keep later ones from starting.",
    "daily_limit": "Flow starts over 100,000 a day are dropped, not queued.",
    "flow_status": "Status 1 is active, 3 is stopped, 0 is a draft; only 1 is documented.",
    "erase_unknown": "Deleting somebody who is on no list is answered 404 with error code 213.",
    "delete_log": "POST /a360/events/delete-log takes any object and deletes nothing; its body is not documented.",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer."""

    status: int
    body: Any  #: JSON, or a text as it is


def _error(status: int, message: str, code: int) -> Answer:
    return Answer(status, {"message": message, "error_code": code})


ANSWERS: Final[Mapping[str, Answer]] = {
    "success": Answer(200, {"result": True}),  # GUESS success
    "unknown_hash": _error(404, "Event not found", 404),  # GUESS unknown_hash
    "bad_json": _error(400, "Bad request", 400),  # GUESS bad_json
    "no_contact": _error(400, "Email or phone is required", 400),  # GUESS no_contact
    "unsupported_type": _error(415, "Unsupported media type", 415),  # GUESS unsupported_type
    "wrong_method": _error(405, "Method not allowed", 405),  # GUESS wrong_method
    "unknown_name": _error(404, "Event not exists", 404),  # GUESS unknown_name
    "strict": _error(422, "Wrong variable type", 422),  # GUESS strict
    "forbidden": _error(403, "Your tariff does not allow this", 3030303030),  # GUESS forbidden
    "too_fast": _error(429, "Too many requests", 2020202020),  # GUESS too_fast
    "too_many": _error(429, "Too many requests", 429),  # GUESS too_many
    "token_blocked": _error(429, "Too many requests", 429),  # GUESS token_blocked
    "token_request": Answer(400, {"error": "invalid_request", "message": "A field is missing", "hint": "Check the fields"}),
    # Observed on api.sendpulse.com.
    "unauthorized": _error(401, "Unauthorized!", 401),
    # https://sendpulse.com/knowledge-base/app-directory/developers/token-flow
    "invalid_client": Answer(
        401,
        {
            "error": "invalid_client",
            "error_description": "Client authentication failed",
            "message": "Client authentication failed",
        },
    ),
}
