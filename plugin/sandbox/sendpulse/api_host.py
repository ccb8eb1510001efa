"""The pretend api.sendpulse.com: sign-in, account, flows, events by name and erasure."""

from typing import Any

from flask import Blueprint, Flask, Response, jsonify, request

from plugin.sandbox.sendpulse.erasure import erasure_pages
from plugin.sandbox.sendpulse.flows import Flow
from plugin.sandbox.sendpulse.guesses import Answer
from plugin.sandbox.sendpulse.hosts import answered, caller, host, named_events
from plugin.sandbox.sendpulse.state import PretendSendPulse

PAGE = 100  #: flows a page when nothing is asked; https://sendpulse.com/integrations/api/a360


def api_app(pretend: PretendSendPulse) -> Flask:
    """The host of the REST API."""
    pages = (_sign_in(pretend), _account(pretend), _flows(pretend), erasure_pages(pretend))
    return host("api", pretend, *pages, named_events(pretend, is_events_host=False))


def _sign_in(pretend: PretendSendPulse) -> Blueprint:
    pages = Blueprint("sign_in", __name__)

    @pages.post("/oauth/access_token")
    def access_token() -> Response:
        fields: Any = request.get_json(silent=True) if request.is_json else request.form
        fields = fields if isinstance(fields, dict) else {}
        wanted = [fields.get(name) for name in ("grant_type", "client_id", "client_secret")]
        grant, client_id, secret = (text if isinstance(text, str) else "" for text in wanted)
        if grant != "client_credentials" or not client_id or not secret:
            return answered(pretend.answers["token_request"])  # GUESS token_request
        found = pretend.sign_in(client_id, secret)
        if isinstance(found, Answer):
            return answered(found)
        token, life = found
        return jsonify({"access_token": token, "token_type": "Bearer", "expires_in": int(life.total_seconds())})

    return pages


def _account(pretend: PretendSendPulse) -> Blueprint:
    pages = Blueprint("account", __name__)

    @pages.get("/user/info")
    def user_info() -> Response:
        account = caller(pretend)
        if isinstance(account, Response):
            return account
        return jsonify(id=account.user_id, email=account.email, timezone=account.timezone)

    return pages


def _flows(pretend: PretendSendPulse) -> Blueprint:
    pages = Blueprint("flows", __name__, url_prefix="/a360/autoresponders")

    @pages.get("/list")
    def flows() -> Response:
        account = caller(pretend)
        if isinstance(account, Response):
            return account
        if not account.has_automation:
            return answered(pretend.answers["forbidden"])  # GUESS forbidden
        offset, limit = request.args.get("offset", 0, type=int), request.args.get("limit", PAGE, type=int)
        # The answer carries no total: the last page is the short one.
        return jsonify(data=[_listed(flow) for flow in pretend.engine(account).flows[offset : offset + limit]])

    @pages.get("/<int:flow_id>")
    def flow(flow_id: int) -> Response:
        account = caller(pretend)
        if isinstance(account, Response):
            return account
        engine = pretend.engine(account)
        found = next((flow for flow in engine.flows if flow.id == flow_id), None)
        if found is None:
            return answered(Answer(404, {"message": "Not found", "error_code": 404}))
        return jsonify(
            autoresponder=_listed(found),
            flows=[{"id": 1, "af_type": "maintrigger"}, {"id": 2, "af_type": "email"}],
            starts=engine.started[flow_id],
            in_queue=len(engine.queue),
            end_count=engine.started[flow_id] - sum(run.flow is found for run in engine.runs),
            send_messages=sum(mail.flow_id == flow_id for mail in engine.mails),
            conversions=engine.conversions[flow_id],
        )

    return pages


def _listed(flow: Flow) -> dict[str, Any]:
    """As the documentation shows it: numbers in main_data are texts, and what starts the flow is not told."""
    details = {"type": "1", "automation_name": flow.name, "sender_email_address": "shop@example.com", "task_lang": "en"}
    moments = {"created": "2026-01-02 11:06:09", "changed": "2026-01-02 14:06:09"}
    return {"id": flow.id, "name": flow.name, "status": flow.status, "main_data": details | dict(flow.details)} | moments
