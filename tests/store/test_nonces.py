"""A nonce names one post for good, and fits into Discord's room for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as some

from bot.store.nonces import nonce

TIMES = some.integers(1_767_225_600_000, 4_070_908_800_000).map(lambda ms: datetime.fromtimestamp(ms / 1000, UTC))
POSTS = some.tuples(some.sampled_from(["r", "bt", "w", "d", "v"]), some.integers(1, 16**7 - 1), TIMES)


@given(POSTS)
def test_it_is_the_same_at_every_attempt_and_short_enough(post: tuple[str, int, datetime]) -> None:
    assert nonce(*post) == nonce(*post)
    assert len(f"{nonce(*post)}+") <= 25
    assert len(nonce(f"i{2**64 % 16**6:x}-", *post[1:])) <= 25


@given(POSTS, some.integers(1, 16**7 - 1))
def test_another_kind_row_or_time_has_another(post: tuple[str, int, datetime], other: int) -> None:
    kind, row_id, at = post
    assert nonce("x", row_id, at) != nonce(*post)
    assert other == row_id or nonce(kind, other, at) != nonce(*post)
    for later in (timedelta(milliseconds=1), timedelta(minutes=5), timedelta(days=365)):  # an id that was given again
        assert nonce(kind, row_id, at + later) != nonce(*post)
