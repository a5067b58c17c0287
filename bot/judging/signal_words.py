"""Signals in words: each number with what it was counted over, for people who never saw its key."""

from __future__ import annotations

from bot.model.messages import Message
from bot.model.verdicts import Signal

_PERCENT = ("share", "probability")
_SURE = 5  # percent: a likeness is never as certain as 0 or 100 % would sound
_PLACES = ("length_percentile", "likeness_percentile")


def in_words(signal: Signal) -> Message | None:
    """One sentence, or None where nothing could be measured."""
    if signal.value is None:
        return None
    shown: float | int | Message = signal.value
    if signal.key == "likeness":
        shown = capped_percent(signal.value)
    elif signal.unit in (*_PERCENT, "percentile"):
        shown = round(100 * signal.value if signal.unit in _PERCENT else signal.value)
    elif signal.unit == "ratio" or not float(signal.value).is_integer():
        shown = round(signal.value, 2)
    else:
        shown = int(signal.value)
    place = {0: "_none", 100: "_all"}.get(shown, "") if signal.key in _PLACES and isinstance(shown, int) else ""
    return Message(f"signal.{signal.key}{place}", {"value": shown, "n": signal.n, "posts": list(signal.post_ids[:3])})


def capped_percent(probability: float) -> Message:
    """A likeness from 0 to 1 in percent, its ends as no more than they are."""
    percent = round(100 * probability)
    if percent > 100 - _SURE:
        return Message("percent.above", {"percent": 100 - _SURE})
    return (
        Message("percent.below", {"percent": _SURE}) if percent < _SURE else Message("percent.is", {"percent": percent})
    )
