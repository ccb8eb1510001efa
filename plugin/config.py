"""The environment, read once."""

import ipaddress
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

REAL_EVENTS_URL = "https://events.sendpulse.com"
REAL_API_URL = "https://api.sendpulse.com"

MOST = 1_000_000_000  #: of what has no bound of its own

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class BadEnvironment(Exception):
    """A variable cannot be used; the text names it, what was found and what would do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One environment variable and its meaning, for `env` and the documentation."""

    name: str
    meaning: str
    default: str = ""
    is_secret: bool = False


LONGEST_AUTHOR, LONGEST_PAGE = 60, 200  #: characters; a Saleor stores no longer name or address


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """Who publishes this app, for the stores' listings and the foot of its pages; "" for what the operator did not say."""

    author: str = ""
    support_url: str = ""
    privacy_url: str = ""

    @classmethod
    def from_values(cls, value: Mapping[str, str]) -> "Publisher":
        """Raises `BadEnvironment` when a store would not take one of them."""
        if len(value["APP_AUTHOR"]) > LONGEST_AUTHOR:
            raise BadEnvironment(f"APP_AUTHOR: found {len(value['APP_AUTHOR'])} characters; write at most {LONGEST_AUTHOR}.")
        return cls(
            author=value["APP_AUTHOR"],
            support_url=_page("APP_SUPPORT_URL", value["APP_SUPPORT_URL"]),
            privacy_url=_page("APP_PRIVACY_URL", value["APP_PRIVACY_URL"]),
        )

    @property
    def missing(self) -> tuple[str, ...]:
        """The variables that say nothing."""
        said = {"APP_AUTHOR": self.author, "APP_SUPPORT_URL": self.support_url, "APP_PRIVACY_URL": self.privacy_url}
        return tuple(name for name, text in said.items() if not text)


NOBODY = Publisher()

