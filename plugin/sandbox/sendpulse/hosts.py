"""What both hosts of the pretend SendPulse have in common."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Flask, Response, abort, jsonify, request
from werkzeug.datastructures import EnvironHeaders
from werkzeug.exceptions import HTTPException

from plugin.sandbox.sendpulse.account import Account
from plugin.sandbox.sendpulse.definitions import EventDefinition, Received
from plugin.sandbox.sendpulse.flows import Flow, Reentry
from plugin.sandbox.sendpulse.guesses import GUESSES, Answer
from plugin.sandbox.sendpulse.reading import read_variables
from plugin.sandbox.sendpulse.state import PretendSendPulse, Request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


def host(name: str, pretend: PretendSendPulse, *blueprints: Blueprint) -> Flask:
    """A Flask app with these pages, the ones for onlookers, and the faults that are switched on."""
    app = Flask(f"{__name__}.{name}", static_folder=None)
    app.url_map.merge_slashes = False
    for blueprint in (*blueprints, _inspection_pages(pretend)):
        app.register_blueprint(blueprint)
    app.before_request(_only_known_paths(pretend))
    app.register_error_handler(HTTPException, _json_error(pretend))
    app.wsgi_app = _watched(pretend.faults.around(app.wsgi_app), pretend)  # type: ignore[method-assign, assignment]
    return app


def answered(answer: Answer, headers: Mapping[str, str] | None = None) -> Response:
    """The answer as Flask sends it."""
    response = jsonify(answer.body) if not isinstance(answer.body, str) else Response(answer.body)
    response.status_code = answer.status
    response.headers.update(headers or {})
    return response


def caller(pretend: PretendSendPulse) -> Account | Response:
    """The account that calls, or why it may not."""
    account = pretend.bearer(request.headers.get("Authorization", ""))
    if account is None:
        return answered(pretend.answers["unauthorized"])
    refusal = pretend.refusal(account)
    if refusal is None:
        return account
    seconds = account.limits.retry_after_seconds
    return answered(refusal, {"Retry-After": str(seconds)} if seconds is not None else {})


def take_event(pretend: PretendSendPulse, definition: EventDefinition, *, by_name: bool) -> Response:
    """Take the request in as an event of this definition."""
    read = read_variables(request)
    if isinstance(read, str):
        return answered(pretend.answers[read])
    via, variables = read
    body = request.get_data(cache=True)
    return answered(pretend.accept(definition, variables, via=via, body=body, by_name=by_name))


def named_events(pretend: PretendSendPulse, *, is_events_host: bool) -> Blueprint:
    """POST /events/name/<name>, which both hosts take."""
    pages = Blueprint("named", __name__)

    @pages.post("/events/name/<path:name>")
    def event_by_name(name: str) -> Response:
        account = caller(pretend)
        if isinstance(account, Response):
            return account
        if is_events_host and not account.habits.takes_names_at_both_hosts:  # GUESS both_hosts
            return answered(pretend.answers["unknown_hash"])
        if not account.has_automation:
            return answered(pretend.answers["forbidden"])
        definition = pretend.definition(account_id=account.user_id, name=name)
        return take_event(pretend, definition, by_name=True) if definition else answered(pretend.answers["unknown_name"])

    return pages


def _json_error(pretend: PretendSendPulse) -> Callable[[HTTPException], Response]:
    def as_json(error: HTTPException) -> Response:
        if error.code == 405:
            return answered(pretend.answers["wrong_method"])
        return answered(Answer(error.code or 500, {"message": error.name, "error_code": error.code}))

    return as_json


WSGI = Callable[["WSGIEnvironment", "StartResponse"], Iterable[bytes]]


def _only_known_paths(pretend: PretendSendPulse) -> Callable[[], None]:
    def check() -> None:
        if request.environ["PATH_INFO"].startswith("//") and not pretend.account.habits.reads_double_slash:
            abort(404)  # GUESS double_slash

    return check


def _watched(app: WSGI, pretend: PretendSendPulse) -> WSGI:
    """Note every request that is answered."""

    def watched(environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        def note(status: str, *more: Any) -> Callable[[bytes], object]:
            pretend.requests.append(
                Request(
                    method=environ["REQUEST_METHOD"],
                    path=str(environ.get("RAW_URI", environ["PATH_INFO"])),
                    headers={name.lower(): value for name, value in EnvironHeaders(environ)},
                    status=int(status[:3]),
                )
            )
            return start(status, *more)

        return app(environ, note)

    return watched


def _inspection_pages(pretend: PretendSendPulse) -> Blueprint:
    """What the real one does not have: a look inside."""
    pages = Blueprint("pretend", __name__, url_prefix="/pretend")

    @pages.get("/guesses")
    def guesses() -> Response:
        return jsonify(dict(GUESSES))

    @pages.get("/mails")
    def mails() -> Response:
        return jsonify([asdict(mail) | {"at": mail.at.isoformat()} for mail in pretend.mails()])

    @pages.post("/flows")
    def add_flow() -> Response:
        """What a merchant makes by hand: a flow, and the event that starts it."""
        fields = request.get_json()
        if pretend.definition(account_id=pretend.account.user_id, name=fields["event"]) is None:
            pretend.add_event(fields["event"])
        if all(flow.id != fields["id"] for flow in pretend.engine().flows):
            pretend.add_flow(Flow(id=fields["id"], name=fields["name"], event=fields["event"], reentry=Reentry.ALWAYS))
        return jsonify(fields)

    @pages.get("/received")
    def received() -> Response:
        return jsonify([_shown(one) for one in pretend.received()])

    return pages


def _shown(received: Received) -> dict[str, object]:
    text = {"at": received.at.isoformat(), "body": received.body.decode("utf-8", "replace")}
    return asdict(received) | text
