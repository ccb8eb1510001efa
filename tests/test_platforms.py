"""What every platform promises: the same tests over every folder in plugin/platforms."""

import ast
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from plugin.config import Settings
from plugin.domain.errors import BadSignature, NotInstalled, TryAgain, Unreadable
from plugin.domain.kinds import KINDS, EventKind
from plugin.domain.notice import Translation
from plugin.domain.payload import Payload, read_json
from plugin.platforms import discover, find_testkit
from plugin.ports import VerifiedWebhook
from tests.support.builders import NOON
from tests.support.fakes import FakeShops
from tests.support.platforms.expected import PLATFORMS, Sample, all_samples, samples
from tests.support.platforms.fixtures import Stand, a_stand, altered, flipped, platform_of, signatures
from tests.support.platforms.missing_fields import STRANGE, punched

NAMES = sorted(discover())
SAMPLES = all_samples()
IS_COPY = "PLUGIN_TEST_COPY" in os.environ
PROMISES = ("tests/test_platforms.py", "tests/test_platform_entries.py")
CHECKOUT = Path(__file__).resolve().parents[1]
OURS = (
    "plugin.domain", "plugin.ports", "plugin.config", "plugin.clock", "plugin.resources", "plugin.metrics", "plugin.gathering",
    "plugin.turns", "plugin.address_limits",
)  # fmt: skip


@pytest.fixture(params=NAMES)
def stand(request: pytest.FixtureRequest) -> Stand:
    return a_stand(str(request.param))


# ------------------------------------------------------------------ believing a delivery


def test_a_rightly_signed_delivery_is_believed(stand: Stand) -> None:
    verified = stand.platform.verify(stand.sign(), stand.shops)

    assert (verified.shop, verified.topic, verified.body) == (stand.shop, stand.topic, stand.body)


def test_a_delivery_sent_again_has_the_same_key(stand: Stand) -> None:
    first, second = (stand.platform.verify(stand.sign(key="delivery-1"), stand.shops) for _ in range(2))

    assert first.key == second.key
    assert 0 < len(first.key) <= 200


def test_two_deliveries_have_two_keys(stand: Stand) -> None:
    other = next(s for s in samples(stand.platform.name) if s.topic == stand.topic and s.body != stand.body)

    first = stand.platform.verify(stand.sign(key="delivery-1"), stand.shops)
    second = stand.platform.verify(stand.sign(other.body, key="delivery-2"), stand.shops)

    assert first.key != second.key


@pytest.mark.parametrize(
    "signature", ["", "A", "AAAA", "a..b", "...", "żółć", "ÿ" * 44, "0" * 64, "A" * 100_000, "\x00", "e30..e30"]
)
def test_a_made_up_signature_is_refused(stand: Stand, signature: str) -> None:
    webhook = stand.sign()

    with pytest.raises(BadSignature):
        stand.platform.verify(altered(webhook, dict.fromkeys(signatures(webhook), signature)), stand.shops)


def test_a_delivery_without_signature_is_refused(stand: Stand) -> None:
    webhook = stand.sign()
    headers = {name: value for name, value in webhook.headers.items() if name not in signatures(webhook)}

    with pytest.raises(BadSignature):
        stand.platform.verify(replace(webhook, headers=headers), stand.shops)


def test_the_signature_of_another_delivery_is_refused(stand: Stand) -> None:
    webhook, other = stand.sign(), stand.sign(b"{}")

    with pytest.raises(BadSignature):
        stand.platform.verify(replace(other, body=webhook.body), stand.shops)


