"""Messages as plain text for a terminal."""

from __future__ import annotations

from typing import Any

from bot.sandbox.text import RULE, as_text


def message(**fields: Any) -> dict[str, Any]:
    author = {"username": "campaign-bot", "global_name": None}
    empty = {"content": "", "flags": 0, "embeds": [], "components": [], "attachments": [], "mentions": []}
    return {"author": author, **empty} | fields


def test_content_reply_file_and_reaction() -> None:
    shown = message(
        content="Fits <@7>, read <t:0:R>",
        referenced_message=message(content="x" * 61),
        mentions=[{"id": "7", "username": "mira"}],
        attachments=[{"filename": "a.md", "size": 3}],
        reactions=[{"emoji": {"name": "👍"}, "count": 2}],
        edited_timestamp="2026-01-01",
    )
    assert as_text(shown).splitlines() == [
        "campaign-bot (edited):",
        f"  in reply to: {'x' * 59}…",
        "  Fits @mira, read 1970-01-01 00:00 UTC",
        "  [file: a.md, 3 bytes]",
        "  👍 2",
    ]


def test_private_and_thinking() -> None:
    assert as_text(message(flags=64 | 128)) == "campaign-bot (only you can see this):\n  … is thinking"


def test_embed() -> None:
    embed = {"title": "Verdict", "fields": [{"name": "Voice", "value": "L3"}], "footer": {"text": "V-1"}}
    assert as_text(message(embeds=[embed])).splitlines()[1:] == [
        "  ┌" + RULE,
        "  │ Verdict",
        "  │ Voice:",
        "  │ L3",
        "  │ V-1",
        "  └" + RULE,
    ]


def test_components_of_every_kind() -> None:
    link = {"type": 2, "style": 5, "label": "Post", "url": "https://posts.example"}
    off = {"type": 2, "style": 1, "emoji": {"name": "🔁"}, "label": "Again", "disabled": True}
    picture = {"media": {"url": "http://127.0.0.1/cdn/1/chart.png?ex=1"}}
    box = {
        "type": 17,
        "components": [
            {"type": 9, "components": [{"type": 10, "content": "one\ntwo"}], "accessory": link},
            {"type": 14},
            {"type": 12, "items": [picture | {"description": "Likeness"}, picture]},
            {"type": 13, "file": {"url": "http://127.0.0.1/cdn/1/why.md?ex=1"}},
            {"type": 1, "components": [off, off]},
            {
                "type": 1,
                "components": [{"type": 3, "placeholder": "Which", "options": [{"label": "a"}, {"label": "b"}]}],
            },
            {"type": 1, "components": [{"type": 5}]},
        ],
    }
    shown = as_text(message(flags=1 << 15, components=[box], attachments=[{"filename": "why.md", "size": 1}]))
    assert shown.splitlines()[2:-1] == [
        "  │ one",
        "  │ two",
        "  │ [ Post → https://posts.example ]",
        f"  │ {RULE}",
        "  │ [image: Likeness]",
        "  │ [image: chart.png]",
        "  │ [file: why.md]",
        "  │ [ 🔁 Again ] (off)  [ 🔁 Again ] (off)",
        "  │ [ Which ▾ a | b ]",
        "  │ [ choose ▾ people ]",
    ]
