"""The floors of the house: an import never goes up, and heavy libraries stay where they belong."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "bot"
FLOORS = {
    **dict.fromkeys(("__init__", "__version__", "model", "texts", "errors", "config", "log", "sample"), 0),
    **dict.fromkeys(("judging", "past_content", "store"), 1),
    **dict.fromkeys(("services", "jobs"), 2),
    **dict.fromkeys(("chat", "sandbox", "evaluation"), 3),
    **dict.fromkeys(("app", "demo", "doctor", "terminal", "cli", "__main__"), 4),
}
ONLY_IN = {
    "discord": ("chat", "sandbox"),
    "openai": ("judging/llm/judge.py",),
    "sqlalchemy": ("store", "jobs", "services"),
    "typer": ("cli.py",),
    "matplotlib": ("evaluation/plot.py", "chat/history/charts.py"),
}
FILES = sorted(ROOT.rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def part(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_imports_never_go_up(path: Path) -> None:
    for name in imported(path):
        if name.startswith("bot."):
            above = name.split(".")[1]
            assert FLOORS[above] <= FLOORS[part(path)], f"{path.name} imports {name}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_judging_knows_no_store_and_libraries_keep_to_their_rooms(path: Path) -> None:
    where = path.relative_to(ROOT).as_posix()
    for name in imported(path):
        top = name.split(".")[0]
        if top in ONLY_IN:
            assert where.startswith(ONLY_IN[top]), f"{where} imports {name}"
        if part(path) == "services" and top == "sqlalchemy":  # a transaction is handed on, no query is made
            assert name == "sqlalchemy.ext.asyncio.AsyncConnection", f"{where} imports {name}"
        if part(path) == "judging":
            assert not name.startswith("bot.store"), f"{where} imports {name}"
