"""Golden cases mixed into histories of thousands of posts by others, to measure what a reviewer gets to read of them.

The others' posts are put together from sentences of all other cases' feeds by a seeded generator, so deciding sentences
of other cases are among them. What a model would note of each chunk is simulated: one statement on every deciding post,
and as many as are allowed in all on other posts. How statements of each sort spread over kinds, and the words of those
on the long histories, are those that a careful reader really noted on the long histories.
`python -m tests.golden.mixed NUMBER [DIR]` prints the figures; DIR holds `*creators.jsonl` of posts to use instead.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random

from bot.config import Review
from bot.judging.dossier import cut, make_dossier, most_statements, statement_tokens
from bot.judging.evidence import Selection, select_posts
from bot.judging.hygiene import clean
from bot.judging.review import search_queries
from bot.judging.search import PostSearch
from bot.judging.words import sentence_spans, sentences
from bot.model.dossiers import Dossier, ReadChunk, Statement, StatementKind
from bot.model.posts import PastPost
from bot.model.verdicts import Quote, Stance
from bot.model.workspace import Campaign
from tests.golden.cases import golden_cases
from tests.golden.long_histories import long_histories

START = datetime(2021, 1, 1, tzinfo=UTC)
DAYS = 5 * 365
LONGEST_QUOTE = 160  # characters, as a reader is told
Pool = Mapping[str, Sequence[str]]  # language to texts


@dataclass(frozen=True, slots=True)
class Wanted:
    """A draft, and the posts that decide it."""

    name: str
    language: str
    campaign: Campaign
    draft: str
    posts: tuple[PastPost, ...]
    deciding: frozenset[str]
    noted: tuple[Statement, ...] = ()  # what a careful reader really noted on `posts`

    @property
    def queries(self) -> tuple[str, ...]:
        return search_queries(clean(self.draft, max_characters=20_000), self.campaign)


Others = Callable[[Wanted, int, Random], list[str]]  # so many texts by others


@cache
def short_cases() -> tuple[Wanted, ...]:
    return tuple(
        Wanted(case.name, case.influencer.language, case.campaign, case.draft, case.posts, frozenset(case.deciding))
        for case in golden_cases()
        if case.deciding
    )


@cache
def long_cases() -> tuple[Wanted, ...]:
    """Each case of the long histories, with all 300 posts and a careful reader's notes on them."""
    return tuple(
        Wanted(
            f"{history.name}/{case.id}",
            history.influencer.language,
            case.campaign,
            case.draft,
            history.posts,
            frozenset(case.deciding),
            history.dossier().statements,
        )
        for history in long_histories()
        for case in history.cases
    )


@cache
def own_pool() -> Pool:
    """All texts of the golden feeds and long histories, by language."""
    pool: dict[str, list[str]] = {}
    for language, posts in (
        *((case.influencer.language, case.posts) for case in golden_cases()),
        *((history.influencer.language, history.posts) for history in long_histories()),
    ):
        pool.setdefault(language, []).extend(post.text for post in posts)
    return pool


def pool_of(folder: Path) -> Pool:
    """Stored texts of all creators in a folder of `*creators.jsonl`, by language."""
    pool: dict[str, list[str]] = {}
    for path in sorted(folder.glob("*creators.jsonl")):
        for row in map(json.loads, path.read_text("utf-8").splitlines()):
            pool.setdefault(row["lang"], []).extend(row["stored"])
    return pool


_sentences = cache(sentences)


def put_together(wanted: Wanted, number: int, random: Random) -> list[str]:
    """Texts of one to four sentences each out of other feeds, half in the language of the case where it has few."""
    own = {post.text for post in wanted.posts}
    pieces = {
        language: [sentence for text in texts if text not in own for sentence in _sentences(text)]
        for language, texts in own_pool().items()
    }
    own_language = pieces[wanted.language] if len(pieces[wanted.language]) > 500 else pieces["en"]
    return [" ".join(random.choices(own_language, k=random.choice((1, 1, 2, 2, 3, 4)))) for _ in range(number)]


def taken(pool: Pool) -> Others:
    """Texts as they are, of the language of the case where there are enough, else filled up with English ones."""

    def take(wanted: Wanted, number: int, random: Random) -> list[str]:
        same = list(pool.get(wanted.language, ()))
        texts = random.sample(same, min(number, len(same)))
        return texts + random.sample(list(pool["en"]), number - len(texts))

    return take


def mixed(wanted: Wanted, number: int, others: Others = put_together) -> tuple[PastPost, ...]:
    """`number` posts in all, oldest first: those of the case spread evenly over five years, the others at random."""
    random = Random(f"{wanted.name} {number}")
    step = timedelta(days=DAYS) / len(wanted.posts)
    own = [replace(post, created_at=START + step * at) for at, post in enumerate(wanted.posts)]
    strangers = [
        PastPost(f"other-{at}", text, START + timedelta(days=DAYS) * random.random())
        for at, text in enumerate(others(wanted, number - len(own), random))
    ]
    return tuple(sorted((*own, *strangers), key=lambda post: post.created_at or START))


