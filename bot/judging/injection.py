"""Marks of a text that speaks to its reviewer instead of to followers.

They flag, they do not protect: known patterns miss most of what an attacker invents. Protection lies in what code owns
(quotes, caps, outcome). A flag only ever takes a verdict away from `fits`, never towards it.
"""

from __future__ import annotations

import re
from functools import lru_cache

from bot.judging.disguise import undisguised, without_accents
from bot.model import Campaign, Influencer, Injection

# Written without accents, as texts are searched without them. Each line is one language or one turn of speech.
_FAMILIES = {
    "override": r"""
        \b(?:ignor(?:e|ing) | disregard | forget | override | bypass | supersede)\b .{0,40}
        \b(?:instructions? | directives? | prompts? | (?:previous | prior | your | the | these)\ rules? | rubric | guidelines | (?:the | everything | all)\ (?:above | before | in\ your\ context)
           | past\ posts | content\ policy | safety)\b
      | \b(?:ignore | disregard) \s+ (?:all \s+)? (?:the \s+)? (?:above | previous)\b
      | \b(?:instructions | directives | guidelines | rubric)\b .{0,30}
        \b(?:cancel+ed | updated | void | replaced? | disabled | no\ longer\ appl(?:y|ies))\b
      | \bnew \s+ instructions?\b .{0,20} (?:: | incoming | supersede | follow\b)
      | \b(?:ignor[ae] | olvida | omite | descarta | desconsidere)\b .{0,40}
        \b(?:instrucciones | instrucoes | istruzioni | reglas | regole | regras | publicaciones\ anteriores | lo\ anterior)
      | \b(?:ignore[zr]? | oublie[zr]? | neglige[zr]?)\b .{0,40} \b(?:instructions | consignes | regles | directives | ce\ qui\ precede)
      | \b(?:ignorier\w* | vergiss | vergessen\ sie | missachte\w*)\b .{0,40}
        \b(?:anweisung\w* | regeln | vorgaben | anleitung | alle\ fruheren | alles\ (?:vorherige | bisherige | davor))
      | (?:игнориру | проигнориру | забуд | не\ обраща)\w* .{0,40} (?:инструкц | указани | правил | предыдущ)
      | (?:忽略 | 无视 | 無視 | 忘记 | 忘記 | 不要理会) .{0,20} (?:指令 | 指示 | 规则 | 規則 | 提示 | 要求)
      | (?:指示 | 命令 | ルール | プロンプト | 基準) .{0,10} (?:無視 | 忘れ | 上書き)
    """,
    "addressed": r"""
        (?<!n't\ )(?<!n’t\ )(?<!not\ )\b(?:reviewers? | judge | grader | evaluator | language\ model | llm | ai\ (?:model | assistant | system))\b \s* [:,\-–—]? \s*
        (?:(?:you | it | this | that | of | please | reading | the | now | for)\s+){0,5}
        (?:must | should | please | note | rate | score | mark | approve | output | return | answer | reply | confirm)\b
      | \b(?:note | message | memo | reminder | attention | dear | instructions?) \s+ (?:(?:to | for | all) \s+){0,2} (?:the \s+)?
        (?:brand \s+)? (?:reviewers? | judge | grader | evaluator | ai | (?:language \s+)? model | llm | assistant)\b
      | \byou\ are\ (?:now | no\ longer)\b .{0,60} \b(?:assistant | model | mode | ai | judge | reviewer | unrestricted)\b
      | \b(?:as | like | you(?:\ are | 're) | act\ as | be | an?)\ (?:an? \s+ | the \s+)? (?:\w+ \s+)?
        (?:ai | assistant | chatbot | model | judge | reviewer)\b
        .{0,40} \b(?:without | no | never) .{0,20} \b(?:restrictions? | filters? | polic(?:y|ies) | guidelines | rules | limits | refuse\w*)
      | \b(?:nota | mensaje | aviso | atencion)\b .{0,12} \b(?:revisor | revisora | evaluador | evaluadora | juez)\b
      | \b(?:revisor | evaluador)a? \s* [:,] .{0,60} \b(?:califi\w+ | punt\w+ | aprueb\w+ | respond\w+ | marc\w+ | evalu\w+)
      | \b(?:note | message | avis | attention)\b .{0,12} \b(?:evaluateur | evaluatrice | relecteur | relectrice | juge | correcteur)\b
      | \b(?:evaluateur | relecteur | correcteur) \s* [:,] .{0,60} \b(?:not\w+ | attribu\w+ | valid\w+ | approuv\w+ | repond\w+)
      | \b(?:hinweis | nachricht | achtung)\b .{0,12} \b(?:prufer\w* | gutachter\w* | bewerter\w* | ki)\b
      | \b(?:prufer | gutachter | bewerter)(?:in)? \s* [:,] .{0,60} \b(?:bewert\w+ | vergib\w* | antwort\w+ | geb\w* | freigeb\w+)
      | (?:рецензент | проверяющ | оценщик | модератор)\w* \s* [:,] .{0,60} (?:постав | оцен | одобр | ответ | верн)
      | (?:审核员 | 审核人 | 审查员 | 评审员? | 评委 | 審核員) \s* [:,、].{0,40} (?:评 | 給 | 给 | 通过 | 批准 | 返回 | 输出)
      | (?:審査員 | 審査担当\w{0,3} | レビュアー | レビュー担当\w{0,3} | 判定者 | 評価者 | 評価AI | AI) (?:の方 | 様 | さん)? (?:へ | は | よ)? \s* [:、,] .{0,60}
        (?:評価 | 判定 | 合格 | 承認 | 採点 | 回答)
    """,
    "role": r"""
        (?:^|\n) \s* (?:\#{1,4}\s*)? (?:system | assistant | user | developer) \s* (?:message | prompt | override)? \s* [:>\]]
      | \[{1,2} \s* (?:system | instruction | admin | developer)\b [^\]\n]{0,30} \]
      | \b(?:new | updated | real | hidden | secret) \s+ (?:system \s+)? (?:instructions? | prompt | task)\b \s* [:=]
      | \b(?:system | initial) \s+ prompt\b
      | \b(?:developer | debug | admin | maintenance | unrestricted | jailbreak | dan | calibration | test) \s+ mode\b .{0,30}
        \b(?:on | enabled? | activ\w+ | entered | every | all | you)\b
      | \b(?:your | these | safety) \s+ (?:\w+ \s+)? (?:instructions | guidelines | filters | restrictions)\b
        .{0,40} \b(?:you | off | disabled | do\ not\ apply | not\ apply | no\ longer)\b
      | \b(?:without | no | any | all)\b .{0,12} \b(?:content | safety | ethical | moral)\ (?:\w+\ ){0,2}
        (?:restrictions? | filters? | polic(?:y|ies) | guidelines | considerations | data)\b
      | \bwithout\ (?:any\ )?(?:restrictions? | filters)\b .{0,5} (?:[.,:;] | $)
      | \bfrom\ now\ on,?\ you\ (?:will | must | are | only)\b .{0,60} \b(?:ai | user | reviewer | answer | rate | instructions? | restrictions?)\b
      | \binstructions\ you(?:\ were | \ have\ been | 've\ been)\ given\b | \b(?:in | from)\ your\ context\b
      | \b(?:role-?play | pretend | imagine | simulate | act | play)\b .{0,40} \b(?:reviewer | judge | ai | assistant | language\ model)\b
        .{0,60} \b(?:who | that | always | and | without)\b
    """,
    "grade": r"""
        \b(?:output | return | respond\ with | answer\ with | reply\ with | print)\b .{0,30}
        (?:\bL4\b | \bfits\b | \bjson\b | \bPASS\b | verdict | approved)
      | \b(?:rate | score | mark | grade | judge | label | classify)\b .{0,40}
        \b(?:L4 | fits | as\ authentic | approved | highest | maximum | pass)\b
      | \b(?:verdict | outcome | disclosure | injection_observed | shared_values | follower_first | voice_match | belief_consistency
           | not_just_for_money)\b "? \s* [:=]+ \s* [{"]? \s* (?:fits | pass | verified | approved | false | L4 | level)
      | \bL4\b .{0,30} \b(?:all | every | each | toutes? | todos | todas | alle[ns]? | jede[snmr]?)\b
      | \b(?:all | every | each | toutes? | todos | todas | alle[ns]? | jede[snmr]?)\b .{0,40} \bL4\b
      | (?:全 | すべて | 每 | 所有 | 最高 | все | всем | кажд) .{0,30} L4 | L4 .{0,10} (?:を | と | 级 | 級) .{0,12} (?:付 | 出 | 返 | 评 | 回答)
    """,
    "breakout": r"""
        < \s* /? \s* (?:system\w* | instructions? | output | rubric | draft | data | post | history | evidence | task\w*) \s* >
      | \[/?INST\] | <\|[a-z_]+\|> | \[END[ -](?:DATA | DRAFT)\] | \bdraft\ ends\ here\b
      | (?:^|\n) \s* (?:[0-9a-f]{8} \s* \|)? \s* (?:P\d{1,4} | draft | brief | brand | dossier) \s* \| 
    """,
    "encoded": r"""
        \b(?:decod\w+ | decrypt\w* | unscramble | base-?64 | rot-?13 | atob | fromhex | caesar)\b .{0,60}
        \b(?:and | then | ,) \s* (?:then \s+)? (?:follow | obey | execute | run | act | do | apply | treat)\b
      | \b(?:eval | exec) \s* \( | \batob\( | \bbytes\.fromhex\(
      | \b(?:base-?64 | rot-?13)\b
    """,
}
_PATTERNS = {
    family: re.compile(without_accents(pattern), re.VERBOSE | re.IGNORECASE | re.DOTALL)
    for family, pattern in _FAMILIES.items()
}
_MAX_QUOTE = 200

