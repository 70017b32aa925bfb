"""WeChat's subscribe templates (订阅消息模板): data, since their ids belong to the mini-program.

``templates.json`` beside this file holds those of the sandbox; a real mini-program names its own
file with ``SST_WECHAT_TEMPLATES``. One file has::

    {"templates": [{"topic": "case", "template_id": "…", "title": "…", "long_term": false,
                    "data": {"thing1": "{push}", "time2": "{time}"}}]}

Each ``data`` value may hold ``{push}`` (the topic's sentence) and ``{time}``; there is no
placeholder for anything personal.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import orjson

from backend.messages.kinds import TOPICS, Topic
from backend.messages.quiet import BEIJING
from backend.settings import SettingsError

OWN = Path(__file__).with_name("templates.json")
# requestSubscribeMessage takes no more at once.
MOST_AT_ONCE = 5
_THING_CHARS = 20


@dataclass(frozen=True, slots=True)
class Template:
    """A template of WeChat's.

    Attributes:
        long_term: one consent is for every message to come; otherwise for one.
        data: WeChat's field → words with ``{push}`` and ``{time}``.
    """

    topic: str
    template_id: str
    title: str
    long_term: bool
    data: Mapping[str, str]

    def filled(self, topic: Topic, at: datetime) -> dict[str, dict[str, str]]:
        """What is sent as ``data``."""
        local = at.astimezone(BEIJING)
        when = f"{local.year}年{local.month:02}月{local.day:02}日 {local:%H:%M}"
        return {
            name: {"value": words.replace("{push}", topic.push).replace("{time}", when)}
            for name, words in self.data.items()
        }


def read_templates(path: Path | None) -> Mapping[str, Template]:
    """The templates by topic.

    Raises:
        SettingsError: the file cannot be used; the message says why.
    """
    source = path or OWN
    try:
        listed = orjson.loads(source.read_bytes())["templates"]
        found = [
            Template(
                topic=each["topic"], template_id=each["template_id"], title=each["title"],
                long_term=bool(each.get("long_term", False)), data=dict(each["data"]),
            )
            for each in listed
        ]  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SettingsError(f"{source} holds no subscribe templates: {error}") from None
    if fault := _fault(found):
        raise SettingsError(f"{source}: {fault}")
    return {template.topic: template for template in found}


def _fault(found: Sequence[Template]) -> str:
    """What is wrong with a set of templates, or nothing."""
    for name in ("topic", "template_id", "title"):
        if len({getattr(each, name) for each in found}) < len(found):
            return f"two templates have the same {name}"
    if unknown := {each.topic for each in found} - TOPICS.keys():
        return f"there is no topic {', '.join(sorted(unknown))}"
    if len({each.long_term for each in found}) > 1:
        return "one-time and long-term templates cannot be asked for together"
    for each in found:
        for name, words in each.data.items():
            said = words.replace("{push}", TOPICS[each.topic].push)
            if name.startswith("thing") and len(said) > _THING_CHARS:
                return f"{each.topic}.{name} is longer than {_THING_CHARS} characters"
    return ""
