"""/status: what waits and why, for those who manage the server and in their own language."""

from __future__ import annotations

from bot.errors import JudgeUnavailable
from bot.jobs.breaker import OUTAGES
from bot.model.drafts import RevisionState
from bot.sandbox.people import Person
from bot.store import drafts
from tests.chat.house import House


async def told(person: Person) -> str:
    asked = await person.slash("status")
    message = await asked.finished()
    assert await asked.ephemeral()
    return message.text


async def test_the_counts_are_those_of_the_team_and_private_ones_are_their_owners(
    waiting_house: House, lena: Person, mira: Person
) -> None:
    for _ in range(2):
        await (await waiting_house.review(mira)).answer()
    await (await waiting_house.review(mira, command="selfcheck")).answer()
    await (await waiting_house.review(lena, command="selfcheck")).answer()
    words = await told(lena)
    assert "Drafts are only measured" in words
    assert "Waiting: 2. Being judged: 0. Answers to be sent: 0." in words
    assert "private checks among the unfinished: 1" in words
    assert "The oldest has waited since 2" in words


async def test_what_is_answered_is_not_counted(house: House, lena: Person, mira: Person) -> None:
    await house.card(mira)

    async def noted() -> bool:
        async with house.store.read() as conn:
            return not (await drafts.unfinished(conn, house.guild_id)).counts

    await house.sandbox.until(noted)
    words = await told(lena)
    assert "Waiting: 0. Being judged: 0. Answers to be sent: 0." in words
    assert "oldest" not in words
    assert "private" not in words


async def test_an_endpoint_that_is_away_is_named_with_the_reason(
    waiting_house: House, lena: Person, mira: Person
) -> None:
    async def gone(_: int) -> None:
        raise JudgeUnavailable("the endpoint *broke*", retry_after=0)

    for _ in range(OUTAGES):
        await (await waiting_house.review(mira)).answer()
    waiting_house.start_judging(gone)
    await waiting_house.sandbox.until(lambda: waiting_house.queue.away)
    words = await told(lena)
    assert "away since 2" in words
    assert r"the endpoint \*broke\*" in words
    async with waiting_house.store.read() as conn:
        assert not (await drafts.unfinished(conn, waiting_house.guild_id)).counts.get(RevisionState.FAILED)


async def test_it_speaks_the_language_of_who_asks(waiting_house: House, lena: Person) -> None:
    await waiting_house.sandbox.ask("set_person", person="lena", locale="ja")
    assert "待っている下書き：0" in await told(lena)


async def test_it_is_offered_to_those_who_manage_the_server(waiting_house: House) -> None:
    commands = {one["name"]: one for one in (await waiting_house.sandbox.ask("registered"))["global"]}
    assert commands["status"]["default_member_permissions"] == str(1 << 5)
