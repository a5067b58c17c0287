"""Every sentence the bot says, one TOML file a language. A further language is one further file.

Keys are `section.name`; values are `str.format` templates. A language without a key falls back to English.
In a template `{count|draft|drafts}` is `draft` where `count` is 1, else `drafts`. Beside `name` there may be
`name_self`: the same in a check that only its sender sees; and `name_you`: where that is the influencer themselves.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files

from bot.model.messages import Message

FALLBACK = "en"
_VOICES = {"x-you": ("_you", "_self"), "x-self": ("_self",)}  # endings of keys, by the private part of a language tag


@cache
def languages() -> tuple[str, ...]:
    """Codes of the languages there is a file for, English first."""
    found = sorted(path.name[:-5] for path in files(__name__).iterdir() if path.name.endswith(".toml"))
    return (FALLBACK, *(code for code in found if code != FALLBACK))


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """All texts of one language, flat: `section.name` to template."""
    tables = tomllib.loads(files(__name__).joinpath(f"{language}.toml").read_text("utf-8"))
    return {f"{section}.{name}": text for section, entries in tables.items() for name, text in entries.items()}


def supported(locale: str | None) -> str:
    """The language to speak to someone whose Discord locale is e.g. `ja` or `en-GB`."""
    code = (locale or FALLBACK).split("-")[0].lower()
    return code if code in languages() else FALLBACK


def text(language: str, key: str, /, **values: object) -> str:
    """One sentence in `language`. Values that are messages themselves are rendered first.

    Raises KeyError for a key that English does not have: a missing text is a defect, not an input error.
    """
    keys = [*(f"{key}{ending}" for ending in _VOICES.get(language.partition("-")[2], ())), key]
    for found in map(catalogue, (supported(language), FALLBACK)):
        for one in keys:
            if one in found:
                return found[one].format_map(_Values({name: _shown(language, value) for name, value in values.items()}))
    raise KeyError(key)


def to_influencer(language: str) -> str:
    """The language in which texts speak to the influencer they are about, where there are such texts."""
    return f"{supported(language)}-x-you"


def to_sender(language: str) -> str:
    """The language of a check that only its sender sees, who is not the influencer it is about."""
    return f"{supported(language)}-x-self"


def listed(language: str, items: Iterable[str]) -> str:
    """The items with what the language puts between them."""
    return text(language, "list.between").join(items)


def quoted(language: str, words: str) -> str:
    """Somebody's words, as they are, in the marks that the language sets around a quotation."""
    return text(language, "quotation.marked", words=words)


def paired(language: str, name: str, value: str) -> str:
    """What something is called, and what it is."""
    return text(language, "list.pair", name=name, value=value)


def render(language: str, message: Message) -> str:
    """A stored message in `language`. The key `literal` shows its `text` as it is (a model's own words)."""
    if message.key == "literal":
        return str(message.values["text"])
    return text(language, message.key, **message.values)


class _Values(dict[str, object]):
    """The values of a template; `name|one|other` is one of two words, by the number of that name."""

    def __missing__(self, name: str) -> str:
        counted, bar, forms = name.partition("|")
        if not bar:
            raise KeyError(name)
        one, other = forms.split("|")
        return one if self[counted] == 1 else other


def _shown(language: str, value: object) -> object:
    if isinstance(value, Message):
        return render(language, value)
    if isinstance(value, Mapping) and value.keys() == {"key", "values"}:  # a message that went through JSON
        return render(language, Message(value["key"], value["values"]))
    if isinstance(value, (list, tuple)):
        return listed(language, [str(_shown(language, item)) for item in value])
    return value
