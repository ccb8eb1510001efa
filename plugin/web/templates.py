"""Where templates come from: ours, and each platform's own fragments as platforms/<name>/…"""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Flask
from jinja2 import BaseLoader, ChoiceLoader, FileSystemLoader, PrefixLoader

from plugin import resources
from plugin.turns import giving_way
from plugin.web.event_texts import title
from plugin.web.language_names import language_name
from plugin.web.reasons import translated_markup
from plugin.web.settings_labels import described, loss_text, stopped_text, together
from plugin.web.visit import here


def register(app: Flask, platforms: Iterable[str]) -> None:
    """Let templates include a platform's fragments; one that is not there is left out by `ignore missing`."""
    folders: dict[str, BaseLoader] = {
        name: FileSystemLoader(resources.PACKAGE / "platforms" / name / "templates") for name in platforms
    }
    fragments = PrefixLoader({"platforms": PrefixLoader(folders)})
    app.jinja_loader = ChoiceLoader([FileSystemLoader(resources.TEMPLATES), fragments])
    app.jinja_env.filters["merge"] = _merge
    app.jinja_env.filters["translated"] = translated_markup
    app.jinja_env.filters |= {"described": described, "event_title": title, "loss_text": loss_text}
    app.jinja_env.filters |= {"stopped_text": stopped_text, "together": together, "giving_way": giving_way}
    app.jinja_env.filters["language_name"] = language_name
    app.jinja_env.globals["here"] = here


def _merge(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    return {**one, **other}
