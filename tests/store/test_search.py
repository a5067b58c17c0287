"""Finding text by its own pieces, with any text as a query."""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from bot.store.database import Store
from bot.store.posts import add_posts, search_posts
from bot.store.search import fold, handle_key
from bot.store.verdicts import HistoryQuery, search_verdicts
from tests.store.values import GUILD, Place, a_post, judged

TEXTS = {
    "ja": "今日は新しい湯沸かしで珈琲を淹れた。ﾃﾞｻﾞｲﾝも好き",
    "en": 'Kettle: 100% "mine" NEAR the C:\\stove, it\'s a_b OR c*d (AND) -x ^y {z} +w',
    "pr": "#ＰＲ Straße 🫖🍞 Ａ社",
    "nul": "before\0after",
}
# Whatever could mean something to MATCH or LIKE, and words of several scripts.
AWKWARD = st.text(st.sampled_from("\"'*%_\\^:(){}[]-+,.;#@! \t\n\u3000aZ9éßおーが゙ｶﾞ今日湯沸🫖👍🏽\0"), max_size=30)
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
ids = count(1)
many = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


async def found_posts(store: Store, words: str) -> set[str]:
    async with store.read() as conn:
        return {post.id for _, post in await search_posts(conn, GUILD, words, limit=10_000)}


async def found_drafts(store: Store, words: str) -> set[str]:
    async with store.read() as conn:
        page = await search_verdicts(conn, GUILD, HistoryQuery(text=words), limit=10_000)
    assert page.total == len(page.rows)
    return {row.revision.text for row in page.rows}


QUERIES = [
    ("湯", {"ja"}),
    ("珈琲", {"ja"}),
    ("新しい", {"ja"}),
    ("湯沸かしで珈琲を", {"ja"}),
    ("珈琲 今日", {"ja"}),
    ("珈琲\u3000今日は", {"ja"}),
    ("珈琲 明日", set()),
    ("デザイン", {"ja"}),
    ("🫖", {"pr"}),
    ("🫖🍞", {"pr"}),
    ("#pr", {"pr"}),
    ("STRASSE", {"pr"}),
    ("A社", {"pr"}),
    ("kettle", {"en"}),
    ("ke", {"en"}),
    ("%", {"en"}),
    ("0%", {"en"}),
    ("100%", {"en"}),
    ("k%e", set()),
    ("k%ettle", set()),
    ("_b", {"en"}),
    ("a_b", {"en"}),
    ("k_t", set()),
    ("_", {"en"}),
    ("\\", {"en"}),
    ("c:\\stove", {"en"}),
    ('"', {"en"}),
    ('"mine"', {"en"}),
    ('" OR "', {"en"}),
    ('湯沸かし" OR "kettle', set()),
    ("'", {"en"}),
    ("it's", {"en"}),
    ("near", {"en"}),
    ("NEAR(kettle stove)", set()),
    ("c*d", {"en"}),
    ("ket*", set()),
    ("(AND)", {"en"}),
    ("kettle NOT mine", set()),
    ("-x", {"en"}),
    ("folded:kettle", set()),
    ("^y {z}", {"en"}),
    ("before after", {"nul"}),
    ("before\0after", {"nul"}),
    ("", set()),
    (" \t\u3000", set()),
    ("\0", set()),
    ("'; DROP TABLE post; --", set()),
]


@pytest.mark.parametrize(("words", "expected"), QUERIES)
async def test_posts_are_found_by_words(store: Store, place: Place, words: str, expected: set[str]) -> None:
    posts = [a_post(number, text) for number, text in enumerate(TEXTS.values())]
    names = {post.id: name for post, name in zip(posts, TEXTS, strict=True)}
    async with store.write() as conn:
        await add_posts(conn, place.influencer.id, posts)
    assert {names[found] for found in await found_posts(store, words)} == expected


@pytest.mark.parametrize(("words", "expected"), [query for query in QUERIES if fold(query[0]).split()])
async def test_drafts_are_found_by_words(store: Store, place: Place, words: str, expected: set[str]) -> None:
    async with store.write() as conn:
        for text in TEXTS.values():
            await judged(conn, place.draft(text))
    assert await found_drafts(store, words) == {TEXTS[name] for name in expected}


@many
@given(st.data(), AWKWARD | ANY_TEXT)
async def test_a_text_is_found_by_any_of_its_pieces(store: Store, place: Place, data: st.DataObject, text: str) -> None:
    start = data.draw(st.integers(0, len(text)))
    piece = text[start : data.draw(st.integers(start, len(text)))]
    assume(fold(piece).split())  # something that is not blank
    assume(fold(piece) in fold(text))  # not cut between a letter and its combining mark
    post = a_post(next(ids), text)
    async with store.write() as conn:
        await add_posts(conn, place.influencer.id, [post])
    assert post.id in await found_posts(store, piece)


@many
@given(AWKWARD, AWKWARD)
@example("aab", "ab")
async def test_nothing_else_is_found(store: Store, place: Place, text: str, words: str) -> None:
    wanted = fold(words).split()
    post = a_post(next(ids), text)
    async with store.write() as conn:
        await add_posts(conn, place.influencer.id, [post])
    expected = bool(wanted) and all(word in fold(text) for word in wanted)
    assert (post.id in await found_posts(store, words)) == expected


async def test_a_very_long_query_is_answered(store: Store, place: Place) -> None:
    text = "kettle " * 3_000
    async with store.write() as conn:
        await add_posts(conn, place.influencer.id, [a_post(1, text)])
    assert await found_posts(store, text) == {"p1"}
    assert await found_posts(store, "a " * 50_000) == set()


async def test_lone_surrogates_in_a_query_are_harmless(store: Store) -> None:
    assert await found_posts(store, "\ud83d") == set()


@given(ANY_TEXT)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize("typed", ["mika", "@Mika", "＠ｍｉｋａ", "  @MIKA ", "@@mika"])
def test_handles_compare_without_at_sign_case_and_width(typed: str) -> None:
    assert handle_key(typed) == "mika"


@pytest.mark.parametrize(
    "typed",
    [
        "@Mossy.Miles",
        "＠ｍｏｓｓｙ.ｍｉｌｅｓ ",
        "https://www.instagram.com/mossy.miles/",
        "http://m.facebook.com/Mossy.Miles?ref=1",
        "tiktok.com/@mossy.miles",
        "https://x.com/mossy.miles#top",
        "https://www.linkedin.com/in/mossy.miles",
    ],
)
def test_a_handle_is_the_same_however_it_is_written(typed: str) -> None:
    assert handle_key(typed) == "mossy.miles"


@pytest.mark.parametrize("typed", ["https://www.instagram.com/p/Cx1/", "https://photos.example/mossy"])
def test_any_other_address_is_no_handle(typed: str) -> None:
    assert handle_key(typed) == fold(typed)
