"""Puts right what exports do to texts, before anybody quotes them."""

from __future__ import annotations


def repair(text: str) -> str:
    """`text` without mojibake, lone surrogates and outer blanks, line ends as \\n. Clean text stays as it is."""
    text = unmojibake(text).replace("\r\n", "\n").replace("\r", "\n").strip()
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def unmojibake(text: str) -> str:
    """Undoes UTF-8 bytes written one by one as \\u00XX, as the exports of Instagram, Facebook and Threads have them."""
    if text.isascii():
        return text
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text
