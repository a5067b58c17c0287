"""How text is compared and found: one folding for everything, and a substring search that takes any text as data."""

from __future__ import annotations

import re
import unicodedata

from sqlalchemy import ColumnElement, Table, and_, column, select, table

LONGEST_QUERY = 300  # characters; what stands behind is not looked at
TRIGRAM = 3  # shorter words are not in the index
PROFILE = (  # the address of somebody's page, which holds the handle
    r"(?:https?://)?(?:www\.|m\.)?(?:(?:instagram|tiktok|youtube|x|twitter|facebook)\.com|threads\.(?:net|com)|linkedin\.com/in)"
    r"/@?([\w.\-]{1,64})/?(?:[?#][^\s:：]*)?"
)
_PROFILE = re.compile(PROFILE, re.IGNORECASE)


def fold(text: str) -> str:
    """`text` for comparison: width, compatibility forms, composition and case do not count.

    Pieces of a text fold to pieces of the folded text, except where one is cut within a letter and its combining marks.
    """
    clean = text.replace("\0", " ").encode("utf-8", "replace").decode()  # SQLite ends a text at its first NUL
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", clean).casefold())


def name_key(name: str) -> str:
    return fold(name).strip()


def handle_key(handle: str) -> str:
    return name_key(handle_in(handle)).lstrip("@").strip()


def handle_in(typed: str) -> str:
    """The handle in the address of a profile; anything else as it is."""
    found = _PROFILE.fullmatch(typed.strip())
    return found[1] if found else typed


def containing(base: Table, key: str, words: str) -> ColumnElement[bool] | None:
    """The condition that `base.folded` contains every blank-separated word of `words`; None when there is none.

    `key` names the integer key of `base`, which its trigram index `<base>_search` shares. Words too short for that
    index are looked for in the base table: LIKE on the index itself misses them where they are not ASCII.
    """
    wanted = fold(words)[:LONGEST_QUERY].split()
    if not wanted:
        return None
    conditions = [base.c.folded.contains(word, autoescape=True) for word in wanted if len(word) < TRIGRAM]
    if indexed := [word for word in wanted if len(word) >= TRIGRAM]:
        phrases = " ".join(
            '"' + word.replace('"', '""') + '"' for word in indexed
        )  # quoted: no operator means anything
        index = table(f"{base.name}_search", column("rowid"), column("folded"))
        conditions.append(base.c[key].in_(select(index.c.rowid).where(index.c.folded.match(phrases))))
    return and_(*conditions)