def test_a_body_with_one_flipped_bit_is_refused(stand: Stand) -> None:
    webhook = stand.sign()
    length = len(webhook.body)

    for position in {0, 1, length // 3, length // 2, length - 2, length - 1}:
        changed = bytearray(webhook.body)
        changed[position] ^= 1
        with pytest.raises(BadSignature):
            stand.platform.verify(replace(webhook, body=bytes(changed)), stand.shops)


def test_a_body_with_one_byte_more_or_less_is_refused(stand: Stand) -> None:
    webhook = stand.sign()

    for body in (webhook.body[:-1], webhook.body[1:], webhook.body + b" ", b" " + webhook.body, b""):
        with pytest.raises(BadSignature):
            stand.platform.verify(replace(webhook, body=body), stand.shops)


def test_a_signature_with_one_flipped_bit_is_refused(stand: Stand) -> None:
    """Or asked for again, where it names a key that may be new."""
    webhook = stand.sign()
    signature = webhook.headers[signatures(webhook)[0]]

    for position in range(len(signature)):
        changed = dict.fromkeys(signatures(webhook), flipped(signature, position))
        with pytest.raises((BadSignature, TryAgain)):
            stand.platform.verify(altered(webhook, changed), stand.shops)


def test_whatever_stands_in_a_header_the_answer_is_one_of_three(stand: Stand) -> None:
    webhook = stand.sign()

    for name, value in webhook.headers.items():
        for written in ("", "żółć", "\x00", value * 50, flipped(value or "0", 0), value.upper()):
            try:
                found = stand.platform.verify(altered(webhook, {name: written}), stand.shops)
            except (BadSignature, NotInstalled, TryAgain):
                continue
            assert isinstance(found, VerifiedWebhook)
            assert found.shop == stand.shop


@pytest.mark.parametrize("name", NAMES)
def test_a_merchant_is_shown_a_sample_of_each_kind(name: str) -> None:
    platform = platform_of(name)
    by_stem = {sample.path.stem: sample for sample in samples(name)}

    for kind in platform.kinds:
        sample = by_stem[kind.value]
        translation = platform.translate(sample.topic, read_json(platform.sample(kind), sample.topic), sample.shop)
        assert kind in {event.kind for event in translation.events}


def test_a_shop_that_never_installed_is_not_believed(stand: Stand) -> None:
    with pytest.raises(NotInstalled) as refused:
        stand.platform.verify(stand.sign(), FakeShops())

    assert refused.value.answer in (200, 401)


def test_a_shop_that_left_is_not_believed(stand: Stand) -> None:
    stand.shops.leave(stand.shop.id, now=NOON)

    with pytest.raises(NotInstalled) as refused:
        stand.platform.verify(stand.sign(), stand.shops)

    assert refused.value.answer in (200, 401)


@pytest.mark.parametrize("body", STRANGE.values(), ids=STRANGE)
def test_a_signed_body_of_any_kind_is_stored_or_refused(stand: Stand, body: bytes) -> None:
    try:
        verified = stand.platform.verify(stand.sign(body), stand.shops)
    except BadSignature:
        return
    assert verified.body == body


@pytest.mark.parametrize("body", STRANGE.values(), ids=STRANGE)
def test_a_strange_body_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read_json(body, "body")


# ------------------------------------------------------------------ understanding it


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_sample_means_what_its_expected_file_says(sample: Sample) -> None:
    assert json.loads(json.dumps(sample.document())) == sample.expected


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_sample_rightly_signed_is_believed(sample: Sample) -> None:
    shops, playing = FakeShops(), find_testkit(sample.platform)
    shop = shops.install(*playing.installation(), now=NOON)

    verified = platform_of(sample.platform).verify(playing.webhook(sample.topic, sample.body, shop), shops)

    assert verified.topic == sample.topic


# One of each topic: their variants are damaged by chance, in tests/platforms/test_hostile_bodies.py.
@pytest.mark.parametrize(
    "sample", {(each.platform, each.topic): each for each in reversed(SAMPLES)}.values(), ids=lambda each: each.name
)
def test_a_hole_anywhere_is_translated_or_unreadable(sample: Sample) -> None:
    platform, shop = platform_of(sample.platform), sample.shop

    for path, fields in punched(sample.payload.fields):
        try:
            translation = platform.translate(sample.topic, Payload(fields, sample.topic), shop)
        except Unreadable as error:
            assert str(error), path
            continue
        assert isinstance(translation, Translation), path
        assert translation.events or translation.notices or translation.skip or translation.bought, path


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_object_is_translated_or_unreadable(name: str) -> None:
    platform, (shop, _) = platform_of(name), find_testkit(name).installation()

    for topic in sorted(platform.topics):
        try:
            assert isinstance(platform.translate(topic, Payload({}, topic), shop), Translation)
        except Unreadable as error:
            assert topic in str(error)


@pytest.mark.parametrize("name", NAMES)
def test_every_topic_has_a_sample(name: str) -> None:
    assert {sample.topic for sample in samples(name)} >= platform_of(name).topics


@pytest.mark.parametrize("name", NAMES)
def test_every_sample_has_a_translator(name: str) -> None:
    unread = {sample.topic for sample in samples(name)} - platform_of(name).topics
    assert unread == set(), f"a row is missing in the table of translators of plugin/platforms/{name}"


@pytest.mark.parametrize("name", NAMES)
def test_every_kind_has_two_samples(name: str) -> None:
    told = Counter(EventKind(event["kind"]) for sample in samples(name) for event in _events(sample))

    rare = [kind.value for kind in platform_of(name).kinds if told[kind] < 2]
    assert rare == [], f"plugin/platforms/{name}/samples has fewer than two samples of a kind in the platform's KINDS"


@pytest.mark.parametrize("name", NAMES)
def test_a_platform_names_every_kind_it_makes(name: str) -> None:
    told = {EventKind(event["kind"]) for sample in samples(name) for event in _events(sample)}

    assert told - platform_of(name).kinds == set(), f"a row is missing in KINDS of plugin/platforms/{name}"


@pytest.mark.parametrize("name", NAMES)
def test_no_platform_tells_what_only_we_compute(name: str) -> None:
    assert [kind for kind in platform_of(name).kinds if KINDS[kind].is_computed] == []


@pytest.mark.parametrize("name", NAMES)
def test_the_samples_name_only_people_who_do_not_exist(name: str) -> None:
    addresses = {event["contact"]["email"] for sample in samples(name) for event in _events(sample) if event["contact"]}

    assert addresses
    assert all(address is None or address.rpartition("@")[2] in ("example.com", "example.org") for address in addresses)


# ------------------------------------------------------------------ being a folder


@pytest.mark.parametrize("name", NAMES)
def test_a_shops_address_is_written_one_way(name: str) -> None:
    shop, _ = find_testkit(name).installation()

    assert platform_of(name).clean_address(shop.address) == shop.address
    assert (platform_of(name).name, shop.platform) == (name, name)


@pytest.mark.parametrize("name", NAMES)
def test_its_variables_are_explained(name: str) -> None:
    variables = discover()[name].variables

    assert all(variable.name.isupper() and variable.meaning for variable in variables)
    assert set(find_testkit(name).environ) <= {variable.name for variable in variables}


@pytest.mark.parametrize("name", NAMES)
def test_it_opens_without_any_variable(name: str) -> None:
    assert discover()[name].open(Settings.from_environ({}), {}).name == name


@pytest.mark.parametrize("name", NAMES)
def test_it_has_a_readme(name: str) -> None:
    readme = (PLATFORMS / name / "README.md").read_text(encoding="utf-8")

    assert readme.startswith("# ")
    assert len(readme) > 500


@pytest.mark.parametrize("name", NAMES)
def test_it_needs_nothing_of_another_platform(name: str) -> None:
    for path in (PLATFORMS / name).rglob("*.py"):
        for module in _imported(path):
            assert not module.startswith("plugin.") or module.startswith(OURS), f"{path.name} imports {module}"


@pytest.mark.skipif(IS_COPY, reason="this is the copied checkout already")
def test_a_copied_folder_is_a_platform(tmp_path: Path) -> None:
    for part in ("plugin", "tests"):
        # With what is compiled already, without what another process is writing.
        shutil.copytree(CHECKOUT / part, tmp_path / part, ignore=shutil.ignore_patterns("*.pyc.*", "node_modules"))
    for part in ("pyproject.toml", "manifest.json"):
        shutil.copy(CHECKOUT / part, tmp_path / part)
    platforms = tmp_path / "plugin" / "platforms"
    for name in NAMES:
        shutil.copytree(platforms / name, platforms / f"third{name}")

    # What a hole in a body makes of it has nothing to do with the folder's name.
    promises = "third and not postgresql and not a_hole_anywhere"
    command = [sys.executable, "-m", "pytest", *PROMISES, "-v", "-p", "no:cacheprovider", "-k", promises]
    # Nobody asks how much of the copy is covered, and covering it takes longer than running it.
    usual = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    environ = {**usual, "PLUGIN_TEST_COPY": "1", "PYTHONPATH": str(tmp_path)}
    run = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=300)

    assert run.returncode == 0, run.stdout[-4000:]
    for name in NAMES:
        assert run.stdout.count(f"[third{name}") > len(list(samples(name)))


def _events(sample: Sample) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = sample.expected["translation"].get("events", [])
    return events


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