@cache
def noted_kinds() -> tuple[StatementKind, ...]:
    """The kinds of all statements that a careful reader made on the long histories."""
    return tuple(statement.kind for history in long_histories() for statement in history.dossier().statements)


def simulated_dossier(wanted: Wanted, posts: Sequence[PastPost], *, budget_tokens: int) -> Dossier:
    """One of notes that are full in every chunk and hold each deciding post, in no way told from the others."""
    random = Random(wanted.name)
    read = [(chunk, _noted(wanted, chunk, random)) for chunk in cut(posts)]
    return make_dossier(read, budget_tokens=budget_tokens)


def _noted(wanted: Wanted, chunk: Sequence[PastPost], random: Random) -> ReadChunk:
    by_id = {post.id: post for post in chunk}
    if wanted.noted:
        quotes = [(one, tuple(_dated(q, by_id) for q in one.quotes if q.post_id in by_id)) for one in wanted.noted]
        noted = [replace(one, quotes=kept) for one, kept in quotes if kept]
    else:
        noted = [_statement(post, random) for post in chunk if post.id in wanted.deciding]
    own = {post.id for post in wanted.posts}
    others = [post for post in chunk if post.id not in own]
    room = max(0, most_statements(chunk) - len(noted))
    noted += [_of_another(post, random) for post in random.sample(others, min(room, len(others)))]
    return ReadChunk(tuple(noted))


def _dated(quote: Quote, by_id: Mapping[str, PastPost]) -> Quote:
    return replace(quote, created_at=by_id[quote.post_id].created_at)


@cache
def _noted_words() -> tuple[tuple[str, ...], ...]:
    return tuple(
        tuple(statement.text.split()) for history in long_histories() for statement in history.dossier().statements
    )


def _of_another(post: PastPost, random: Random) -> Statement:
    """On a post of no case: half of one sentence that a careful reader noted and half of another."""
    first, second = random.choice(_noted_words()), random.choice(_noted_words())
    text = " ".join((*first[: len(first) // 2], *second[len(second) // 2 :]))
    return replace(_statement(post, random), text=text, topic=random.choice(second))


def _statement(post: PastPost, random: Random) -> Statement:
    """Says of a post what one of its sentences says, in the same words."""
    start, end = random.choice(sentence_spans(post.text))
    end = min(end, start + LONGEST_QUOTE)
    text = post.text[start:end]
    quote = Quote(post.id, text, start, end, Stance.SUPPORTS, post.created_at)
    return Statement(random.choice(noted_kinds()), max(text.split(), key=len)[:40], text, (quote,))


@dataclass(frozen=True, slots=True)
class Share:
    """How many of the deciding posts a reviewer gets to read."""

    deciding: int
    first_40: int
    first_100: int
    by_search: int  # within the whole budget, no dossier
    with_dossier: int

    def __add__(self, other: Share) -> Share:
        return Share(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    def __str__(self) -> str:
        return ", ".join(f"{field.name} {getattr(self, field.name) / self.deciding:.2f}" for field in fields(self)[1:])


def share(wanted: Wanted, posts: tuple[PastPost, ...], settings: Review) -> Share:
    ranked = [post.id for post in PostSearch(posts).worth_reading(wanted.queries)]
    dossier = simulated_dossier(wanted, posts, budget_tokens=settings.dossier_tokens)
    left = settings.history_tokens - sum(map(statement_tokens, dossier.statements))
    searched = select_posts(posts, wanted.queries, budget_tokens=settings.history_tokens)
    selected = select_posts(posts, wanted.queries, budget_tokens=left, noted=dossier.without_room)
    return Share(
        len(wanted.deciding),
        len(wanted.deciding & set(ranked[:40])),
        len(wanted.deciding & set(ranked[:100])),
        len(wanted.deciding & _ids(searched)),
        len(wanted.deciding & (_ids(selected) | dossier.cited)),
    )


def _ids(selection: Selection) -> set[str]:
    return {post.id for post in (*selection.newest, *selection.nearest)}


def total(cases: Sequence[Wanted], number: int, others: Others = put_together) -> Share:
    """Of all `cases` together, each in `number` posts."""
    sums = Share(0, 0, 0, 0, 0)
    for wanted in cases:
        sums += share(wanted, mixed(wanted, number, others), Review())
    return sums


if __name__ == "__main__":
    others = taken(pool_of(Path(sys.argv[2]))) if len(sys.argv) > 2 else put_together
    for name, cases in (("short", short_cases()), ("long", long_cases())):
        found = total(cases, int(sys.argv[1]), others)
        print(f"{name} cases in {sys.argv[1]} posts, {found.deciding} deciding: {found}")
