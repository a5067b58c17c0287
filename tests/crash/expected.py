"""What each sample draft comes to when nothing goes wrong."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from bot import sample
from bot.app import made_judge, opened_store, utc_now
from bot.config import Database, Llm, Settings
from bot.model.drafts import AnswerAddress, AnswerKind
from bot.model.posts import Visibility
from bot.services.library import load_workspace
from bot.services.reviewing import Reviewer
from bot.services.submit import Submission, submit
from tests.crash.stage import Stage

GUILD = 1


async def expected_outcomes(stage: Stage) -> dict[int, str]:
    """The outcome by number of the draft, from the same judge in this process and a database of its own."""
    llm = Llm(base_url=stage.model.url, model="reader-1") if stage.model is not None else Llm()
    with TemporaryDirectory(prefix="crash-expected-") as folder:
        settings = Settings(database=Database(path=Path(folder) / "bot.sqlite3"), llm=llm)
        async with opened_store(settings) as store, made_judge(settings) as judge:
            await load_workspace(store, GUILD, sample.recent_workspace(Path(folder) / "workspace", utc_now()))
            reviewer = Reviewer(store, judge, settings.review, utc_now)
            outcomes = {}
            for number, draft in enumerate(sample.drafts()):
                submission = Submission(
                    guild_id=GUILD,
                    handle=draft.influencer,
                    campaign=draft.campaign,
                    author_id=1,
                    author_name="nobody",
                    visibility=Visibility.TEAM,
                    source_key=f"expected:{uuid4()}",
                    text=draft.text,
                    answer=AnswerAddress(AnswerKind.NONE),
                )
                submitted = await submit(store, submission, settings.review, utc_now())
                outcomes[number] = str((await reviewer.handle(submitted.revision_id)).verdict.outcome)
    return outcomes
