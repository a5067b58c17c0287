"""People who send drafts in, by every way there is, and who send a draft again when nobody acknowledged it."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from enum import StrEnum

from bot import sample
from bot.sample import SampleDraft
from bot.sandbox.errors import RefusedError
from bot.sandbox.people import Interaction, Person, Sandbox

BOT = 1000  # its user id in the sandbox
CHANNEL = "drafts"
PEOPLE = ("lena", "mira", "tobi", "otto")
PATIENCE = 4.0  # seconds until somebody thinks that the bot did not hear
SEEN = "👀"
DEFERRED = 5  # the kind of answer that says: the bot is thinking


class Way(StrEnum):
    MENTION = "mention"
    FORM = "form"
    MENU = "menu"
    SELFCHECK = "self-check"


@dataclass(frozen=True, slots=True)
class Sent:
    """A draft as it was sent once. `key` names the event as the database does; `token` is the interaction's."""

    way: Way
    key: str
    draft: int  # which of the sample drafts
    person: str
    token: str = ""

    @property
    def event_id(self) -> str:
        return self.key.partition(":")[2]


@dataclass
class Authors:
    """Sends drafts, and keeps what was sent and what of it was acknowledged."""

    sandbox: Sandbox
    chance: random.Random
    sent: list[Sent] = field(default_factory=list)
    acknowledged: list[Sent] = field(default_factory=list)
    _more: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def heard(self, count: int) -> None:
        """Waits until `count` drafts were acknowledged since the start."""
        async with self._more:
            await self._more.wait_for(lambda: len(self.acknowledged) >= count)

    async def write(self, wanted: int, *, at_once: int, pause: float) -> None:
        """Returns once `wanted` drafts more were acknowledged; a draft that was not is sent again."""
        turns = iter(range(wanted))

        async def one_after_the_other() -> None:
            for turn in turns:
                draft = self.chance.randrange(len(sample.drafts()))
                way = tuple(Way)[turn % len(Way)]
                while not await self.send(way, draft):  # each try is a wait in itself
                    pass
                await asyncio.sleep(self.chance.uniform(0, 2 * pause))

        await asyncio.gather(*(one_after_the_other() for _ in range(at_once)))

    async def send(self, way: Way, draft: int) -> Sent | None:
        """Sends a draft and waits a while; what was sent, if the bot acknowledged it."""
        sent = await self.post(way, draft)
        return sent if sent is not None and await self.sees_acknowledged(sent) else None

    async def post(self, way: Way, draft: int, opened: Interaction | None = None) -> Sent | None:
        """Sends a draft without waiting; None where the bot did not even open the form. `opened`: a form open already.

        The form is filled in whole, whatever the bot wrote into it before.
        """
        person = self.sandbox.person(self.chance.choice(PEOPLE))
        text = sample.drafts()[draft]
        if way is Way.MENTION:
            words = f"<@{BOT}> {text.influencer} {text.campaign}:\n{text.text}"
            sent = Sent(way, f"message:{(await person.say(CHANNEL, words)).id}", draft, person.name)
        else:
            form = opened or await self.open(way, person, text)
            if form is None:
                return None
            owner = self.sandbox.person(await self._owner(form))
            sent = await self._submit(way, owner, form, draft)
        self.sent.append(sent)
        return sent

    async def open(self, way: Way, person: Person, draft: SampleDraft) -> Interaction | None:
        """The form of a way, opened; None where the bot does not answer."""
        try:
            if way is Way.MENU:
                opened = await person.menu("Review draft", await person.say(CHANNEL, draft.text))
            else:
                command = "review" if way is Way.FORM else "selfcheck draft"
                names = {"influencer": draft.influencer, "campaign": draft.campaign}
                opened = await person.slash(command, names)
            await opened.answer(PATIENCE)
            await opened.modal()
        except (TimeoutError, RefusedError):  # silence, or a sentence in the place of a form
            return None
        return opened

    async def _owner(self, opened: Interaction) -> str:
        return str((await opened.state())["user_id"])

    async def _submit(self, way: Way, person: Person, opened: Interaction, draft: int) -> Sent:
        text = sample.drafts()[draft]
        values = {"text": text.text}
        if way is Way.MENU:
            values |= {"influencer": text.influencer, "campaign": text.campaign}
        submitted = await person.submit(opened, values)
        state = await submitted.state()
        return Sent(way, f"interaction:{state['id']}", draft, person.name, submitted.token)

    async def sees_acknowledged(self, sent: Sent, within: float = PATIENCE) -> bool:
        """Whether the author of `sent` is told soon that it was taken; notes it if so."""
        try:
            await self.sandbox.until(lambda: is_acknowledged(self.sandbox, sent), within)
        except TimeoutError:
            return False
        async with self._more:
            self.acknowledged.append(sent)
            self._more.notify_all()
        return True


async def is_acknowledged(sandbox: Sandbox, sent: Sent) -> bool:
    """The reaction under a mention; "the bot is thinking", or the answer already, where a form was sent."""
    if sent.way is not Way.MENTION:
        answer = (await sandbox.ask("interaction", token=sent.token))["answer"]
        return answer is not None and answer["type"] == DEFERRED
    stored = await sandbox.ask("message", message=sent.event_id)
    return any(emoji == SEEN and user == str(BOT) for emoji, user in stored["reactions"])
