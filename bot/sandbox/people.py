"""Playing the people of the sandbox from a test or the demo: start it, say, type, click, and look at what they see."""

from __future__ import annotations

import asyncio
import inspect
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from bot.sandbox.errors import Json, RefusedError
from bot.sandbox.values import File, Message, plain

__all__ = ["File", "Interaction", "Message", "Person", "Sandbox"]
STARTING = 60.0  # seconds the process may take to listen
PATIENCE = 30.0  # seconds until what is waited for counts as not coming: a busy machine takes its time
LOOK_AGAIN = 0.05  # seconds: `until` also watches things the sandbox hears nothing of, such as the bot's own state


class Sandbox:
    """A running sandbox process. Make one with `Sandbox.started()`."""

    def __init__(self, session: aiohttp.ClientSession, state: Path | None) -> None:
        self._session, self._state = session, state and state.resolve()
        self._process: asyncio.subprocess.Process | None = None
        self._port = 0
        self.url = ""
        self.gateway_url = ""

    @classmethod
    @asynccontextmanager
    async def started(cls, *, state: Path | None = None, **settings: Any) -> AsyncIterator[Sandbox]:
        """Start the process, apply `settings` (see `configure`), and end it afterwards."""
        async with aiohttp.ClientSession() as session:
            sandbox = cls(session, state)
            await sandbox.start()
            try:
                if settings:
                    await sandbox.configure(**settings)
                yield sandbox
            finally:
                await sandbox.kill()

    @classmethod
    @asynccontextmanager
    async def attached(cls, url: str, **settings: Any) -> AsyncIterator[Sandbox]:
        """Play in a sandbox that runs already, after clearing it: many short tests share one process this way."""
        async with aiohttp.ClientSession() as session:
            sandbox = cls(session, None)
            sandbox.url, sandbox.gateway_url = url, url.replace("http", "ws", 1) + "/gateway"
            await sandbox.ask("reset")
            if settings:
                await sandbox.configure(**settings)
            yield sandbox

    async def start(self) -> None:
        """Start the process again after `kill`, on the port it had."""
        command = [sys.executable, "-m", "bot.sandbox", "--follow", "--port", str(self._port)]
        command += ["--state", str(self._state)] if self._state else []
        pipe = asyncio.subprocess.PIPE
        # the pipe into it ends the sandbox when this process dies, however it dies
        root = Path(__file__).parents[2]
        self._process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, cwd=root)
        assert self._process.stdout is not None  # asked for above
        line = await asyncio.wait_for(self._process.stdout.readline(), STARTING)
        if not line:
            raise RuntimeError("The sandbox did not start; its own message is on standard error.")
        ready = json.loads(line)
        self.url, self.gateway_url = ready["url"], ready["gateway"]
        self._port = int(self.url.rsplit(":", 1)[1])

    async def kill(self) -> None:
        """End the process with SIGKILL, as a crash would."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def ask(self, verb: str, **arguments: Any) -> Any:
        """One verb of the admin API. Raises RefusedError with the sandbox's sentence."""
        async with self._session.post(f"{self.url}/admin/{verb}", json=plain(arguments)) as response:
            if response.status == 500:
                raise RuntimeError(f"The sandbox failed at {verb!r}; its standard error says why.")
            body = await response.json()
        if response.status != 200:
            raise RefusedError(body["error"])
        return body["result"]

    def person(self, name: str) -> Person:
        """Somebody to play: lena (lead), mira (marketer), tobi (influencer), otto (outsider), or one added."""
        return Person(self, name)

    async def until(self, condition: Callable[[], Any], within: float = PATIENCE) -> Any:
        """The first truthy value of `condition` (plain or async), looked at whenever something happened.

        Raises TimeoutError.
        """
        version = -1
        async with asyncio.timeout(within):
            while True:
                found = condition()
                value = await found if inspect.isawaitable(found) else found
                if value:
                    return value
                version = await self.ask("changes", after=version, timeout=LOOK_AGAIN)

    async def record(self, path: str = "", method: str = "", after: int = 0) -> list[Json]:
        """The bot's REST calls, oldest first: number, at, method, path, query, body, files, status, answer, fault."""
        found: list[Json] = await self.ask("record", path=path, method=method, after=after)
        return found

    async def seen_by(self, person: Person | str, channel: str = "drafts", guild: str | None = None) -> list[Message]:
        """The messages of a channel (`dm`: of the direct channel) as this person sees them now, oldest first."""
        name = person.name if isinstance(person, Person) else person
        found = await self.ask("seen", person=name, channel=channel, guild=guild)
        return [Message(data) for data in found]

    async def every_message(self) -> list[Json]:
        """All messages ever posted: `payload`, `deleted`, `visible_to`, `interaction`."""
        found: list[Json] = await self.ask("every_message")
        return found

    async def file(self, attachment: Json) -> bytes:
        """The bytes of an attachment of a message."""
        async with self._session.get(attachment["url"]) as response:
            response.raise_for_status()
            return await response.read()

    async def fault(self, kind: str, path: str = "", **more: Any) -> None:
        """Plan a failure of the bot's next calls whose path holds `path`: see `bot.sandbox.faults.Fault`."""
        await self.ask("fault", kind=kind, path=path, **more)

    async def advance(self, seconds: float) -> None:
        """Put the sandbox's clock forward: tokens, nonces and file addresses age."""
        await self.ask("advance", seconds=seconds)

    async def configure(self, **settings: Any) -> Json:
        """Change settings, named in `bot.sandbox.state.SETTINGS`; returns them all."""
        found: Json = await self.ask("configure", **settings)
        return found

    async def gateway(self) -> Json:
        """{"counts": frames received and events sent by name, "sessions": [...]}"""
        found: Json = await self.ask("gateway")
        return found

    async def connected(self, within: float = PATIENCE) -> None:
        """Wait until the bot has a live gateway session."""

        async def live() -> bool:
            return any(session["connected"] for session in (await self.gateway())["sessions"])

        await self.until(live, within)


