"""Signals in words: each number with what it was counted over, for people who never saw its key."""

from __future__ import annotations

from bot.model import Message, Signal

_PERCENT = ("share", "probability")


def in_words(signal: Signal) -> Message | None:
    """One sentence, or None where nothing could be measured."""
    if signal.value is None:
        return None
    shown: float | int = signal.value
    if signal.unit in _PERCENT:
        shown = round(100 * signal.value)
    elif signal.unit == "ratio" or not float(signal.value).is_integer():
        shown = round(signal.value, 2)
    else:
        shown = int(signal.value)
    return Message(f"signal.{signal.key}", {"value": shown, "n": signal.n, "posts": list(signal.post_ids[:3])})
