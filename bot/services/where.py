"""Countries and a platform as people type them: by code or by name, in any width, with whatever stands between."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.errors import Problem
from bot.judging.disclosure.load import rulebook

LONGEST_SHOWN = 40  # characters of what was not understood
_BETWEEN = re.compile(r"[,;/|+&()\n、。・]+")
_CODE = re.compile(r"[A-Z]{2}")
_FILLERS = frozenset({"the", "and", "in", "on", "と", "で"})
_COUNTRIES = {  # what the rules do not call them
    name: code
    for code, names in {
        "US": "america, u.s., u.s.a., アメリカ合衆国, 米国",
        "UK": "great britain, britain, england, u.k., 英国",
        "EU": "europe, 欧州連合",
    }.items()
    for name in names.split(", ")
}
_PLATFORMS: Mapping[str, str] = {
    name: platform
    for platform, names in {
        "instagram": "instagram, insta, ig, インスタグラム, インスタ",
        "tiktok": "tiktok, tik tok, tt, ティックトック",
        "youtube": "youtube, you tube, yt, ユーチューブ",
        "x": "x, twitter, x twitter, エックス, ツイッター",
        "facebook": "facebook, fb, フェイスブック",
        "threads": "threads, スレッズ",
        "linkedin": "linkedin, linked in, リンクトイン",
        "other": "other, another, その他",
    }.items()
    for name in names.split(", ")
}


@dataclass(frozen=True, slots=True)
class Where:
    """`platform` "": none was named."""

    countries: tuple[str, ...] = ()  # codes, those of the rules where there are any
    platform: str = ""


def read_where(typed: str) -> Where:
    """Raises Problem that names what is neither a country nor a platform."""
    countries: dict[str, None] = {}
    platforms: list[str] = []
    for piece in separated(typed):
        for name in _names(piece.split()):
            if platform := _PLATFORMS.get(name.casefold()):
                platforms.append(platform)
            elif code := _country(name):
                countries[code] = None
            else:
                raise Problem("own_problem.where", typed=name[:LONGEST_SHOWN], platforms=list(_PLATFORM_NAMES))
    return Where(tuple(countries), platforms[0] if platforms else "")


def country_code(named: str) -> str:
    """The code of a country by its name; a code, and what is no country, as it is."""
    name = " ".join(unicodedata.normalize("NFKC", named).split())
    if _CODE.fullmatch(name.upper()):
        return name
    code = _country(name) or named
    return "GB" if code == "UK" else code  # the rules' own code


_PLATFORM_NAMES = tuple(dict.fromkeys(_PLATFORMS.values()))


def separated(typed: str) -> list[str]:
    """What stands between commas and the like, in ordinary width."""
    pieces = _BETWEEN.split(unicodedata.normalize("NFKC", typed))
    return [piece.strip() for piece in pieces if piece.strip()]


def _names(words: list[str]) -> Iterator[str]:
    """The words of one piece as names, the longest known ones first; a word that belongs to none by itself."""
    while words:
        if words[0].casefold() in _FILLERS:
            words = words[1:]
            continue
        ends = range(len(words), 0, -1)
        end = next((end for end in ends if _is_known(" ".join(words[:end]))), 1)
        yield " ".join(words[:end])
        words = words[end:]


def _is_known(name: str) -> bool:
    return name.casefold() in _PLATFORMS or _country(name) is not None


def _country(name: str) -> str | None:
    """Its code; any two letters are one, though there may be no rules for it."""
    if code := _COUNTRIES.get(name.casefold()):
        return code
    try:
        return rulebook().resolve([name])[0]
    except ValueError:
        return name.upper() if _CODE.fullmatch(name.upper()) else None
