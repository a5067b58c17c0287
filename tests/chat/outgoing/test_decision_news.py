"""What has to change reaches the influencer it is about, once and in private, whoever sent the draft in."""

from __future__ import annotations

from datetime import timedelta

from bot.model.decisions import DecisionKind
from bot.sandbox.people import Person
from bot.services import decide, lookup
from tests.chat.house import CAMPAIGN, DRAFT, House, utc_now
from tests.chat.personal.test_selfcheck import id_of, link

REASON = "Say since when you run in them."


async def ask_for_changes(house: House, mira: Person, lena: Person) -> None:
    card = await house.card(mira)
    await lena.submit(await lena.click(card, "Ask for changes"), {"reason": REASON})
    await house.sandbox.until(lambda: house.seen("mira", "dm"))


async def told(house: House, name: str) -> list[str]:
    return [one.text for one in await house.seen(name, "dm")]


async def test_the_influencer_hears_what_has_to_change(house: House, mira: Person, lena: Person) -> None:
    await link(house, await id_of(house, "tobi"))
    await ask_for_changes(house, mira, lena)
    await house.sandbox.until(lambda: house.seen("tobi", "dm"))
    [sentence] = await told(house, "tobi")
    assert REASON in sentence
    assert "a draft about you" in sentence
    assert len(await told(house, "mira")) == 1
    opened = await house.sandbox.person("tobi").slash("history show", {"number": "V-1"})
    assert REASON in (await opened.finished()).text


async def test_nobody_hears_it_who_was_not_confirmed(house: House, mira: Person, lena: Person, tobi: Person) -> None:
    await (await tobi.slash("me link", {"handle": "mossy_miles"})).finished()
    await ask_for_changes(house, mira, lena)
    await house.sandbox.until(lambda: _is_settled(house))
    assert await told(house, "tobi") == []


async def test_it_is_said_once_though_discord_failed_after_taking_it(house: House, mira: Person, lena: Person) -> None:
    """The author was told, the influencer's message went out and its answer got lost, then the process died."""
    await link(house, await id_of(house, "tobi"))
    await house.sandbox.fault("reset_after", method="POST", path="/messages", skip=1)
    await ask_for_changes(house, mira, lena)
    await house.sandbox.until(lambda: house.seen("tobi", "dm"))
    house.ahead = timedelta(minutes=3)  # Discord has forgotten the nonces
    await house.restart_bot()
    await house.sandbox.until(lambda: _is_settled(house))
    assert len(await told(house, "tobi")) == 1
    assert len(await told(house, "mira")) == 1


async def test_what_was_pressed_before_and_stored_after_is_told_too(house: House, mira: Person) -> None:
    """It waited for the database; or the machine's clock was set back."""
    await house.card(mira)
    shown = await lookup.show(house.store, house.guild_id, "V-1", viewer_id=None)

    async def decided(kind: DecisionKind, ago: timedelta) -> None:
        await decide.decide(
            house.store,
            house.guild_id,
            "V-1",
            kind,
            person_id=5,
            person_name="lena",
            reason=REASON,
            sha256=shown.revision.sha256,
            now=utc_now() - ago,
        )
        await house.sandbox.until(lambda: _is_settled(house))

    await house.sandbox.until(lambda: _is_settled(house))
    await decided(DecisionKind.APPROVE, timedelta(0))
    await decided(DecisionKind.ASK_FOR_CHANGES, timedelta(hours=1))
    assert len(await told(house, "mira")) == 2


async def test_an_approval_and_an_influencers_own_draft_say_no_more_than_before(
    house: House, tobi: Person, lena: Person
) -> None:
    await link(house, await id_of(house, "tobi"))
    card = await house.card(tobi)
    await (await lena.click(card, "Approve")).answer()
    await lena.submit(await lena.click(card, "Ask for changes"), {"reason": REASON})

    async def both() -> bool:
        return len(await told(house, "tobi")) == 2

    await house.sandbox.until(both)
    await house.sandbox.until(lambda: _is_settled(house))
    assert len(await told(house, "tobi")) == 2


async def _is_settled(house: House) -> bool:
    """Nothing waits to be delivered."""
    async with house.store.read() as conn:
        waiting = await conn.exec_driver_sql("SELECT count(*) FROM outbox WHERE due IS NOT NULL")
        return not waiting.scalar_one()


async def test_the_author_hears_of_a_decision_about_a_version_that_somebody_else_sent(
    house: House, mira: Person, lena: Person
) -> None:
    await link(house, await id_of(house, "mira"))  # the influencer too, and told once all the same
    card = await house.card(mira)
    new = await lena.submit(await lena.click(card, "New version"), {"text": f"{DRAFT} Since May."})
    await lena.submit(await lena.click(await new.finished(), "Ask for changes"), {"reason": REASON})
    await house.sandbox.until(lambda: house.seen("mira", "dm"))
    await house.sandbox.until(lambda: _is_settled(house))
    [sentence] = await told(house, "mira")
    assert f"asks for changes to V-2 for @mossy\\_miles × {CAMPAIGN}" in sentence
    assert REASON in sentence
    assert await told(house, "lena") == []
