"""Every sentence exists in every language with the same values, and every key that code names exists."""

import re
import string
from collections.abc import Iterable
from pathlib import Path

import pytest

from bot.judging.disclosure.rulebook import Outcome as LabelOutcome
from bot.judging.llm.reply import Cause
from bot.model import CriterionKey, DecisionKind, Level, Message, Outcome
from bot.store.outbox import NoticeKind
from bot.texts import catalogue, languages, render, supported, text

ROOT = Path(__file__).parent.parent / "bot"
KEYS = catalogue("en").keys()


def fields(template: str) -> set[str]:
    return {name.split(".")[0].split("[")[0] for _, name, _, _ in string.Formatter().parse(template) if name}


@pytest.mark.parametrize("language", languages())
def test_every_language_says_everything_with_the_same_values(language: str) -> None:
    assert catalogue(language).keys() == KEYS
    for key, template in catalogue(language).items():
        assert fields(template) <= fields(catalogue("en")[key]), f"{key} in {language}"
        assert template.strip(), f"{key} in {language}"


def test_every_key_that_code_names_exists() -> None:
    sections = {key.split(".")[0] for key in KEYS}
    named = re.compile(rf'"((?:{"|".join(sorted(sections))})\.[a-z_0-9]+)"')
    for path in ROOT.rglob("*.py"):
        for key in named.findall(path.read_text("utf-8")):
            assert key in KEYS, f"{path.name} names {key}"


@pytest.mark.parametrize(
    ("section", "names"),
    [
        ("outcome", Outcome),
        ("criterion", CriterionKey),
        ("level", Level),
        ("history", DecisionKind),
        ("next", (Outcome.FITS, Outcome.DOES_NOT_FIT)),
        ("because", (CriterionKey.BELIEF_CONSISTENCY, CriterionKey.NOT_JUST_FOR_MONEY)),
        ("label_outcome", LabelOutcome),
        ("llm", Cause),
        ("notice", NoticeKind),
    ],
)
def test_keys_that_code_puts_together_exist(section: str, names: Iterable[str]) -> None:
    assert {f"{section}.{name}" for name in names} <= KEYS


def test_locales_fall_back_to_english() -> None:
    assert (supported("ja"), supported("en-GB"), supported("xx"), supported(None)) == ("ja", "en", "en", "en")


def test_messages_nest_and_survive_json() -> None:
    inner = Message("criterion.voice_match")
    stored = Message("because.low", {"criterion": {"key": inner.key, "values": {}}})
    assert render("ja", Message("because.low", {"criterion": inner})) == render("ja", stored)
    assert text("ja", "criterion.voice_match") in render("ja", stored)


def test_a_models_own_words_are_shown_as_they_are() -> None:
    assert render("ja", Message("literal", {"text": "{not} a template"})) == "{not} a template"
