"""A stage for the walk: the real bot on a loopback Discord, people who use it, and what each of them does and sees."""

from __future__ import annotations

import re
from asyncio import Event
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot import sample
from bot.app import opened_store, running_bot
from bot.config import Database, Discord, Log, Settings
from bot.log import start_log
from bot.sandbox.errors import RefusedError
from bot.sandbox.people import File, Interaction, Message, Person, Sandbox
from bot.services.library import load_workspace

BOT = 1000  # its user id in the sandbox
WITHIN = 90.0  # seconds for one verdict: a busy machine takes its time
WAITING = "⏳"  # stands in what is not the answer yet
WREN, TOBI = "lane9_wren", "tobi_keeps"
EQUAL, BRIGHT = "Room in Every Lane", "Bright Week"


def draft(title: str) -> str:
    """The text of a sample draft."""
    return next(one.text.strip() for one in sample.drafts() if one.title == title)


FITTING, FOR_MONEY = draft("The brand that rang"), draft("Tooth whitening out of nowhere")


class Stage:
    """Made by `Stage.opened`; `transcript` grows while people act."""

    def __init__(self, sandbox: Sandbox, settings: Settings, guild_id: int) -> None:
        self.sandbox, self.settings, self.guild_id = sandbox, settings, guild_id
        self.transcript: list[str] = []
        self._shown: dict[str, list[str]] = {}  # the lines of each message as last shown, by its id
        self.lena, self.mira, self.tobi, self.otto = (Actor(self, name) for name in ("lena", "mira", "tobi", "otto"))

    @classmethod
    @asynccontextmanager
    async def opened(cls, sandbox: Sandbox, folder: Path, *, furnished: bool = True) -> AsyncIterator[Stage]:
        """`furnished`: with the sample brands, campaigns and influencers; else as the bot is when it joins a server."""
        database = Database(path=folder / "walk.sqlite3")
        settings = Settings(database=database, discord=Discord(api_url=sandbox.url), log=Log(level="ERROR"))
        start_log(settings.log)
        await sandbox.ask("hold_clock")  # however busy this machine is, no interaction grows too old
        [guild] = (await sandbox.ask("places_and_people"))["guilds"]
        if furnished:
            async with opened_store(settings) as store:
                recent = sample.recent_workspace(folder / "workspace", datetime.now(UTC))
                await load_workspace(store, int(guild["id"]), recent)
        stop = Event()
        async with running_bot(settings, "walk", stop) as client:
            await sandbox.connected(WITHIN)
            yield cls(sandbox, settings, int(guild["id"]))
            stop.set()
            await client

    def tell(self, words: str) -> None:
        """A line of the narrator."""
        self.transcript += ["", words]

    def note(self, who: str, what: str) -> None:
        self.transcript += ["", f"  {who:>5} ▸ {what}"]

    def show(self, who: str, text: str) -> None:
        self.transcript += [f"  {who:>5} │ {line}".rstrip() for line in text.splitlines()]

    def show_message(self, who: str, message: Message) -> None:
        """A message as it stands; of one that was shown before, the lines that are new."""
        lines = message.text.splitlines()[1:]
        before = self._shown.get(message.id)
        self._shown[message.id] = lines
        kind = "only they see it" if message.ephemeral else "everybody sees it"
        if before is not None and lines[1:2] == before[1:2]:
            lines, kind = [line for line in lines if line not in before], f"{kind}, now with"
            kind = kind if lines else "as before"
        shown = "\n".join([f"campaign-bot, {kind}:", *lines])
        self.show(who, re.sub(r"<#\d+>", "#drafts", shown))

    async def somebody_new(self, name: str, *, server: str | None = None) -> Actor:
        """A further person, in this server or another one that has the bot as well."""
        if server is not None:
            await self.sandbox.ask("add_guild", name=server)
            await self.sandbox.ask("add_channel", name="drafts", guild=server)
        await self.sandbox.ask("add_person", name=name, guild=server)
        return Actor(self, name, server)


