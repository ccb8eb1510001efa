"""Every field of every body may be missing, null, empty, of another type or enormous: a clear skip or failure follows."""

import os
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plugin.platforms import discover
from tests.support.hostile.answering import follow_answers
from tests.support.hostile.damage import damaged
from tests.support.hostile.following import follow
from tests.support.hostile.seeds import seeds
from tests.support.platforms.fixtures import platform_of

FUZZ = int(os.environ.get("FUZZ", "1"))  #: how many times as long as usual; `make fuzz` sets it
TOPICS = [(name, topic) for name in discover() for topic in seeds(name)]
ASKED = ("orders/", "checkouts/", "refunds/", "customers/create", "customers/update")
ANSWERED = [topic for topic in seeds("shopify") if topic.startswith(ASKED)]
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]

chances = st.randoms(use_true_random=False)


@pytest.mark.parametrize(("platform", "topic"), TOPICS, ids=lambda word: word)
def test_a_damaged_body_ends_as_bodies_or_as_a_clear_reason(platform: str, topic: str) -> None:
    known = seeds(platform)[topic]

    @settings(max_examples=25 * FUZZ, deadline=None, suppress_health_check=SLOW)
    @given(random=chances, body=st.sampled_from(known))
    def walk(random: Random, body: bytes) -> None:
        follow(platform_of(platform), topic, damaged(body, random), random)

    walk()
    assert known


@pytest.mark.parametrize("topic", ANSWERED)
def test_a_damaged_answer_completes_an_event_or_says_what_it_lacks(topic: str) -> None:
    @settings(max_examples=15 * FUZZ, deadline=None, suppress_health_check=SLOW)
    @given(random=chances, body=st.sampled_from(seeds("shopify")[topic]))
    def walk(random: Random, body: bytes) -> None:
        follow_answers(topic, body, random)

    walk()
    assert seeds("shopify")[topic]
