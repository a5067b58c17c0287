"""Whether a word stands in a refusal: who says that they said no to a betting app sells no betting."""

from __future__ import annotations

import re

_REACH = 60  # characters of its own sentence beside a word
_ENDS = re.compile(r"[.!?;\n。！？]")  # of a sentence
# "for", "with", "but" and the like turn to another thing: "I gave up coffee for this supplement" refuses none.
_UP_TO_THREE_WORDS = r"(?:(?!(?:but|for|with|until|than|then|sin|aber|mais|ma|pero)\b)[\w'-]+\s+){0,3}$"
_BEFORE = re.compile(
    r"(?:"
    r"\b(?:said|say|says|saying) no to|\b(?:turned|turn|turning) down"
    r"|\b(?:refused?|refusing|declined?|declining|rejected?)"
    r"|\bagainst|\b(?:no longer|never(?: ever| again)?) (?:drink|drank|gamble|gambled|promote|promoted|advertise|"
    r"advertised|recommend|recommended|touch|touched|sell|sold|bet on)"
    r"|\b(?:dije|digo|dijimos|decir) que no a|\b(?:dije|digo|decir) no al?|\brechac[eé]|\bcontra"
    r"|\bnein zu[rm]?|\bgegen|\bnie wieder|\bdit non (?:a|à|au|aux)|\bcontre|\bdetto (?:di )?no (?:a|al|alla)|\bcontro"
    r")\s+" + _UP_TO_THREE_WORDS
)
_RIGHT_BEFORE = re.compile(r"\b(?:never|nunca|jamais|mai|nie)\s+(?:(?:any|another|more)\s+)?$")
_AFTER = re.compile(r"[^、,]{0,12}?(?:断(?:っ|り|わ)|反対|お断り|拒否)")
_COMPARED = re.compile(r"\s+(?:like|as|this|that|so|without|until|before)\b")  # "never drink wine like this"


def is_refused(text: str, start: int, end: int) -> bool:
    """Whether the word at `start` to `end` of a folded text is refused by the sentence that it stands in."""
    before = _ENDS.split(text[max(0, start - _REACH) : start])[-1]
    after = _ENDS.split(text[end : end + _REACH])[0]
    if _COMPARED.match(after):
        return False
    return bool(_BEFORE.search(before) or _RIGHT_BEFORE.search(before) or _AFTER.match(after))
