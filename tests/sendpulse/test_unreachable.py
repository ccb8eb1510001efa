"""Nobody there, or nobody to trust: nothing was sent, so it can be sent again."""

import socket
import ssl
from datetime import timedelta
from pathlib import Path
from threading import Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from plugin.clock import now
from plugin.domain.delivery import Verdict
from plugin.sandbox.serving import free_port
from plugin.sendpulse.client import SendPulse
from tests.sendpulse.conftest import IMPATIENT
from tests.support.sendpulse.samples import FakeTokens, a_claimed_delivery, some_settings


def client_of(url: str) -> SendPulse:
    return SendPulse(some_settings(url, url), FakeTokens(), now, limits=IMPATIENT)


def test_a_refused_connection_means_nothing_was_sent() -> None:
    outcome = client_of(f"http://127.0.0.1:{free_port()}")(a_claimed_delivery())

    assert (outcome.verdict, outcome.status) == (Verdict.TRY_AGAIN, None)
    assert "nothing was sent" in outcome.reason


def test_a_name_without_an_address_means_nothing_was_sent() -> None:
    assert "nothing was sent" in client_of("http://nowhere.invalid")(a_claimed_delivery()).reason


def test_a_connection_that_is_never_taken_up_means_nothing_was_sent() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        port = full.getsockname()[1]
        callers = [socket.socket() for _ in range(4)]
        for caller in callers:
            caller.setblocking(False)
            caller.connect_ex(("127.0.0.1", port))

        outcome = client_of(f"http://127.0.0.1:{port}")(a_claimed_delivery())

        for caller in callers:
            caller.close()
    assert (outcome.verdict, "nothing was sent" in outcome.reason) == (Verdict.TRY_AGAIN, True)


def test_a_certificate_nobody_vouches_for_means_nothing_was_sent(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_own_certificate(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        greeter = Thread(target=_greet, args=(listener, context))
        greeter.start()

        outcome = client_of(f"https://127.0.0.1:{listener.getsockname()[1]}")(a_claimed_delivery())

        greeter.join()
    assert (outcome.verdict, "secure connection" in outcome.reason) == (Verdict.TRY_AGAIN, True)


def _greet(listener: socket.socket, context: ssl.SSLContext) -> None:
    connection, _ = listener.accept()
    with connection, pytest.raises(ssl.SSLError):
        context.wrap_socket(connection, server_side=True)


def _own_certificate(folder: Path) -> Path:
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    maker = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    maker = maker.serial_number(1).not_valid_before(now() - timedelta(days=1)).not_valid_after(now() + timedelta(days=1))
    plain_key = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "own.pem"
    path.write_bytes(plain_key + maker.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    return path
