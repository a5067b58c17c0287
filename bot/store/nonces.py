"""Nonces: by them Discord knows a post again that it was sent before, for some minutes."""

from __future__ import annotations

from datetime import datetime

AGES = 16**9  # milliseconds, two years: a nonce is forgotten long before they begin anew


def nonce(kind: str, row_id: int, created_at: datetime) -> str:
    """Of the post that a row is about: the same at every attempt, and never that of another; at most 25 characters.

    `kind` tells the posts about one row apart. The id alone would not do: a restored backup, or a new database, gives
    the same ids to other rows.
    """
    age = int(created_at.timestamp() * 1000) % AGES
    return f"{kind}{row_id:x}-{age:x}"
