"""The account at the end: what was acknowledged, held against what people see and what the database says."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bot.sandbox.errors import Json
from bot.sandbox.people import Message, Sandbox
from tests.crash.authors import BOT, Authors, Sent, Way, is_acknowledged
from tests.crash.ledger import Ledger, Row

CARD = re.compile(r" · ([VS])-(\d+)$", re.MULTILINE)  # in the first line of a card
SETTLING = 30.0  # seconds
LOOKS = 10
Card = tuple[str, int]  # whose verdicts it is counted among, and its number


@dataclass(frozen=True)
class Seen:
    """Everything that stands in the sandbox: cards by what they are on, notices by the event they are about."""

    cards: Mapping[Card, list[Json]]
    notices: Mapping[str, int]


async def look(sandbox: Sandbox) -> Seen:
    """All that people see now, self-checks with their owners' eyes."""
    channels = (await sandbox.ask("places_and_people"))["channels"]
    recipients = {channel["id"]: channel.get("recipient_id") for channel in channels}
    cards: dict[Card, list[Json]] = defaultdict(list)
    notices: dict[str, int] = defaultdict(int)
    for stored in await sandbox.every_message():
        payload = stored["payload"]
        if stored["deleted"] or payload["author"]["id"] != str(BOT):
            continue
        text = Message(payload).text
        found = CARD.search(text)
        if found:
            owner = stored["visible_to"] or recipients[payload["channel_id"]]
            audience = "team" if found[1] == "V" else f"private:{owner}"
            cards[audience, int(found[2])].append(stored)
        elif "The judge is away" in text and (link := payload.get("message_reference")):
            notices[f"message:{link['message_id']}"] += 1
    return Seen(cards, notices)


@dataclass
class Account:
    """One line for each kind of breach; a run is good when `breaches` is empty."""

    acknowledged: int
    unacknowledged: int  # sent, but nobody was told that it was taken
    answered_unacknowledged: int  # of these, how many were answered all the same
    answered: int = 0
    notices: int = 0  # replies that say that the judge is away
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    false: list[str] = field(default_factory=list)
    misplaced: list[str] = field(default_factory=list)
    told_twice: list[str] = field(default_factory=list)

    @property
    def breaches(self) -> list[str]:
        kinds = ("lost", "twice", "stuck", "false", "misplaced", "told_twice")
        return [f"{kind}: {one}" for kind in kinds for one in getattr(self, kind)]

    def table(self) -> str:
        rows = [
            ("acknowledged", self.acknowledged),
            ("  answered once", self.answered),
            ("  lost", len(self.lost)),
            ("answered twice", len(self.twice)),
            ("stuck in the database", len(self.stuck)),
            ("false verdicts", len(self.false)),
            ("answered in the wrong place", len(self.misplaced)),
            ("told twice that it waits", len(self.told_twice)),
            ("told that it waits", self.notices),
            ("sent while nobody heard", self.unacknowledged),
            ("  answered all the same", self.answered_unacknowledged),
        ]
        return "\n".join(f"{name:<30}{count:>7}" for name, count in rows)


async def balance(
    sandbox: Sandbox, ledger: Ledger, authors: Authors, expected: Mapping[int, str] | None = None
) -> Account:
    """`expected`: the outcome each sample draft gets without any fault; None does not look at outcomes.

    What was said while nobody heard may come in at any moment: then it is looked at all of it again.
    """
    for _ in range(LOOKS):
        is_settled, rows = await ledger.settled(SETTLING), ledger.rows()
        seen = await look(sandbox)
        acknowledged = [sent for sent in authors.sent if await is_acknowledged(sandbox, sent)]
        if not is_settled or ledger.rows() == rows:
            break
    others = [sent for sent in authors.sent if sent not in acknowledged]
    account = Account(len(acknowledged), len(others), sum(_cards(sent, rows, seen) > 0 for sent in others))
    for sent in acknowledged:
        count = _cards(sent, rows, seen)
        account.answered += count == 1
        if not count:
            account.lost.append(f"{sent} {rows.get(sent.key)}")
    account.notices = sum(seen.notices.values())
    known = {row.card for row in rows.values()}
    account.twice += [f"{card} {len(found)} times" for card, found in seen.cards.items() if len(found) > 1]
    account.misplaced += [f"{card}, of which nobody knows" for card in seen.cards if card not in known]
    account.stuck += [str(row) for row in rows.values() if row.state != "answered" or row.due]
    account.told_twice += [f"{key} {count} times" for key, count in seen.notices.items() if count > 1]
    for sent in authors.sent:
        if (row := rows.get(sent.key)) is None:
            continue
        if expected is not None and row.outcome not in {None, expected[sent.draft]}:
            account.false.append(f"{sent}: {row.outcome}, not {expected[sent.draft]}")
        account.misplaced += _misplaced(sent, row, seen)
    return account


def _cards(sent: Sent, rows: Mapping[str, Row], seen: Seen) -> int:
    row = rows.get(sent.key)
    return len(seen.cards.get(row.card, ())) if row is not None and row.card is not None else 0


def _misplaced(sent: Sent, row: Row, seen: Seen) -> Iterable[str]:
    """A reply must be to the very message, an answer to a private form must be for its author alone."""
    for stored in seen.cards.get(row.card, ()) if row.card else ():
        link = stored["payload"].get("message_reference") or {}
        if sent.way is Way.MENTION and link.get("message_id") != sent.event_id:
            yield f"{sent}: a reply to {link.get('message_id')}"
        if (sent.way is Way.SELFCHECK) != (row.audience != "team"):
            yield f"{sent}: for {row.audience}"