@dataclass(frozen=True)
class Person:
    """One of the people, doing what Discord's app lets them do; what it does not raises RefusedError."""

    sandbox: Sandbox
    name: str

    async def say(
        self,
        channel: str,
        text: str = "",
        *,
        attachments: list[File | Path] | None = None,
        reply_to: Message | None = None,
        ping: bool = True,
        guild: str | None = None,
    ) -> Message:
        """Post a message; `channel` is a name, an id or `dm`."""
        more = {"files": attachments or [], "reply_to": reply_to and reply_to.id, "ping": ping, "guild": guild}
        return Message(await self._ask("say", text=text, channel=channel, **more))

    async def edit(self, message: Message, text: str) -> Message:
        return Message(await self._ask("edit", message=message.id, text=text))

    async def delete(self, message: Message) -> None:
        await self._ask("delete", message=message.id)

    async def react(self, message: Message, emoji: str, *, remove: bool = False) -> None:
        await self._ask("react", message=message.id, emoji=emoji, remove=remove)

    async def slash(
        self,
        command: str,
        options: Json | None = None,
        channel: str = "drafts",
        guild: str | None = None,
        installed: str | None = None,
    ) -> Interaction:
        """Run a slash command, such as `campaign review`, with its options by name.

        `installed`: "user" where only the person has the app, and the server does not.
        """
        more = {"channel": channel, "guild": guild, "installed": installed}
        return await self._interact("slash", command=command, options=options or {}, **more)

    async def autocomplete(
        self, command: str, option: str, typed: str = "", options: Json | None = None, channel: str = "drafts"
    ) -> list[Json]:
        """The choices offered for what was typed so far: [{"name", "value"}]."""
        more = {"option": option, "typed": typed, "options": options or {}, "channel": channel}
        interaction = await self._interact("autocomplete", command=command, **more)
        choices: list[Json] = (await interaction.answer())["data"]["choices"]
        return choices

    async def menu(self, name: str, target: Message | Person | str, channel: str = "drafts") -> Interaction:
        """Choose an entry of the Apps menu of a message or a person."""
        if isinstance(target, Message):
            return await self._interact("menu", name=name, message=target.id)
        user = target.name if isinstance(target, Person) else target
        return await self._interact("menu", name=name, user=user, channel=channel)

    async def click(self, message: Message, what: str) -> Interaction:
        """Press a button by its label or custom id."""
        return await self._interact("click", message=message.id, what=what)

    async def select(self, message: Message, what: str, values: list[str]) -> Interaction:
        """Choose from a menu (by placeholder or custom id): options by label or value, people and the like by name."""
        return await self._interact("select", message=message.id, what=what, values=values)

    async def submit(self, opened: Interaction, values: Json | None = None) -> Interaction:
        """Send off the form `opened` was answered with: fields by label or custom id, files as `File` or path."""
        await opened.modal()
        return await self._interact("submit", token=opened.token, values=values or {})

    async def sees(self, channel: str = "drafts", guild: str | None = None) -> list[Message]:
        return await self.sandbox.seen_by(self, channel, guild)

    async def _interact(self, verb: str, **arguments: Any) -> Interaction:
        state = await self._ask(verb, **arguments)
        return Interaction(self.sandbox, state["token"])

    async def _ask(self, verb: str, **arguments: Any) -> Any:
        return await self.sandbox.ask(verb, person=self.name, **arguments)


@dataclass(frozen=True)
class Interaction:
    """What came of something a person did; every look waits as long as it must, `within` seconds at most."""

    sandbox: Sandbox
    token: str

    async def state(self) -> Json:
        """The interaction now: answer, modal, ephemeral, waiting, message, followup_messages."""
        found: Json = await self.sandbox.ask("interaction", token=self.token)
        return found

    async def answer(self, within: float = PATIENCE) -> Json:
        """The bot's first answer, {"type", "data"}. Raises TimeoutError: "the application did not respond"."""

        async def given() -> Any:
            return (await self.state())["answer"]

        try:
            answer: Json = await self.sandbox.until(given, within)
        except TimeoutError:
            raise TimeoutError("The application did not respond.") from None
        return answer

    async def modal(self) -> Json:
        """The form the interaction was answered with. Raises RefusedError when the answer is something else."""
        answer = await self.answer()
        modal: Json | None = (await self.state())["modal"]
        if modal is None:
            raise RefusedError(f"Answered with type {answer['type']} and no form.")
        return modal

    async def message(self) -> Message | None:
        """The original answer as it stands now; None when there is none or it was deleted."""
        await self.answer()
        data = (await self.state())["message"]
        return None if data is None else Message(data)

    async def finished(self, within: float = PATIENCE) -> Message:
        """The original answer once the bot no longer thinks. Raises TimeoutError."""

        async def done() -> Any:
            state = await self.state()
            return None if state["waiting"] else state["message"]

        return Message(await self.sandbox.until(done, within))

    async def followups(self) -> list[Message]:
        return [Message(data) for data in (await self.state())["followup_messages"]]

    async def ephemeral(self) -> bool:
        """Whether the original answer is for this person's eyes only."""
        await self.answer()
        return bool((await self.state())["ephemeral"])
