"""Nonces: by them Discord knows a post again that it was sent before, for some minutes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EPOCH, MILLISECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(milliseconds=1)
AGES = 16**9  # milliseconds, two years: a nonce is forgotten long before they begin anew


def nonce(kind: str, row_id: int, created_at: datetime) -> str:
    """Of the post that a row is about: the same at every attempt, and never that of another; at most 25 characters.

    `kind` tells the posts about one row apart. The id alone would not do: a restored backup, or a new database, gives
    the same ids to other rows.
    """
    age = (created_at - EPOCH) // MILLISECOND % AGES
    return f"{kind}{row_id:x}-{age:x}"
