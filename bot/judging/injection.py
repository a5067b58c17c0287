"""Marks of a draft that speaks to its reviewer instead of to followers.

They flag, they do not protect: known patterns miss most of what an attacker invents. Protection lies in what code owns
(quotes, caps, outcome). A flag only ever takes a verdict away from `fits`, never towards it.
"""

from __future__ import annotations

import re
import unicodedata

from bot.model import Injection

_FAMILIES = {
    "override": r"""
        \b(?:ignore|disregard|forget|override|bypass)\b .{0,40}
        \b(?:instructions? | prompts? | rules? | rubric | guidelines | above | previous)
      | \bignor[ae]\b .{0,30} \b(?:instrucciones | reglas | istruzioni | regole)
      | \bignorez?\b .{0,30} \b(?:instructions | consignes | règles)
      | \bignorier\w*\b .{0,30} \b(?:anweisung\w* | regeln)
      | (?:指示 | 命令 | ルール | プロンプト) を? .{0,10} (?:無視 | 忘れ | 上書き)
    """,
    "addressed": r"""
        \b(?:reviewer | judge | grader | evaluator | language\ model | llm)\b \s* [:,-]? .{0,30}
        \b(?:must | should | please | note | rate | score | mark | approve | output | return | answer)\b
      | (?:審査員 | レビュアー | 判定者) (?:へ | は | よ)? \s* [:、] .{0,40} (?:評価 | 判定 | 合格 | 承認)
      | \byou\ are\ (?:now | no\ longer)\b .{0,60} \b(?:assistant | model | mode | ai | judge | reviewer)\b
    """,
    "role": r"""
        (?:^|\n) \s* (?:\#{1,4}\s*)? (?:system | assistant | user | developer) \s* (?:message | prompt)? \s* [:>\]]
      | \b(?:new | updated | real | hidden | secret) \s+ (?:system \s+)? (?:instructions? | prompt | task)\b \s* [:=]
    """,
    "grade": r"""
        \b(?:output | return | respond\ with | answer\ with | reply\ with | print)\b .{0,30}
        (?:\bL4\b | \bfits\b | \bjson\b | \bPASS\b | verdict | approved)
      | \b(?:rate | score | mark | grade | judge | label | classify)\b .{0,30}
        \b(?:L4 | fits | authentic | approved | 10\s*/\s*10 | highest | maximum | pass)\b
      | \b(?:verdict | outcome | disclosure | injection_observed)\b \s* [:=] \s* "?
        (?:fits | pass | verified | approved | false | L4)
    """,
    "breakout": r"""
        < \s* /? \s* (?:system | instructions? | output | rubric | draft | data | post) \s* >
      | \[/?INST\] | <\|[a-z_]+\|> | \[END[ -]DATA\]
      | (?:^|\n) \s* P\d{1,4} \s* \|
    """,
}
_PATTERNS = {
    family: re.compile(pattern, re.VERBOSE | re.IGNORECASE | re.DOTALL) for family, pattern in _FAMILIES.items()
}

# A joiner inside an emoji and tag characters inside a flag are ordinary use; elsewhere such characters hide something.
_EMOJI = "\u2190-\u2bff\ufe0f\U0001f000-\U0001faff"
_REGIONS = "|".join("".join(chr(0xE0000 + ord(letter)) for letter in region) for region in ("gbeng", "gbsct", "gbwls"))
ORDINARY_INVISIBLE = re.compile(f"(?<=[{_EMOJI}])\u200d(?=[{_EMOJI}])|(?<=\U0001f3f4)(?:{_REGIONS})\U000e007f")
_HIDING = re.compile(
    "[\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]|(?<=\\w)[\u200b\u200c\u200d\u2060-\u2064](?=\\w)"
)


def find_injection(raw: str, text: str) -> Injection:
    """What in a draft speaks to its reviewer: `raw` is searched for hidden characters, the cleaned `text` for words."""
    by, quote = [], ""
    if _HIDING.search(ORDINARY_INVISIBLE.sub("", raw)):
        by.append("hidden_characters")
    folded = unicodedata.normalize("NFKC", text)
    for family, pattern in _PATTERNS.items():
        if found := pattern.search(folded):
            by.append(family)
            quote = quote or found[0].strip()[:200]
    return Injection(bool(by), tuple(by), quote)
