"""The operator sees what each server spent this month, and hears when a budget is used up."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot import sample
from bot.app import review_file, utc_now
from bot.config import Database, Llm, Settings
from bot.doctor import Check, State, examine
from bot.errors import Problem
from bot.services.library import load_workspace
from bot.store import spend
from bot.store.database import open_store
from bot.store.spend import Spend
from tests.judging.endpoint import serving


async def told(settings: Settings) -> list[Check]:
    return [check for check in await examine(settings, 7) if check.what == "spend"]


async def test_doctor_says_what_was_spent_and_who_has_used_up_the_budget(tmp_path: Path) -> None:
    prices = Llm(price_prompt=1, price_completion=1, monthly_cost=2)
    settings = Settings(database=Database(path=tmp_path / "bot.sqlite3"), llm=prices)
    assert [check.sentence for check in await told(settings)] == ["No calls to a model this month (UTC)."]
    store = await open_store(settings.database.path)
    async with store.write() as conn:
        await spend.book(conn, 7, utc_now(), {"m": Spend(2, 1_500_000, 900_000, 600_000, 2_100_000)})
        await spend.book(conn, 8, utc_now(), {"m": Spend(1, 10, 0, 5)})
    await store.close()
    spent, used_up, other = await told(settings)
    assert "Server 7 this month (UTC): 2 calls, 2,100,000 tokens, 900,000 of them kept" in spent.sentence
    assert "cost 2.10" in spent.sentence
    assert used_up.state is State.NOTE
    assert "Server 7 has used up" in used_up.sentence
    assert other.sentence == "Server 8 this month (UTC): 1 call, 15 tokens, 0 of them kept by the endpoint."


async def test_on_the_command_line_a_used_up_budget_is_one_sentence(tmp_path: Path) -> None:
    draft, person = tmp_path / "draft.txt", sample.drafts()[0]
    draft.write_text(person.text, "utf-8")
    async with serving() as endpoint:
        llm = Llm(base_url=endpoint.url, model="reader-1", monthly_tokens=1)
        settings = Settings(database=Database(path=tmp_path / "bot.sqlite3"), llm=llm)
        store = await open_store(settings.database.path)
        await load_workspace(store, 7, sample.recent_workspace(tmp_path / "workspace", utc_now()))
        async with store.write() as conn:
            await spend.book(conn, 7, utc_now(), {"m": Spend(1, 1, 0, 1)})
        await store.close()
        with pytest.raises(Problem, match="budget of this month is used up") as refused:
            await review_file(
                settings, 7, draft, person.influencer, person.campaign, format=None, now=None, language="en"
            )
        assert f"{spend.next_month(utc_now()):%Y-%m-%d}" in str(refused.value)
        assert endpoint.calls == []
