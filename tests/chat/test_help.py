"""/help names every command there is and no other, by task; /about says what runs here and what it keeps."""

from __future__ import annotations

import re

import pytest
from discord import AppCommandType, app_commands

from bot import __version__
from bot.chat.help import TOPICS, judge_words
from bot.config import Llm
from bot.sandbox.people import Person
from bot.services.setup import change_settings
from bot.texts import catalogue, languages, text
from tests.chat.house import House

NAMED = re.compile(r"/([a-z]+(?: [a-z]+)*)")


def commands(house: House) -> set[str]:
    assert house.bot is not None
    return {one.qualified_name for one in house.bot.tree.walk_commands(type=AppCommandType.chat_input)}


@pytest.mark.parametrize("language", languages())
async def test_help_names_every_command_and_no_other(house: House, language: str) -> None:
    known = commands(house)
    words = [catalogue(language)[f"help.{topic}"] for topic in TOPICS]
    words += [text for key, text in catalogue(language).items() if key.startswith("about.")]
    named = set()
    for found in NAMED.findall("\n".join(words)):
        first, second = found.split(" ")[0], " ".join(found.split(" ")[:2])
        assert first in known, found
        named.add(first)
        if second in known:
            named.add(second)
    assert {name.split(" ")[0] for name in known} - {"help"} <= named


@pytest.mark.parametrize("language", languages())
async def test_every_command_is_named_where_somebody_looks(house: House, language: str) -> None:
    """In full, or by its last word beside its group in the same topic."""
    topics = [catalogue(language)[f"help.{topic}"] for topic in TOPICS]
    topics += ["\n".join(words for key, words in catalogue(language).items() if key.startswith("about."))]
    assert house.bot is not None
    walked = house.bot.tree.walk_commands(type=AppCommandType.chat_input)
    names = {one.qualified_name for one in walked if not isinstance(one, app_commands.Group)} - {"help"}

    def is_named(name: str) -> bool:
        group, _, last = name.rpartition(" ")
        return any(
            f"/{name}" in topic or (group and f"/{group}" in topic and f"**{last}**" in topic) for topic in topics
        )

    assert not {name for name in names if not is_named(name)}


async def test_a_topic_is_chosen_and_another_one_after_a_restart(house: House, mira: Person) -> None:
    asked = await mira.slash("help")
    first = await asked.finished()
    assert await asked.ephemeral()
    assert "right-click" not in first.text.lower()
    chosen = await (await mira.select(first, "v1:help", ["Have a draft reviewed"])).finished()
    assert "Right-click the message" in chosen.text
    assert "@campaign-bot @handle campaign:" in chosen.text
    await house.restart_bot()
    again = await (await mira.select(chosen, "v1:help", ["Check a draft in private"])).finished()
    assert "no team can see that you checked" in again.text
    assert "Right-click the message" not in again.text


async def test_every_topic_opens_in_the_language_of_who_asks(house: House, mira: Person) -> None:
    await house.sandbox.ask("set_person", person="mira", locale="ja")
    shown = await (await mira.slash("help")).finished()
    assert text("ja", "help.team") in shown.text
    for topic in TOPICS:
        shown = await (await mira.select(shown, "v1:help", [text("ja", f"help_topic.{topic}")])).finished()
        assert f"### {text('ja', f'help_topic.{topic}')}" in shown.text
        assert "{" not in shown.text


async def test_about_says_what_runs_here_and_what_is_kept(house: House, mira: Person) -> None:
    shown = (await (await mira.slash("about")).finished()).text
    for piece in (__version__, "No text leaves the machine", "one database", "kept until somebody", "not legal advice"):
        assert piece in shown
    await change_settings(house.store, house.guild_id, retention_days=90)
    assert "removed after 90 days" in (await (await mira.slash("about")).finished()).text


async def test_both_answer_in_direct_messages(house: House, mira: Person) -> None:
    for name in ("help", "about"):
        assert (await (await mira.slash(name, channel="dm")).finished()).text
    assert house.bot is not None
    for name in ("help", "about"):
        command = house.bot.tree.get_command(name)
        assert isinstance(command, app_commands.Command)
        assert command.allowed_installs is not None
        assert command.allowed_installs.user


@pytest.mark.parametrize(
    ("llm", "words"),
    [
        (Llm(), "No text leaves the machine"),
        (Llm(model="reader-1", base_url="http://127.0.0.1:11434/v1/"), "on the machine this bot runs on"),
        (Llm(model="reader-1", base_url="http://localhost:11434/v1/"), "on the machine this bot runs on"),
        (Llm(model="reader-1", base_url="https://llm.example/v1/"), "are sent there"),
        (Llm(model="reader-1"), "are sent there"),
    ],
)
def test_about_says_whether_texts_leave_the_machine(llm: Llm, words: str) -> None:
    assert words in judge_words(llm, "en")
