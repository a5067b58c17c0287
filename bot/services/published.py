"""Is what went live what was approved? Compared strictly; what was ignored, and what could not be compared, is said."""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.errors import Problem
from bot.judging.disclosure.rulebook import Outcome as LabelOutcome
from bot.judging.hygiene import clean
from bot.judging.label import check_label, is_fine
from bot.model.decisions import SETTLES, DecisionKind, Published, PublishedResult
from bot.model.drafts import Attachment, fingerprint
from bot.model.messages import Message
from bot.model.verdicts import DisclosureLine
from bot.model.workspace import GuildRule
from bot.services.difference import Change, changes
from bot.services.lookup import verdict_number
from bot.services.submit import storable
from bot.store import outbox, published, verdicts
from bot.store.attachments import attachments_of
from bot.store.database import Store
from bot.store.guild_rules import guild_rules
from bot.store.guilds import guild_settings
from bot.store.sight import NOBODY, Sight
from bot.store.verdicts import StoredVerdict


@dataclass(frozen=True, slots=True)
class Comparison:
    """A live text beside another. `ignored`: keys of LIGHT that made a difference."""

    text: tuple[Change, ...]
    spoken: tuple[Change, ...]
    ignored: tuple[str, ...]

    @property
    def is_same(self) -> bool:
        return not (self.text or self.spoken)


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of one `/published`. `stored`: the verdict on the text it was compared with."""

    stored: StoredVerdict
    published: Published
    comparison: Comparison
    not_compared: tuple[Message, ...]
    label_approved: DisclosureLine
    label_live: DisclosureLine
    was_approved: bool  # any version of the draft, at any time

    @property
    def label_is_lost(self) -> bool:
        return is_lost(self.label_approved, self.label_live)

    @property
    def was_labelled(self) -> bool:
        """Whether the approved text passes, so that a label is lost rather than a bad one made worse."""
        return self.label_approved.outcome == LabelOutcome.PASS


_LINK = re.compile(r"<?(?:https?://|www\.)\S+|<?[\w-]+(?:\.[\w-]+)+/\S*", re.IGNORECASE)


def _line_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _composition(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _blanks(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.split("\n")).strip()


_SIGNS = (
    (re.compile("[‘’‚‛′`´]"), "'"),
    (re.compile("[“”„‟″]"), '"'),
    (re.compile("-{2,}|[\u2010-\u2015\u2212\uff0d]"), "-"),
    (re.compile("…"), "..."),
    (re.compile("\uff5e"), "\u301c"),  # two wave dashes that look the same
    (re.compile("[\u00ad\u200b\u2060\ufeff\ufe00-\ufe0f\U000e0100-\U000e01ef]"), ""),  # variants show as before
    (re.compile(r"[^\S\n]+"), " "),
)


def _typography(text: str) -> str:
    for sign, plain in _SIGNS:
        text = sign.sub(plain, text)
    return _blanks(text)


# What a platform, a phone or a clipboard changes without anybody's doing. Everything else counts, links and emoji
# included; whether a label still is one, the label check tells from the text as it is.
LIGHT: Mapping[str, Callable[[str], str]] = {
    "line_ends": _line_ends,
    "composition": _composition,
    "blanks": _blanks,
    "typography": _typography,
}


def compare(approved: str, live: str, *, approved_spoken: str = "", live_spoken: str = "") -> Comparison:
    """How a live text differs. What is said counts where the live text came with it."""
    text, ignored = _compared(approved, live)
    spoken, also_ignored = _compared(approved_spoken, live_spoken) if live_spoken else ((), ())
    return Comparison(text, spoken, tuple(key for key in LIGHT if key in (*ignored, *also_ignored)))


def _compared(old: str, new: str) -> tuple[tuple[Change, ...], tuple[str, ...]]:
    ignored = []
    for key, lighten in LIGHT.items():
        if old != new:
            before = old, new
            old, new = lighten(old), lighten(new)
            if (old, new) != before:
                ignored.append(key)
    return (changes(old, new) if old != new else ()), tuple(ignored)


def is_lost(approved: DisclosureLine, live: DisclosureLine) -> bool:
    """Whether the live text is labelled worse than the approved one, and not well enough."""
    worse = LabelOutcome(live.outcome).rank < LabelOutcome(approved.outcome).rank
    return worse and not is_fine(live)


def is_approved(stored: StoredVerdict) -> bool:
    """Whether an approval of exactly this text stands: it is the newest, and nothing was decided against it since."""
    last = [decision for decision in stored.standing if decision.kind in SETTLES][-1:]
    approves = bool(last) and last[0].kind is DecisionKind.APPROVE and last[0].sha256 == stored.revision.sha256
    return approves and stored.newer is None


async def check_published(
    store: Store,
    guild_id: int,
    number: str,
    live: str,
    *,
    spoken: str = "",
    files: int = 0,
    most_characters: int,
    person_id: int,
    person_name: str,
    now: datetime,
) -> Checked:
    """Compares a live text with the approved text of the draft, or where there is none with its newest judged one.

    `number` is that of any verdict on the draft; `files` of those that came along cannot be compared. Raises Problem:
    no such verdict, its text was taken out, or a live text that cannot be used.
    """
    live, spoken = storable(live), storable(spoken)
    clean(live, max_characters=most_characters, spoken=spoken)
    if live.strip() and all(map(_LINK.fullmatch, live.split())):
        raise Problem("live_problem.only_links")
    versions = await _versions(store, guild_id, number)
    stored = versions[-1]
    if stored.is_erased and stored.forgotten_at is None:  # of a forgotten influencer the store says it
        raise Problem("live_problem.erased", number=stored.number)
    async with store.read() as conn:
        rules = await guild_rules(conn, guild_id)
        countries = (await guild_settings(conn, guild_id)).countries
        approved_files = await attachments_of(conn, stored.revision.id)
    revision = stored.revision
    comparison = await asyncio.to_thread(
        compare, revision.text, live, approved_spoken=revision.spoken, live_spoken=spoken
    )
    said = spoken or revision.spoken  # not sent along: then what was approved is taken as said
    before = await asyncio.to_thread(_label, stored, revision.text, revision.spoken, rules, countries)
    after = await asyncio.to_thread(_label, stored, live, said, rules, countries)
    if not is_approved(stored):
        result = PublishedResult.NOT_APPROVED
    elif is_lost(before, after):
        result = PublishedResult.LABEL_LOST
    else:
        result = PublishedResult.SAME if comparison.is_same else PublishedResult.CHANGED
    async with store.write() as conn:
        await outbox.refresh(conn, revision.id, now)
        added = await published.add_published(
            conn,
            revision.id,
            result,
            person_id=person_id,
            person_name=person_name,
            text=f"{live}\n\n{spoken}" if spoken else live,
            sha256=fingerprint(live, spoken),
            now=now,
        )
    left_out = _not_compared(revision.spoken and not spoken, approved_files, files)
    was_approved = any(one.kind is DecisionKind.APPROVE for version in versions for one in version.decisions)
    return Checked(stored, added, comparison, left_out, before, after, was_approved)


async def stands_in(store: Store, guild_id: int, number: str, channels: Iterable[int]) -> bool:
    """Whether the draft's newest verdict, with which a live text is compared, is answered in one of these channels.

    Raises Problem as `check_published`.
    """
    newest = (await _versions(store, guild_id, number))[-1]
    async with store.read() as conn:
        here = Sight(NOBODY, frozenset(channels))
        return await verdicts.find_verdict(conn, guild_id, newest.number, viewer_id=None, sight=here) is not None


async def _versions(store: Store, guild_id: int, number: str) -> tuple[StoredVerdict, ...]:
    """The verdicts on the draft that `number` is about, that on the newest judged text last. Raises Problem."""
    wanted = verdict_number(number)
    async with store.read() as conn:
        found = await verdicts.versions(conn, guild_id, wanted, viewer_id=None)
    if not found:
        raise Problem("lookup_problem.no_verdict", number=wanted)
    return found


def _label(
    stored: StoredVerdict, text: str, spoken: str, rules: Sequence[GuildRule], countries: Sequence[str]
) -> DisclosureLine:
    campaign = replace(stored.campaign, format=stored.draft.format or stored.campaign.format)
    return check_label(text, campaign, stored.influencer, spoken, own_rules=rules, guild_countries=countries)


def _not_compared(spoken: bool | str, approved_files: Sequence[Attachment], files: int) -> tuple[Message, ...]:
    """What of the approved and of the live post was left out of the comparison."""
    pictures = max(files, sum(file.content_type != "text/plain" for file in approved_files))
    said = (Message("live.not_spoken"),) if spoken else ()
    return (*said, Message("live.not_files", {"count": pictures})) if pictures else said
