"""Telling what a message of a watched channel is: a draft, an attempt at one, or talk. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.chat.draft.mentions import Mention, named_in, parse
from bot.services.names import near_names
from bot.store.search import handle_key, name_key

LEAST_BYTES = 60  # of words that name nobody known here: less is talk
EVERYBODY = ("everyone", "here")
_NAME = r"[@＠]([^\s:：@＠,，、。!！?？()（）]{1,100})"
_ANY = re.compile(_NAME)
_FIRST = re.compile(rf"\s*{_NAME}[^\S\n]*[:：]?")


@dataclass(frozen=True, slots=True)
class Unclear:
    """It is meant as a draft, but lacks something: `handle` is one that is not known, else the campaign is missing."""

    handle: str = ""


@dataclass(frozen=True, slots=True)
class Ear:
    """What there is to listen for. `handles`: folded to as stored; `campaign`: the channel's own, "" for none."""

    handles: Mapping[str, str]
    campaigns: Sequence[str]
    campaign: str = ""

    def handle(self, named: str) -> str:
        return self.handles.get(handle_key(named.rstrip(".-"))) or self.handles.get(handle_key(named), "")

    def campaign_in(self, words: str) -> str:
        """The channel's own, else the one named, else the only one there is."""
        only = self.campaigns[0] if len(self.campaigns) == 1 else ""
        return self.campaign or named_in(words, self.campaigns) or only


def overheard(words: str, ear: Ear, *, author: str, with_file: bool) -> Mention | Unclear | None:
    """`author`: the handle of the influencer who wrote it, "" for anybody else; `with_file`: a text file came along.

    None is talk: no handle of this server in it, or none at all.
    """
    read = parse(words, ear.campaigns, with_file=with_file)
    names_campaign = read is not None and name_key(read.campaign) in map(name_key, ear.campaigns)
    if first := _FIRST.match(words):
        if handle := ear.handle(first[1]):
            if read is not None and (names_campaign or not read.campaign):
                return _with_campaign(Mention(handle, read.campaign, read.text), ear, words)
            return _with_campaign(Mention(handle, "", words[first.end() :].strip()), ear, words)
        if names_campaign:
            return Unclear(first[1])
    if handle := next(filter(None, map(ear.handle, _ANY.findall(words))), ""):
        return _with_campaign(Mention(handle, "", words.strip()), ear, words)
    if author and (with_file or len(words.encode()) >= LEAST_BYTES):
        found = _by_author(words, ear, author)
        return found if isinstance(found, Mention) else None
    return None


def attempted(raw: str, ear: Ear) -> str:
    """The unknown handle that a message begins with as a draft would; "" for talk.

    `raw` is as Discord sends it: who is addressed there, a member or a role, is a number and no handle. As a draft
    would, it goes on with a colon or a new line, or is long; a handle may also be the slip of a known one.
    """
    first = _FIRST.match(raw)
    if first is None or ear.handle(first[1]) or first[1] in EVERYBODY:
        return ""
    goes_on = first[0].endswith((":", "：")) or raw[first.end() :].startswith("\n")
    is_long = len(raw.encode()) >= LEAST_BYTES
    return first[1] if goes_on or is_long or near_names(first[1], ear.handles.values()) else ""


def _by_author(words: str, ear: Ear, author: str) -> Mention | Unclear:
    read = parse(f"@{author} {words}", ear.campaigns, with_file=False)
    if read is not None and name_key(read.campaign) in map(name_key, ear.campaigns):
        return Mention(author, read.campaign, read.text)
    return _with_campaign(Mention(author, "", words.strip()), ear, words)


def _with_campaign(found: Mention, ear: Ear, words: str) -> Mention | Unclear:
    campaign = found.campaign or ear.campaign_in(words)
    return Mention(found.handle, campaign, found.text) if campaign else Unclear()
