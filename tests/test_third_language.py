"""A third language is one file: the bot, started from a folder with one more catalogue, speaks it everywhere."""

from __future__ import annotations

import asyncio
import json
import os
import string
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import sample
from bot.app import opened_store
from bot.config import Database, Settings
from bot.sandbox.people import Sandbox
from bot.services.library import load_workspace
from bot.texts import catalogue

ROOT = Path(__file__).parent.parent
LOCALE = "fi"  # one that Discord offers and the bot has no texts for
STRANGE = str.maketrans("aeiouyAEIOUY", "åëïøüÿÅËÏØÜŸ")
SHORTEST = 12  # characters of English that cannot stand in a text by chance
WITHIN = 20.0


def pieces(template: str) -> Iterator[tuple[str, str]]:
    """Words and the field behind them, as they stand in the template."""
    for words, name, form, conversion in string.Formatter().parse(template):
        end = (f"!{conversion}" if conversion else "") + (f":{form}" if form else "")
        yield words.replace("{", "{{").replace("}", "}}"), "" if name is None else f"{{{name}{end}}}"


def strange(template: str) -> str:
    """English with other vowels: as long, and told from it at a glance. What is typed stays: commands and examples."""
    words = ("".join(part.translate(STRANGE) + field for part, field in pieces(template))).split(" ")
    return " ".join(
        old if "/" in old or "*" in old else new for old, new in zip(template.split(" "), words, strict=True)
    )


CATALOGUE = {key: strange(template) for key, template in catalogue("en").items()}
ENGLISH = {
    words.strip()
    for key, template in catalogue("en").items()
    for words, _ in pieces(template)
    if len(words.strip()) >= SHORTEST and words in template and words not in CATALOGUE[key]
}


def written() -> str:
    lines: dict[str, list[str]] = {}
    for key, template in CATALOGUE.items():
        section, name = key.split(".")
        lines.setdefault(section, []).append(f"{name} = {json.dumps(template, ensure_ascii=False)}")
    return "\n\n".join("\n".join([f"[{section}]", *entries]) for section, entries in lines.items())


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A folder with the package as it is, and one file more."""
    (tmp_path / "bot" / "texts").mkdir(parents=True)
    for part in (ROOT / "bot").iterdir():
        if part.name != "texts":
            (tmp_path / "bot" / part.name).symlink_to(part)
    for part in (ROOT / "bot" / "texts").iterdir():
        (tmp_path / "bot" / "texts" / part.name).symlink_to(part)
    (tmp_path / "prompts").symlink_to(ROOT / "prompts")
    (tmp_path / "bot" / "texts" / f"{LOCALE}.toml").write_text(written(), "utf-8")
    return tmp_path


@pytest.fixture
async def running(sandbox: Sandbox, package: Path) -> AsyncIterator[None]:
    """The bot of that folder, with the sample brands and influencers."""
    [guild] = (await sandbox.ask("places_and_people"))["guilds"]
    database = package / "bot.sqlite3"
    async with opened_store(Settings(database=Database(path=database))) as store:
        recent = sample.recent_workspace(package / "workspace", datetime.now(UTC))
        await load_workspace(store, int(guild["id"]), recent)
    own = {"CAMPAIGN_BOT_DISCORD__API_URL": sandbox.url, "CAMPAIGN_BOT_DATABASE__PATH": str(database)}
    own |= {"DISCORD_TOKEN": "any", "PYTHONPATH": str(package)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run",
        cwd=package, env=os.environ | own, stderr=subprocess.PIPE,
    )  # fmt: skip
    await sandbox.connected(WITHIN)
    yield
    process.terminate()
    await process.communicate()


@pytest.mark.usefixtures("running")
async def test_commands_cards_and_errors_are_in_the_third_language(sandbox: Sandbox) -> None:
    mira, lena = sandbox.person("mira"), sandbox.person("lena")
    for name in ("mira", "lena"):
        await sandbox.ask("set_person", person=name, locale=LOCALE)
    commands = (await sandbox.ask("registered"))["global"]
    assert {
        one["name"]: one["description_localizations"][LOCALE] for one in commands if one["name"] in ("review", "help")
    } == {"review": CATALOGUE["command.review"], "help": CATALOGUE["command.help"]}
    panel = await (await lena.slash("setup")).finished()
    shown = [panel.text, (await (await lena.select(panel, "v1:setup:language", [LOCALE])).finished()).text]
    for command, options in (("help", {}), ("about", {}), ("history search", {}), ("history show", {"number": "V-99"})):
        shown.append((await (await mira.slash(command, options)).finished()).text)
    draft = sample.drafts()[0]
    opened = await mira.slash("review", {"influencer": draft.influencer, "campaign": draft.campaign})
    shown += [json.dumps(await opened.modal(), ensure_ascii=False)]
    card = await (await mira.submit(opened, {"text": draft.text})).finished(WITHIN)
    shown += [card.text, (await (await mira.click(card, CATALOGUE["button.evidence"])).finished()).text]
    assert CATALOGUE["outcome.does_not_fit"] in card.text
    assert CATALOGUE["card.next_step"].split("{")[0].strip() in card.text
    assert CATALOGUE["lookup_problem.no_verdict"].format(number="V-99") in "\n".join(shown)
    for text in shown:
        assert [words for words in ENGLISH if words in text] == []
