"""A token that was drawn anew: until the operator has set it, nothing that is to be said counts as refused."""

from __future__ import annotations

from sqlalchemy import select

from bot.sandbox.people import File, Message, Person
from bot.store.tables import outbox
from tests.chat.house import CAMPAIGN, DRAFT, HANDLE, House


async def void(house: House) -> None:
    await house.sandbox.configure(token="drawn anew")


async def refused_and_mended(house: House) -> None:
    async def refused() -> bool:
        return any(call["status"] == 401 for call in await house.sandbox.record())

    await house.sandbox.until(refused)
    await house.sandbox.configure(token=None)


async def test_a_decision_is_told_of_later(house: House, mira: Person, lena: Person) -> None:
    card = await house.card(mira)
    await void(house)
    await lena.click(card, "Approve")

    async def is_put_off() -> bool:  # after all that is tried for it
        async with house.store.read() as conn:
            return "401" in (await conn.scalar(select(outbox.c.why)) or "")

    await house.sandbox.until(is_put_off)
    await house.sandbox.configure(token=None)
    await house.sandbox.until(lambda: house.seen("mira", "dm"))
    assert len(await house.seen("mira", "dm")) == 1


async def test_the_card_of_a_batch_is_brought_to_its_end_later(waiting_house: House, mira: Person) -> None:
    house = waiting_house
    file = File("week.csv", f'handle,campaign,text\n{HANDLE},"{CAMPAIGN}","{DRAFT}"\n'.encode(), "text/csv")
    await (await mira.slash("batch", {"file": file})).finished()

    async def cards() -> list[Message]:
        return [one for one in await house.seen("otto") if one.author == "campaign-bot"]

    await house.sandbox.until(cards)
    await void(house)
    house.start_judging()
    await refused_and_mended(house)

    async def ended() -> bool:
        return any("Open one of these" in one.text for one in await cards())

    await house.sandbox.until(ended)