@dataclass(frozen=True)
class Actor:
    """One of the people; whatever they do and see goes into the transcript."""

    stage: Stage
    name: str
    server: str | None = None
    person: Person = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "person", self.stage.sandbox.person(self.name))

    async def opens(self, command: str, channel: str = "drafts", **options: Any) -> Interaction:
        """Types a slash command, whatever it answers."""
        named = "".join(f" {key}:{_short(value)}" for key, value in options.items())
        self.stage.note(self.name, f"/{command}{named}" + ("   (direct message)" if channel == "dm" else ""))
        return await self.person.slash(command, options, channel, self.server)

    async def asks(self, command: str, channel: str = "drafts", **options: Any) -> Message:
        """Types a slash command and reads the answer."""
        return await self.reads(await self.opens(command, channel, **options))

    async def chooses_app(self, entry: str, message: Message) -> Interaction:
        self.stage.note(self.name, f"right-clicks the message > Apps > {entry}")
        return await self.person.menu(entry, message)

    async def presses(self, message: Message, label: str) -> Interaction:
        self.stage.note(self.name, f"presses [ {label} ]")
        return await self.person.click(message, label)

    async def picks(self, message: Message, menu: str, *values: str) -> Message:
        """Chooses from a list and reads what comes of it."""
        self.stage.note(self.name, f"chooses {', '.join(values)}")
        return await self.reads(await self.person.select(message, menu, list(values)))

    async def sends(self, form: Interaction, **values: Any) -> Message:
        """Fills in a form and reads the answer."""
        modal = await form.modal()
        lines = [f"“{modal['title']}”", *_fields(modal, values)]
        self.stage.show(self.name, "\n".join(["form:", *(f"  {line}" for line in lines)]))
        return await self.reads(await self.person.submit(form, values))

    async def reads(self, interaction: Interaction, saying: str = "") -> Message:
        """The finished answer, which goes into the transcript; `saying`: words by which an edited one is known."""

        async def final() -> Message | None:
            message = await interaction.finished(WITHIN)
            return message if saying in message.text and WAITING not in message.text else None

        message: Message = await self.stage.sandbox.until(final, WITHIN)
        self.stage.show_message(self.name, message)
        return message

    async def says(self, words: str, *files: File, reply_to: Message | None = None) -> Message:
        self.stage.note(
            self.name, "writes" + (" in reply" if reply_to else "") + "".join(f" 📎 {f.name}" for f in files)
        )
        self.stage.show(self.name, words.replace(f"<@{BOT}>", "@campaign-bot"))
        return await self.person.say("drafts", words, attachments=list(files), reply_to=reply_to, guild=self.server)

    async def edits(self, message: Message, words: str) -> None:
        self.stage.note(self.name, "edits the message")
        self.stage.show(self.name, words.replace(f"<@{BOT}>", "@campaign-bot"))
        await self.person.edit(message, words)

    async def finds(self, *words: str, show: bool = True) -> Message:
        """The message in the channel that says all of these words, once there is one."""

        async def found() -> Message | None:
            seen = await self.person.sees("drafts", self.server)
            return next((one for one in seen if all(word in plain(one) for word in words)), None)

        message: Message = await self.stage.sandbox.until(found, WITHIN)
        if show:
            self.stage.note(self.name, "looks into #drafts")
            self.stage.show_message(self.name, message)
        return message

    async def sees_nothing_of(self, *words: str) -> None:
        """None of these words stands in anything this person can see in the channel."""
        seen = "\n".join([plain(one) for one in await self.person.sees("drafts", self.server)])
        assert not [word for word in words if word in seen]
        self.stage.note(self.name, "looks into #drafts, and sees nothing of it")

    async def cannot(self, command: str, **options: Any) -> None:
        """Discord does not even offer this person the command."""
        self.stage.note(self.name, f"/{command}")
        with pytest.raises(RefusedError, match="hidden from this person"):
            await self.person.slash(command, options)
        self.stage.show(self.name, "(Discord does not offer this command to somebody without the right.)")

    async def speaks(self, locale: str) -> None:
        """Sets their Discord to another language."""
        self.stage.note(self.name, f"has Discord in the language {locale}")
        await self.stage.sandbox.ask("set_person", person=self.name, locale=locale)

    async def file_of(self, message: Message) -> bytes:
        """The bytes of the file that came with a message."""
        return await self.stage.sandbox.file(message.data["attachments"][0])


def plain(message: Message) -> str:
    """What a message says, without marks of formatting."""
    return re.sub(r"\\(?=[^\w\s]|_)|[*]", "", message.text)


def _fields(modal: dict[str, Any], values: dict[str, Any]) -> Iterator[str]:
    for label in modal["components"]:
        part = label["component"]
        given = values.get(part["custom_id"], part.get("value"))
        if given:
            yield f"{label['label']}: {_short(given)}"


def _short(value: Any) -> str:
    if isinstance(value, File):
        return f"📎 {value.name}"
    words = ", ".join(value) if isinstance(value, list) else " ".join(str(value).split())
    return words if len(words) <= 90 else f"{words[:88]} …"
