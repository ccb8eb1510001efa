"""What is counted, for GET /metrics. No label ever carries a shop's, a person's or an event's own data."""

from prometheus_client import Counter, Histogram

WEBHOOKS = Counter("plugin_webhooks_total", "Webhooks by platform and what became of them", ["platform", "result"])
LIMITED = Counter("plugin_limited_total", "Requests refused because too many came from one address or shop", ["what"])
TRANSLATED = Counter("plugin_translated_total", "Webhooks translated, by platform and result", ["platform", "result"])
PLANNED = Counter("plugin_planned_total", "Store events by kind and what was decided", ["kind", "result"])
ATTEMPTS = Counter("plugin_attempts_total", "POSTs to SendPulse by verdict", ["verdict"])
REASONS = Counter("plugin_reasons_total", "Why webhooks, store events and attempts did not lead to a delivery", ["reason_code"])
REFUSED_AT_DOOR = Counter("plugin_refused_at_door_total", "Requests and connections turned away at the door", ["reason"])
ATTEMPT_SECONDS = Histogram("plugin_attempt_seconds", "Time until SendPulse answered")
