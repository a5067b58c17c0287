"""The dossier: what a history too long to be read for each draft says, noted chunk by chunk without sight of any draft.

A model makes the statements; code here cuts the history, checks every statement against the posts, and chooses what
there is room for. Search finds part of the posts that decide a subtle case, such statements held nearly all of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol, runtime_checkable

from bot.judging.answer import Claim
from bot.judging.evidence import LINE_TOKENS, estimated_tokens, history_tokens, post_tokens
from bot.judging.hygiene import strip_invisible
from bot.judging.injection import find_injection
from bot.judging.marked import marked, visible
from bot.judging.quotes import QuoteCheck
from bot.judging.words import sentence_spans
from bot.model.dossiers import Dossier, ReadChunk, Statement, StatementKind
from bot.model.posts import PastPost
from bot.model.verdicts import Quote, Reading

CHUNK_TOKENS = 16_000  # larger ones read no better and are asked for anew with every import
FULL_ENOUGH, CUT_ONE_IN = 0.75, 16  # a chunk filled that far ends at one post in 16
LONGEST_POST = 8_000  # characters of one post that are read
POSTS_PER_STATEMENT, TOKENS_PER_STATEMENT, FEWEST_STATEMENTS = 5, 425, 4
QUOTES_PER_STATEMENT = 2
LONGEST_TEXT, LONGEST_QUOTE = 240, 240  # characters
NOTE_TOKENS = 24  # mark, kind and dates in front of a statement
PROMPT_TOKENS, ANSWER_TOKENS = 900, 75  # of a chunk's instructions and schema; of one statement as it is handed in

# Where there is no room for all: how many statements of a kind are taken for one of the last.
SHARES = {
    StatementKind.REFUSAL: 4,
    StatementKind.PROMISE: 4,
    StatementKind.BELIEF: 4,
    StatementKind.CHANGED_MIND: 4,
    StatementKind.VALUE: 2,
    StatementKind.PARTNER: 2,
    StatementKind.FOLLOWERS: 1,
    StatementKind.HABIT: 1,
    StatementKind.THEME: 1,
}
_KINDS = tuple(StatementKind)
_NO_DATE = datetime.min.replace(tzinfo=UTC)

Chunk = tuple[PastPost, ...]


@dataclass(frozen=True, slots=True)
class Claimed:
    """A statement as a model made it: nothing of it is checked."""

    kind: StatementKind
    topic: str
    text: str
    claims: tuple[Claim, ...]


@runtime_checkable
class ChunkReader(Protocol):
    """A judge that can note what a chunk of a history says."""

    @property
    def model(self) -> str: ...
    @property
    def chunk_prompt_hash(self) -> str: ...
    async def read_chunk(self, posts: Sequence[PastPost]) -> tuple[ReadChunk, Reading]: ...


def cut(posts: Iterable[PastPost], largest: int = CHUNK_TOKENS) -> tuple[Chunk, ...]:
    """The history in chunks of up to `largest` tokens, each post in one, order kept.

    Where a chunk ends depends on the posts in it alone, so that later posts leave all but the last chunk as they were,
    and older ones brought in afterwards disturb only those around them.
    """
    chunks: list[Chunk] = []
    current: list[PastPost] = []
    size = 0
    for post in map(_shortened, posts):
        cost = post_tokens(post)
        if current and size + cost > largest:
            chunks.append(tuple(current))
            current, size = [], 0
        current.append(post)
        size += cost
        if size >= FULL_ENOUGH * largest and int(post.sha256[:8], 16) % CUT_ONE_IN == 0:
            chunks.append(tuple(current))
            current, size = [], 0
    return (*chunks, tuple(current)) if current else tuple(chunks)


def _shortened(post: PastPost) -> PastPost:
    return post if len(post.text) <= LONGEST_POST else replace(post, text=post.text[:LONGEST_POST])


def most_statements(chunk: Sequence[PastPost]) -> int:
    """How many statements a chunk may yield: what is noted must cost a fraction of what is read."""
    allowed = min(-(-len(chunk) // POSTS_PER_STATEMENT), history_tokens(chunk) // TOKENS_PER_STATEMENT)
    return max(FEWEST_STATEMENTS, allowed)


def expected_tokens(chunks: Iterable[Sequence[PastPost]]) -> int:
    """What reading these chunks will cost at most, answers included; an estimate."""
    return sum(PROMPT_TOKENS + history_tokens(chunk) + ANSWER_TOKENS * most_statements(chunk) for chunk in chunks)


def check(claimed: Iterable[Claimed], chunk: Sequence[PastPost]) -> ReadChunk:
    """What stands up to the posts of the chunk: at least one quote verbatim, and nothing that speaks to a reviewer."""
    quotes_of, texts = QuoteCheck(chunk), {post.id: post.text for post in chunk}
    kept: list[Statement] = []
    unproven = addressed = 0
    for one in list(claimed)[: most_statements(chunk)]:
        quotes = _verified(one.claims, quotes_of)
        if _speaks_to_reviewer(one.text, *(_sentences_around(quote, texts[quote.post_id]) for quote in quotes)):
            addressed += 1
        elif not quotes:
            unproven += 1
        else:
            kept.append(Statement(one.kind, _line(one.topic).casefold()[:40], _line(one.text)[:LONGEST_TEXT], quotes))
    return ReadChunk(tuple(kept), unproven, addressed)


def _verified(claims: Iterable[Claim], quotes_of: QuoteCheck) -> tuple[Quote, ...]:
    """The quotes that stand, one a post."""
    quotes: dict[str, Quote] = {}
    for claim in claims:
        quote = quotes_of.verify(replace(claim, quote=claim.quote[:LONGEST_QUOTE]))
        if quote is not None and len(quotes) < QUOTES_PER_STATEMENT:
            quotes.setdefault(quote.post_id, quote)
    return tuple(quotes.values())


def _speaks_to_reviewer(*texts: str) -> bool:
    return any(find_injection(text, strip_invisible(text)).observed for text in texts)


def _sentences_around(quote: Quote, text: str) -> str:
    touched = [span for span in sentence_spans(text) if span[0] < quote.end and quote.start < span[1]]
    return text[touched[0][0] : touched[-1][1]] if touched else quote.text


def _line(text: str) -> str:
    return " ".join(visible(text).split())


def make_dossier(
    read: Iterable[tuple[Sequence[PastPost], ReadChunk]], *, budget_tokens: int, readings: tuple[Reading, ...] = ()
) -> Dossier:
    """One dossier of all chunks, oldest chunk first, that costs at most `budget_tokens` to read.

    Where there is no room for everything, the newest statement of each kind and topic goes first, and kinds share it.
    """
    read = list(read)
    found = [statement for _, chunk in read for statement in chunk.statements]
    newest_first = sorted(found, key=_last_date)[::-1]  # of equals the one found later
    kept = newest_first if sum(map(statement_tokens, found)) <= budget_tokens else _chosen(newest_first, budget_tokens)
    chosen = set(map(id, kept))
    return Dossier(
        statements=tuple(sorted(kept, key=lambda one: (_KINDS.index(one.kind), newest_first.index(one)))),
        without_room=tuple(one for one in newest_first if id(one) not in chosen),
        unproven=sum(chunk.unproven for _, chunk in read),
        addressed=sum(chunk.addressed for _, chunk in read),
        posts_declined=sum(len(posts) for posts, chunk in read if chunk.declined),
        readings=readings,
    )


def _chosen(newest_first: Sequence[Statement], room: int) -> list[Statement]:
    """What fits into `room` tokens: by turns, in each of which a kind brings on as many as its share, newest first.

    What a newer statement of the same kind and topic outranks comes after all others.
    """
    topics: set[tuple[StatementKind, str]] = set()
    seen: Counter[StatementKind] = Counter()
    queue: list[tuple[tuple[bool, int, int], Statement]] = []
    for one in newest_first:
        topic = one.kind, one.topic or one.text
        queue.append(((topic in topics, seen[one.kind] // SHARES[one.kind], _KINDS.index(one.kind)), one))
        topics.add(topic)
        seen[one.kind] += 1
    chosen = []
    for _, one in sorted(queue, key=lambda place: place[0]):
        if (cost := statement_tokens(one)) <= room:
            chosen.append(one)
            room -= cost
    return chosen


def _last_date(statement: Statement) -> datetime:
    return statement.dates[-1] if statement.dates else _NO_DATE


def statement_tokens(statement: Statement) -> int:
    """What a statement costs to read, quotes included."""
    lines = [line for quote in statement.quotes for line in visible(quote.text).split("\n")]
    return NOTE_TOKENS + estimated_tokens(statement.text) + sum(LINE_TOKENS + estimated_tokens(line) for line in lines)


def statement_lines(statement: Statement, mark: str, label: Callable[[str], str], note: Callable[[str], str]) -> str:
    """The statement and under it its quotes, as marked lines. `label` and `note` are those of a quoted post."""
    days = list(dict.fromkeys(f"{date:%Y-%m-%d}" for date in statement.dates)) or ["undated"]
    about = f"{statement.kind.value.replace('_', ' ')} {' to '.join(days)}"
    return "\n".join(
        [
            marked(mark, "dossier", about, statement.text),
            *(marked(mark, label(quote.post_id), note(quote.post_id), quote.text) for quote in statement.quotes),
        ]
    )
