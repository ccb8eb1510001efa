"""The stories of ../shared/cases, played through the real platforms and store; what is played elsewhere says where."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from plugin.storage import SqlStore
from tests.support.cases.playing import staged
from tests.support.cases.stories import read, stories
from tests.support.databases import settings_for

STORIES = stories()


@pytest.mark.parametrize("folder", STORIES, ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_a_story_comes_out_right(folder: Path, database_url: str, store: SqlStore) -> None:
    began = datetime.now(UTC)
    story = read(folder, began=began)
    if story.play:
        pytest.skip(story.play)
    settings = settings_for(database_url, PLUGIN_SANDBOX="1")

    with staged(story, store, settings, began=began) as stage:
        stage.play()

        assert stage.faults() == []