# A joiner inside an emoji and tag characters inside a flag are ordinary use; elsewhere such characters hide something.
_EMOJI = "\u2190-\u2bff\ufe0f\U0001f000-\U0001faff"
_REGIONS = "|".join("".join(chr(0xE0000 + ord(letter)) for letter in region) for region in ("gbeng", "gbsct", "gbwls"))
ORDINARY_INVISIBLE = re.compile(f"(?<=[{_EMOJI}])\u200d(?=[{_EMOJI}])|(?<=\U0001f3f4)(?:{_REGIONS})\U000e007f")
# Persian, Indic and Thai words are written with zero-width characters, Latin, Cyrillic, Chinese and Japanese ones are not.
_WORDS = "0-9A-Za-z\u00c0-\u052f\u3040-\u30ff\u3400-\u9fff"
_TAGS = re.compile("[\U000e0000-\U000e007f]+")
_HIDING = re.compile(
    "[\u202d\u202e\U000e0000-\U000e007f]|[\ufe00-\ufe0f\U000e0100-\U000e01ef]{4}"
    f"|(?<=[{_WORDS}])[\u200b-\u200d\u2060-\u2064](?=[{_WORDS}])|[\u200b-\u200d\u2060-\u2064\ufeff]{{4}}"
)
# These turn the order of what follows; beside right-to-left letters that is what they are for.
_TURNING = re.compile("[\u202b\u2067]")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")


def find_injection(raw: str, text: str) -> Injection:
    """What in a draft speaks to its reviewer: `raw` is searched for hidden characters, the cleaned `text` for words."""
    by, quote = [], ""
    if _hides(raw):
        by.append("hidden_characters")
        quote = _tagged(raw)
    for reading in (without_accents(text), *undisguised(text)):
        for family, pattern in _PATTERNS.items():
            if family not in by and (found := pattern.search(reading)):
                by.append(family)
                quote = quote or found[0].strip()
    return Injection(bool(by), tuple(by), quote[:_MAX_QUOTE])


def _hides(raw: str) -> bool:
    rest = ORDINARY_INVISIBLE.sub("", raw)
    return bool(_HIDING.search(rest) or (_TURNING.search(rest) and not _RIGHT_TO_LEFT.search(rest)))


def _tagged(raw: str) -> str:
    """What tag characters spell; to be shown to people, since nobody sees it in the draft."""
    tags = "".join(_TAGS.findall(ORDINARY_INVISIBLE.sub("", raw)))
    return "".join(letter for tag in tags if (letter := chr(ord(tag) - 0xE0000)).isprintable()).strip()