VARIABLES = (
    Variable(
        name="DATABASE_URL",
        meaning="where everything is stored: sqlite:///path or postgresql://…",
        default="sqlite:///var/plugin.db",
    ),
    Variable(name="PUBLIC_URL", meaning="the address at which stores and buyers reach this app, without a slash at its end"),
    Variable(name="ENCRYPTION_KEYS", meaning="Fernet keys, comma-separated: the first encrypts, all decrypt", is_secret=True),
    Variable(name="SECRET_KEY", meaning="the key of the app's own hashes and signatures", is_secret=True),
    Variable(name="HOST", meaning="the address to listen on", default="127.0.0.1"),
    Variable(name="PORT", meaning="the port to listen on", default="8000"),
    Variable(name="WEB_CONCURRENCY", meaning="number of web processes", default="1"),
    Variable(
        name="REQUEST_SECONDS",
        meaning="the longest a request may take to arrive, head and body together, 1 to 60; then it is answered 408",
        default="10",
    ),
    Variable(
        name="UNVERIFIED_MEGABYTES",
        meaning="what the requests of one web process may hold together before they are answered, 8 to 4096; over it 503",
        default="40",
    ),
    Variable(
        name="TRUSTED_PROXIES",
        meaning="addresses and networks, comma-separated, whose X-Forwarded-For is believed; empty: nobody's",
    ),
    Variable(name="WORKER_THREADS", meaning="how many POSTs one worker process may have in flight", default="256"),
    Variable(
        name="RETENTION_DAYS",
        meaning="days an event is kept with its deliveries, 1 to 90; under 16 its content goes then and its key stays 16",
        default="30",
    ),
    Variable(
        name="UNINSTALLED_DAYS",
        meaning="days a shop's settings, secrets and log are kept after it uninstalled the app, 0 to 90",
        default="30",
    ),
    Variable(
        name="REWRITE_MEGABYTES",
        meaning="the largest SQLite file or PostgreSQL table that is rewritten after something was erased from it",
        default="100",
    ),
    Variable(
        name="REGISTRATIONS_PER_HOUR",
        meaning="how often one address may try to install the app within an hour, in each web process; then 429",
        default="100",
    ),
    Variable(
        name="FAILED_SIGNATURES_PER_MINUTE",
        meaning="how many wrongly signed webhooks of one address are told so within a minute, in each web process; then 429",
        default="600",
    ),
    Variable(
        name="WAITING_WEBHOOKS",
        meaning="how many webhooks of one shop may wait; beyond that, its store is asked to send them again later",
        default="500000",
    ),
    Variable(
        name="WAITING_MEGABYTES",
        meaning="what all webhooks of one shop, waiting or kept, may take up in the database; what is kept is let go first",
        default="4000",
    ),
    Variable(name="PAGES_PER_MINUTE", meaning="pages one shop's staff may open, in each web process", default="600"),
    Variable(name="EXPORTS_PER_HOUR", meaning="files one shop's staff may download, in each web process", default="60"),
    Variable(name="APP_AUTHOR", meaning="who publishes this app, as a store's staff read it when they install it"),
    Variable(name="APP_SUPPORT_URL", meaning="the page where merchants get help, linked from every page of the app"),
    Variable(name="APP_PRIVACY_URL", meaning="the page that says what the app does with personal data, linked the same way"),
    Variable(name="PLUGIN_SANDBOX", meaning="1 lets the four addresses below replace the real hosts; never in production"),
    Variable(name="SENDPULSE_EVENTS_URL", meaning="sandbox: the pretend events.sendpulse.com", default=REAL_EVENTS_URL),
    Variable(name="SENDPULSE_API_URL", meaning="sandbox: the pretend api.sendpulse.com", default=REAL_API_URL),
    Variable(
        name="METRICS_TOKEN",
        meaning="what GET /metrics asks for as a Bearer token; empty: only this machine itself is answered",
        is_secret=True,
    ),
    Variable(name="SENTRY_DSN", meaning="where errors are reported, if anywhere", is_secret=True),
    Variable(  # read by prometheus-client
        name="PROMETHEUS_MULTIPROC_DIR",
        meaning="the folder in which the processes of one machine share their counters; web and serve make one",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the operator set."""

    database_url: str
    public_url: str
    encryption_keys: tuple[str, ...]  #: empty: made beside the SQLite file
    secret_key: str  #: empty: made beside the SQLite file
    host: str
    port: int
    web_concurrency: int
    request_seconds: int
    unverified_megabytes: int
    trusted_proxies: tuple[Network, ...]
    worker_threads: int
    retention_days: int
    uninstalled_days: int
    rewrite_megabytes: int
    registrations_per_hour: int  #: of one address, in each web process
    failed_signatures_per_minute: int  #: the same
    waiting_webhooks: int
    waiting_megabytes: int
    pages_per_minute: int
    exports_per_hour: int
    is_sandbox: bool
    sendpulse_events_url: str
    sendpulse_api_url: str
    sentry_dsn: str
    metrics_token: str = ""  #: empty: /metrics answers this machine alone
    publisher: Publisher = NOBODY  #: whose app it is

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def rewrite_bytes(self) -> int:
        return self.rewrite_megabytes * 1_000_000

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Read every variable; raises `BadEnvironment` at the first that cannot be used."""
        value = {variable.name: read(environ, variable) for variable in VARIABLES}
        is_sandbox = value["PLUGIN_SANDBOX"] == "1"
        host, port = value["HOST"], _number("PORT", value["PORT"], 1, 65535)
        return cls(
            database_url=_database(value["DATABASE_URL"]),
            public_url=_address("PUBLIC_URL", value["PUBLIC_URL"] or f"http://{in_url(host)}:{port}"),
            encryption_keys=tuple(key.strip() for key in value["ENCRYPTION_KEYS"].split(",") if key.strip()),
            secret_key=value["SECRET_KEY"],
            host=host,
            port=port,
            web_concurrency=_number("WEB_CONCURRENCY", value["WEB_CONCURRENCY"], 1, 256),
            request_seconds=_number("REQUEST_SECONDS", value["REQUEST_SECONDS"], 1, 60),
            unverified_megabytes=_number("UNVERIFIED_MEGABYTES", value["UNVERIFIED_MEGABYTES"], 8, 4096),
            trusted_proxies=_networks("TRUSTED_PROXIES", value["TRUSTED_PROXIES"]),
            worker_threads=_number("WORKER_THREADS", value["WORKER_THREADS"], 1, 256),
            retention_days=_number("RETENTION_DAYS", value["RETENTION_DAYS"], 1, 90),
            uninstalled_days=_number("UNINSTALLED_DAYS", value["UNINSTALLED_DAYS"], 0, 90),
            rewrite_megabytes=_number("REWRITE_MEGABYTES", value["REWRITE_MEGABYTES"], 0, 1_000_000),
            registrations_per_hour=_number("REGISTRATIONS_PER_HOUR", value["REGISTRATIONS_PER_HOUR"], 1, 1_000_000),
            failed_signatures_per_minute=_number(
                "FAILED_SIGNATURES_PER_MINUTE", value["FAILED_SIGNATURES_PER_MINUTE"], 1, 1_000_000
            ),
            waiting_webhooks=_number("WAITING_WEBHOOKS", value["WAITING_WEBHOOKS"], 1, MOST),
            waiting_megabytes=_number("WAITING_MEGABYTES", value["WAITING_MEGABYTES"], 1, MOST),
            pages_per_minute=_number("PAGES_PER_MINUTE", value["PAGES_PER_MINUTE"], 1, MOST),
            exports_per_hour=_number("EXPORTS_PER_HOUR", value["EXPORTS_PER_HOUR"], 1, MOST),
            is_sandbox=is_sandbox,
            sendpulse_events_url=_stand_in("SENDPULSE_EVENTS_URL", value, REAL_EVENTS_URL, is_sandbox),
            sendpulse_api_url=_stand_in("SENDPULSE_API_URL", value, REAL_API_URL, is_sandbox),
            sentry_dsn=value["SENTRY_DSN"],
            metrics_token=value["METRICS_TOKEN"],
            publisher=Publisher.from_values(value),
        )


def in_url(host: str) -> str:
    """The host as it stands in front of a port."""
    return f"[{host}]" if ":" in host else host


def read(environ: Mapping[str, str], variable: Variable) -> str:
    """The variable's value, from NAME, from the file NAME_FILE names, or its default."""
    if variable.name in environ:
        return environ[variable.name].strip()
    path = environ.get(f"{variable.name}_FILE")
    if not path:
        return variable.default
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        hint = f"{variable.name}_FILE: {path} cannot be read ({error}); name a file that holds the value."
        raise BadEnvironment(hint) from error


def described(variables: tuple[Variable, ...], environ: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Each variable's name, its value (masked when it is a secret) and its meaning."""
    for variable in variables:
        value = read(environ, variable)
        # A database's password may stand before its host, or behind it as `?password=`.
        is_hidden = value and (variable.is_secret or "@" in value or "password=" in value)
        yield variable.name, mask(variable.name, value) if is_hidden else value, variable.meaning


def mask(name: str, value: str) -> str:
    """A secret as it may be shown: nothing of it, but that it is there."""
    if name == "DATABASE_URL":
        parts = urlsplit(value)
        return f"{parts.scheme}://…@{parts.hostname or ''}{parts.path}"
    return f"… ({len(value)} characters)"


def _database(url: str) -> str:
    scheme, _, rest = url.partition("://")
    if scheme in ("postgres", "postgresql", "postgresql+psycopg"):
        return f"postgresql+psycopg://{rest}"
    if scheme == "sqlite" and rest.startswith("/"):
        return url
    hint = f"DATABASE_URL: found {scheme}://…; write sqlite:///var/plugin.db or postgresql://user:password@host/name."
    raise BadEnvironment(hint)


def _number(name: str, text: str, low: int, high: int) -> int:
    if text.isascii() and text.isdigit() and low <= int(text) <= high:
        return int(text)
    raise BadEnvironment(f"{name}: found {text!r}; write a whole number from {low} to {high}.")


def _networks(name: str, text: str) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip())
    except ValueError:
        hint = f"{name}: found {text!r}; write addresses or networks such as 10.0.0.5, 172.16.0.0/12, fd00::/8."
        raise BadEnvironment(hint) from None


def _address(name: str, text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme in ("http", "https") and parts.hostname and not parts.query and not parts.fragment:
        return text.rstrip("/")
    raise BadEnvironment(f"{name}: found {text!r}; write an address such as https://app.example.com.")


def _page(name: str, text: str) -> str:
    parts = urlsplit(text)
    if not text or (parts.scheme == "https" and parts.hostname and len(text) <= LONGEST_PAGE and text.isprintable()):
        return text
    raise BadEnvironment(f"{name}: found {text!r}; write an https address of at most {LONGEST_PAGE} characters.")


def _stand_in(name: str, value: Mapping[str, str], real: str, is_sandbox: bool) -> str:
    """The real host, unless this is the sandbox: without it only the real ones are ever called."""
    return _address(name, value[name]) if is_sandbox else real
