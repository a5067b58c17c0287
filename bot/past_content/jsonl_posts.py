"""JSON: one post a line, one array of posts, or one account a line with a list of its posts, oldest first.

A post is an object, its keys read like column names, or nothing but its text as a string.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from bot.model.messages import Message
from bot.past_content.columns import fields_of, folded, shown
from bot.past_content.encoding import lines, text_of
from bot.past_content.json_values import VALUE_LIMIT, values
from bot.past_content.rows import BadRow, Reader, Row

_HEAD = 8192  # characters that show how a file is laid out
_POST_LISTS = frozenset({"stored", "posts", "tweets", "captions", "投稿"})
_WRAPPERS = frozenset({"items", "data"})  # hold posts only where the object is none itself
_ACCOUNT_WIDE = ("account", "language", "platform")  # said once for all posts of a list


def recognise(path: Path, codec: str) -> Reader | None:
    """Reads the file at `path` as JSON, laid out as its first line suggests; None where that is no JSON."""
    with path.open("rb") as file:
        first, line_end, _ = text_of(file, codec).read(_HEAD).lstrip().partition("\n")
    first = first.rstrip()
    if first.startswith("["):
        return Reader(_layout("array", codec), lambda file: _rows(values(text_of(file, codec), depth=1)))
    whole = isinstance(_parsed(first), (dict, str))
    if not whole and line_end and first.startswith("{") and first.endswith(("{", "[", ",")):
        return Reader(_layout("objects", codec), lambda file: _rows(values(text_of(file, codec), depth=0)))
    if whole or first.startswith("{"):
        return Reader(_layout("lines", codec), lambda file: _rows(lines(text_of(file, codec), VALUE_LIMIT)))
    return None


def _layout(name: str, codec: str) -> Message:
    return Message(f"import_layout.json_{name}", {"encoding": codec})


def _rows(texts: Iterable[tuple[int, str | None]]) -> Iterator[Row | BadRow]:
    """Every post as a row. A value that is no post is bad; the ones after it are still read."""
    for line, text in texts:
        if text is None:
            yield BadRow(line, Message("import_row.too_long"))
        elif text.strip():
            yield from _value_rows(line, _parsed(text))


def _parsed(text: str) -> object:
    """The JSON value; None where it is none (a JSON null is no post either)."""
    try:
        return json.loads(text.strip().rstrip(","))
    except (ValueError, RecursionError):
        return None


def _value_rows(line: int, value: object) -> Iterator[Row | BadRow]:
    if isinstance(value, str):
        yield Row(line, {"text": value})
        return
    if not isinstance(value, dict):
        yield BadRow(line, Message("import_row.not_json"))
        return
    row = fields_of(tuple(value), tuple(value.values()))
    posts = _list_under(_POST_LISTS, value)
    if posts is None and "text" in row:
        yield Row(line, row)
        return
    posts = _list_under(_WRAPPERS, value) if posts is None else posts
    if posts is None:
        yield BadRow(line, Message("import_row.no_text_key", {"found": shown(tuple(value))}))
        return
    shared = {field: row[field] for field in _ACCOUNT_WIDE if field in row}
    for number, post in enumerate(posts, start=1):
        yield _listed(line, number, post, shared)


def _list_under(names: frozenset[str], value: Mapping[str, object]) -> list[object] | None:
    lists = (held for key, held in value.items() if folded(key) in names and isinstance(held, list))
    return next(lists, None)


def _listed(line: int, number: int, post: object, shared: Mapping[str, object]) -> Row | BadRow:
    if isinstance(post, str):
        return Row(line, {**shared, "text": post})
    if isinstance(post, dict):
        return Row(line, {**shared, **fields_of(tuple(post), tuple(post.values()))})
    return BadRow(line, Message("import_row.not_a_post", {"number": number}))
