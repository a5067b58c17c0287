"""The page in docs/ says what the rules say."""

from itertools import pairwise
from pathlib import Path

from bot.judging.disclosure.load import rulebook
from bot.judging.disclosure.page import page

DOCS = Path(__file__).parents[3] / "docs" / "disclosure.md"


def test_the_page_is_made_from_the_rules() -> None:
    assert DOCS.read_text("utf-8") == page(), "run: python -m bot.judging.disclosure.page > docs/disclosure.md"


def test_the_page_names_every_row_and_source() -> None:
    text = page()
    for place in rulebook().jurisdictions.values():
        for rule in place.labels:
            assert f"| {rule.id} |" in text
            assert rule.source.kind == "none" or rule.source.url in text
    for flag in rulebook().sensitive:
        assert flag.note["en"] in text


def test_every_row_of_a_table_has_as_many_cells_as_its_head() -> None:
    for before, line in pairwise(page().splitlines()):
        if before.startswith("|") and line.startswith("|"):
            assert line.replace("\\|", "").count("|") == before.replace("\\|", "").count("|"), line
