"""What Discord does not take: each mistake is named, and the largest thing allowed passes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from bot.sandbox import limits
from bot.sandbox.errors import Problem, invalid

V2 = 1 << 15


def text(content: str) -> dict[str, Any]:
    return {"type": 10, "content": content}


def button(**fields: Any) -> dict[str, Any]:
    return {"type": 2, "style": 1, "label": "Go", "custom_id": "go"} | fields


def row(*components: dict[str, Any]) -> dict[str, Any]:
    return {"type": 1, "components": list(components)}


def select(**fields: Any) -> dict[str, Any]:
    return {"type": 3, "custom_id": "pick", "options": [{"label": "a", "value": "a"}]} | fields


def v2(*components: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"flags": V2, "components": list(components), **more}


def rows(count: int) -> list[dict[str, Any]]:
    return [row(button(custom_id=str(number))) for number in range(count)]


def options(count: int) -> list[dict[str, str]]:
    return [{"label": "a", "value": str(number)} for number in range(count)]


def codes(problems: Iterable[Problem]) -> set[str]:
    return {code for _, code, _ in problems}


GOOD: list[dict[str, Any]] = [
    {"content": "x" * 2000, "nonce": "n" * 25},
    {"embeds": [{"title": "t" * 256, "description": "d" * 4096, "fields": [{"name": "n" * 256, "value": "v" * 1024}]}]},
    {"content": "x", "components": rows(5)},
    {"content": "x", "components": [row(select(options=options(25)))]},
    v2(text("x" * 4000)),
    v2({"type": 17, "components": [text("x")] * 39}),
    v2({"type": 9, "components": [text("x")], "accessory": button(custom_id="c" * 100, label="l" * 80)}),
    {"content": "x", "components": [row(button(style=5, url="https://posts.example", custom_id=None))]},
]
BAD: list[tuple[dict[str, Any], str]] = [
    ({}, "EMPTY_MESSAGE"),
    ({"content": "", "components": [], "embeds": []}, "EMPTY_MESSAGE"),
    ({"content": "x" * 2001}, "BASE_TYPE_MAX_LENGTH"),
    ({"content": "x", "nonce": "n" * 26}, "BASE_TYPE_MAX_LENGTH"),
    ({"embeds": [{"title": "t" * 257}]}, "BASE_TYPE_MAX_LENGTH"),
    ({"embeds": [{"title": "t"}] * 11}, "BASE_TYPE_MAX_LENGTH"),
    ({"embeds": [{"fields": [{"name": "n", "value": "v"}] * 26}]}, "BASE_TYPE_MAX_LENGTH"),
    ({"embeds": [{"description": "d" * 3001}] * 2}, "MAX_EMBED_SIZE_EXCEEDED"),
    ({"content": "x", "components": rows(6)}, "BASE_TYPE_MAX_LENGTH"),
    ({"content": "x", "components": [row(*[button(custom_id=str(n)) for n in range(6)])]}, "BASE_TYPE_BAD_LENGTH"),
    ({"content": "x", "components": [row(button(), button())]}, "COMPONENT_CUSTOM_ID_DUPLICATED"),
    ({"content": "x", "components": [row(button(id=3), button(id=3, custom_id="b"))]}, "COMPONENT_DUPLICATE_ID"),
    ({"content": "x", "components": [row(button(custom_id="c" * 101))]}, "BASE_TYPE_BAD_LENGTH"),
    ({"content": "x", "components": [row(button(label="l" * 81))]}, "BASE_TYPE_MAX_LENGTH"),
    ({"content": "x", "components": [row(button(label=None))]}, "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED"),
    ({"content": "x", "components": [row(button(custom_id=None))]}, "BUTTON_COMPONENT_CUSTOM_ID_REQUIRED"),
    (
        {"content": "x", "components": [row(button(style=5, url="https://posts.example"))]},
        "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE",
    ),
    ({"content": "x", "components": [row(select(options=options(26)))]}, "BASE_TYPE_BAD_LENGTH"),
    ({"content": "x", "components": [row(select(options=options(1) * 2))]}, "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED"),
    ({"content": "x", "components": [row(select(), select(custom_id="b"))]}, "BASE_TYPE_BAD_LENGTH"),
    ({"content": "x", "components": [text("x")]}, "UNION_TYPE_CHOICES"),
    ({"content": "x", "components": [button()]}, "UNION_TYPE_CHOICES"),
    (v2(text("x"), content="x"), "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"),
    (v2(text("x"), embeds=[{"title": "t"}]), "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"),
    (v2(*[text("x" * 2001)] * 2), "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED"),
    (v2({"type": 17, "components": [text("x")] * 40}), "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED"),
    (v2({"type": 17, "components": [{"type": 17, "components": [text("x")]}]}), "UNION_TYPE_CHOICES"),
    (v2({"type": 9, "components": [text("x")]}), "BASE_TYPE_REQUIRED"),
    (v2(text("")), "BASE_TYPE_BAD_LENGTH"),
    (
        v2({"type": 13, "file": {"url": "attachment://missing.md"}}),
        "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND",
    ),
]


@pytest.mark.parametrize("body", GOOD)
def test_the_largest_messages_allowed(body: dict[str, Any]) -> None:
    assert list(limits.message(body)) == []


@pytest.mark.parametrize(("body", "code"), BAD)
def test_messages_that_are_refused(body: dict[str, Any], code: str) -> None:
    assert codes(limits.message(body)) == {code}


def test_edits_are_judged_on_top_of_what_stands_there() -> None:
    standing = {"content": "", "flags": V2, "components": [text("x")], "embeds": [], "attachments": []}
    assert list(limits.message({"components": [text("y")]}, (), standing)) == []
    assert "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2" in codes(
        limits.message({"content": "x"}, (), standing)
    )
    assert codes(limits.message({"components": []}, (), standing)) == {"EMPTY_MESSAGE"}
    file = v2({"type": 13, "file": {"url": "attachment://a.md"}})
    assert list(limits.message(file, ["a.md"])) == []
    assert list(limits.message(file, (), standing | {"attachments": [{"filename": "a.md"}]})) == []


def label(component: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"type": 18, "label": "Text", "component": component} | fields


def modal(*components: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"title": "T", "custom_id": "m", "components": list(components)} | fields


def field(name: str = "text", **more: Any) -> dict[str, Any]:
    return {"type": 4, "custom_id": name, "style": 1} | more


def test_the_largest_form_allowed() -> None:
    fields = [label(field(str(number), max_length=4000), label="l" * 45, description="d" * 100) for number in range(5)]
    assert list(limits.modal(modal(*fields, title="t" * 45, custom_id="c" * 100))) == []


@pytest.mark.parametrize(
    ("form", "code"),
    [
        (modal(*[label(field(str(number))) for number in range(6)]), "BASE_TYPE_BAD_LENGTH"),
        (modal(), "BASE_TYPE_BAD_LENGTH"),
        (modal(label(field()), title="t" * 46), "BASE_TYPE_BAD_LENGTH"),
        (modal(label(field()), custom_id="c" * 101), "BASE_TYPE_BAD_LENGTH"),
        (modal(label(field(), label="l" * 46)), "BASE_TYPE_BAD_LENGTH"),
        (modal(label(field(), description="d" * 101)), "BASE_TYPE_MAX_LENGTH"),
        (modal(label(field(max_length=4001))), "NUMBER_TYPE_MAX"),
        (modal(label(field(value="v" * 4001))), "BASE_TYPE_MAX_LENGTH"),
        (modal(label(field()), label(field())), "COMPONENT_CUSTOM_ID_DUPLICATED"),
        (modal(label(button())), "UNION_TYPE_CHOICES"),
        (modal(label({"type": 19, "custom_id": "f", "max_values": 11})), "NUMBER_TYPE_MAX"),
        (modal(label({"type": 21, "custom_id": "r", "options": options(1)})), "BASE_TYPE_BAD_LENGTH"),
    ],
)
def test_forms_that_are_refused(form: dict[str, Any], code: str) -> None:
    assert codes(limits.modal(form)) == {code}


def callback(body: dict[str, Any], kind: int = 2) -> set[str]:
    return codes(limits.callback(body, kind, uploads=(), standing=None))


def test_first_answers() -> None:
    assert callback({"type": 5, "data": {"flags": 64}}) == set()
    assert callback({"type": 5, "data": {"flags": V2}}) == {"INVALID_FLAGS"}
    assert callback({"type": 9, "data": modal(label(field()))}, 5) == {"BASE_TYPE_CHOICES"}
    assert callback({"type": 6}, 3) == {"BASE_TYPE_CHOICES"}
    assert callback({"type": 4, "data": {"content": "x"}}, 4) == {"BASE_TYPE_CHOICES"}
    choices = [{"name": "a", "value": str(number)} for number in range(26)]
    assert callback({"type": 8, "data": {"choices": choices[:25]}}, 4) == set()
    assert callback({"type": 8, "data": {"choices": choices}}, 4) == {"BASE_TYPE_MAX_LENGTH"}
    assert callback({"type": 8, "data": {"choices": [{"name": "n" * 101, "value": 1}]}}, 4) == {"BASE_TYPE_BAD_LENGTH"}


def slash(**fields: Any) -> dict[str, Any]:
    return {"name": "review", "description": "d", "type": 1} | fields


def option(name: str = "text", **fields: Any) -> dict[str, Any]:
    return {"name": name, "description": "d", "type": 3} | fields


@pytest.mark.parametrize(
    ("commands", "code"),
    [
        ([slash(name=f"c{number}") for number in range(101)], "APPLICATION_COMMANDS_MAX"),
        ([{"name": f"M {number}", "type": 3} for number in range(16)], "APPLICATION_COMMANDS_MAX"),
        ([slash(), slash()], "APPLICATION_COMMANDS_DUPLICATE_NAME"),
        ([slash(name="Review")], "APPLICATION_COMMAND_INVALID_NAME"),
        ([slash(name="a b")], "APPLICATION_COMMAND_INVALID_NAME"),
        ([slash(name="n" * 33)], "BASE_TYPE_BAD_LENGTH"),
        ([slash(description="")], "BASE_TYPE_BAD_LENGTH"),
        ([slash(description="d" * 101)], "BASE_TYPE_BAD_LENGTH"),
        ([slash(options=[option(str(number)) for number in range(26)])], "BASE_TYPE_MAX_LENGTH"),
        ([slash(options=[option("a"), option("b", required=True)])], "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID"),
        ([slash(options=[option(choices=[{"name": "c", "value": "v"}] * 26)])], "BASE_TYPE_MAX_LENGTH"),
        ([{"name": "Menu", "type": 3, "description": "d"}], "APPLICATION_COMMAND_INVALID_DESCRIPTION"),
        (
            [slash(options=[option(f"o{n}", choices=[{"name": "c" * 90, "value": "v" * 90}] * 25) for n in range(2)])],
            "APPLICATION_COMMAND_TOO_LARGE",
        ),
    ],
)
def test_commands_that_are_refused(commands: list[dict[str, Any]], code: str) -> None:
    assert codes(limits.commands(commands)) == {code}


def test_localised_names_count_by_the_longest() -> None:
    long = {"ja": "説" * 90, "de": "d" * 95}
    described = [option(f"o{number}", description_localizations=long) for number in range(25)]
    groups = [{"type": 1, "name": f"s{n}", "description": "d", "options": described} for n in range(4)]
    assert codes(limits.commands([slash(options=groups)])) == {"APPLICATION_COMMAND_TOO_LARGE"}
    assert list(limits.commands([slash(options=groups[:3]), {"name": "Menu", "type": 3}])) == []


def test_problems_become_discords_error_tree() -> None:
    error = invalid(list(limits.message({"embeds": [{"title": "t" * 257}]})))
    sentence = {"code": "BASE_TYPE_MAX_LENGTH", "message": "Must be 256 or fewer in length."}
    assert error.body["errors"] == {"embeds": {"0": {"title": {"_errors": [sentence]}}}}
    assert (error.status, error.body["code"]) == (400, 50035)
    assert invalid([("", "EMPTY_MESSAGE", "x")]).body == {"message": "Cannot send an empty message", "code": 50006}
