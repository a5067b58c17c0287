"""Invented authors for the tests of voice likeness: each writes from a stock of phrases in a manner of their own."""

import random
from collections.abc import Callable

_SUBJECTS = ("the harbour", "my old bicycle", "a bowl of soup", "the night train", "our garden", "a borrowed tent")
_DEEDS = ("surprised me", "kept me awake", "made the whole day", "needs more work", "smells of rain", "is nearly done")
_TIMES = ("this morning", "before breakfast", "after the storm", "on Sunday", "again", "while nobody looked")


def _calm(rng: random.Random) -> str:
    words = rng.choice(_SUBJECTS), rng.choice(_DEEDS), rng.choice(_TIMES)
    return f"{words[0].capitalize()} {words[1]} {words[2]}. I wrote down {rng.randint(2, 9)} small things about it."


def _loud(rng: random.Random) -> str:
    words = rng.choice(_SUBJECTS), rng.choice(_DEEDS), rng.choice(_TIMES)
    return f"OMG {words[0]} {words[1]} {words[2]}!!! 😍😍 so so good #{rng.choice(('yes', 'vibes', 'mood'))}"


def _terse(rng: random.Random) -> str:
    words = rng.choice(_SUBJECTS), rng.choice(_DEEDS), rng.choice(_TIMES)
    return f"{words[2]}: {words[0]} - {words[1]} (no. {rng.randint(10, 99)})"


def _chatty(rng: random.Random) -> str:
    words = rng.choice(_SUBJECTS), rng.choice(_DEEDS), rng.choice(_TIMES)
    return f"so, guess what... {words[0]}, yes, {words[0]}, {words[1]} {words[2]}, right? lol what do you think?"


def _japanese(rng: random.Random) -> str:
    subject = rng.choice(("港", "古い自転車", "スープ", "夜行列車", "庭", "テント"))
    deed = rng.choice(("に驚きました", "のことを考えています", "を直しました", "が好きです"))
    time, rest = rng.choice(("今朝", "日曜日", "雨のあと")), rng.choice(("歩く", "書く", "休む"))
    return f"{time}、{subject}{deed}。ゆっくり{rest}一日。"


def _japanese_loud(rng: random.Random) -> str:
    subject = rng.choice(("港", "自転車", "スープ", "列車", "庭", "テント"))
    praise, invitation = rng.choice(("最高", "神", "すごい")), rng.choice(("行って", "見て"))
    return f"{subject}やばい！！ほんと{praise}すぎ〜✨ みんなも{invitation}ね♪"


MANNERS: dict[str, Callable[[random.Random], str]] = {
    "calm": _calm,
    "loud": _loud,
    "terse": _terse,
    "chatty": _chatty,
    "japanese": _japanese,
    "japanese_loud": _japanese_loud,
}


def posts_of(manner: str, n: int, *, seed: int = 0) -> list[str]:
    """Posts in one manner; another seed gives other posts in the same manner."""
    rng = random.Random(f"{manner} {seed}")
    return [MANNERS[manner](rng) for _ in range(n)]


def library(n: int = 30) -> dict[str, list[str]]:
    """Stored posts of every invented author."""
    return {manner: posts_of(manner, n) for manner in MANNERS}
