"""Reading `@bot @handle campaign: draft` as people write it. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from bot.store.search import PROFILE, handle_key

LONGEST_NAME = 100  # of a handle or campaign
_HANDLE = re.compile(rf"\s*(?:{PROFILE}(?=[\s:：]|$)|[@＠]?([^\s:：@＠]{{1,100}}))[^\S\n]*", re.IGNORECASE)
_QUOTED = re.compile(r"[\"“”„「『]([^\"“”„「」『』\n]{1,100})[\"“”」』]\s*[:：]?")
_BETWEEN = re.compile(r"\n[^\S\n]*-{3,}[^\S\n]*\n(?=\s*[@＠])")
_DASHES = re.compile(r"(?:^|\n)[^\S\n]*-{3,}$")
_LINE = re.compile(r"^[^\S\n]*[@＠]([^\s:：@＠]{1,100})", re.MULTILINE)
_END_OF_NAME = r"[^\S\n]*(?:[:：]|\n|$)"


@dataclass(frozen=True, slots=True)
class Mention:
    handle: str
    campaign: str  # "" where none is named
    text: str


def after_mention(content: str, mentions: Iterable[str]) -> str | None:
    """What follows the first of the bot's `mentions` (as they stand in the raw text); None where it has none."""
    found = [(at, mention) for mention in mentions if (at := content.find(mention)) >= 0]
    if not found:
        return None
    at, mention = min(found)
    return content[at + len(mention) :]


def parts(words: str) -> list[str]:
    """The drafts in one message: apart by a line of `---` with a handle behind it. Any other such line is a draft's."""
    return [part for part in _BETWEEN.split(f"\n{words}") if part.strip()]


def at_lines(words: str, names: Iterable[str]) -> str:
    """`words` with a line of dashes for each of the `names`, mentions, that begins a line with a handle behind it."""
    mention = "|".join(map(re.escape, names))
    return re.sub(rf"^[^\S\n]*(?:{mention})\s*(?=[@＠<])", "---\n", words, flags=re.MULTILINE)


def names_more(words: str) -> bool:
    """Whether a line besides the first begins like a handle."""
    return len(_LINE.findall(words.strip())) > 1


def parted(words: str, handles: Collection[str], campaigns: Sequence[str]) -> str:
    """`words` with a line of dashes before each further line that begins a draft: with a known handle and a colon, or
    with any handle and a known campaign. Left as they are where they do not begin with a handle. `handles`: folded."""
    if not _LINE.match(words.strip()):
        return words

    def begun(line: re.Match[str]) -> str:
        rest = words[line.end() :].lstrip(" \t\u3000")
        is_begin = _known(rest, campaigns) or (rest[:1] in (":", "：") and _is_known(line, handles))
        before = words[: line.start()].strip()
        is_apart = not before or _DASHES.search(before)
        return f"---\n{line[0]}" if is_begin and not is_apart else line[0]

    return _LINE.sub(begun, words)


def doubtful(draft: str, handles: Collection[str]) -> str:
    """The known handle that a line of `draft` begins with, besides its first: a second draft, or a tag; "" for none."""
    lines = list(_LINE.finditer(draft.strip()))
    return next((f"@{line[1]}" for line in lines if line.start() and _is_known(line, handles)), "")


def _is_known(line: re.Match[str], handles: Collection[str]) -> bool:
    return handle_key(line[1]) in handles or handle_key(line[1].rstrip(".-,、。!！?？)）")) in handles


def named_in(words: str, names: Iterable[str]) -> str:
    """The one of `names` that stands in `words`, in any case; "" for none and for several.

    A name within a longer one does not count beside it, nor do the letters of a name within another word.
    """
    found = [name for name in names if re.search(_as_word(name), words, re.IGNORECASE)]
    outer = [name for name in found if not any(name != one and name.casefold() in one.casefold() for one in found)]
    return outer[0] if len(outer) == 1 else ""


def _as_word(name: str) -> str:
    """Of Latin letters a word of its own; Japanese has no blanks between words, nor around Latin ones."""
    return f"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])"


def parse(words: str, campaigns: Sequence[str], *, with_file: bool) -> Mention | None:
    """Handle, campaign and draft from the words after the mention; None where they cannot be told apart.

    A known campaign is found with blanks and colons in its name, any other one ends at the first colon. A new line
    after the handle begins the draft. `with_file`: the draft may be in a file, so no words are needed.
    """
    handle = _HANDLE.match(words)
    if handle is None:
        return None
    after = words[handle.end() :]
    rest = after.lstrip()
    if is_quoted := _QUOTED.match(rest):
        campaign, draft = is_quoted[1].strip(), rest[is_quoted.end() :]
    elif known := _known(rest, campaigns):
        campaign, draft = known
    elif after.startswith("\n"):
        campaign, draft = "", rest
    else:
        campaign, colon, draft = _until_colon(rest)
        if not colon:
            if not with_file:
                return None
            campaign, draft = rest, ""
    if len(campaign) > LONGEST_NAME or not (draft.strip() or with_file):
        return None
    return Mention(handle[1] or handle[2], campaign.strip(), draft.strip())


def _known(rest: str, campaigns: Sequence[str]) -> tuple[str, str] | None:
    for name in sorted(campaigns, key=len, reverse=True):
        if match := re.match(re.escape(name) + _END_OF_NAME, rest, re.IGNORECASE):
            return name, rest[match.end() :]
    return None


def _until_colon(rest: str) -> tuple[str, str, str]:
    match = re.match(r"([^:：\n]*)([:：])", rest)
    return (match[1].strip(), match[2], rest[match.end() :]) if match else ("", "", rest)
