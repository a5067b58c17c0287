"""Further texts of a draft, over a real store, without any chat."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import Limits, Review
from bot.errors import Problem
from bot.model.decisions import DecisionKind
from bot.model.drafts import Attachment, fingerprint, text_sha256
from bot.model.messages import Message
from bot.model.posts import Visibility
from bot.services import lookup
from bot.services.batches import Part, submit_batch
from bot.services.decide import decide
from bot.services.limits import TooMany
from bot.services.submit import submit
from bot.services.versions import History, NewText, add_version, history_of
from bot.store import batches, erasure, outbox
from bot.store.batches import Batch
from bot.store.database import Store
from bot.store.verdicts import StoredVerdict
from tests.services.conftest import GUILD
from tests.services.test_flow import LENA, NOW, OTTO, SETTINGS, TOBI, WREN, judged, submission

PICTURE = Attachment("a.png", "image/png", b"\x89PNG\r\n\x1a\n1")
OTHER = replace(PICTURE, data=b"\x89PNG\r\n\x1a\n2")
NOTE = Attachment("draft.txt", "text/plain", b"words")
LATER = NOW + timedelta(minutes=10)


async def first(store: Store, **changes: object) -> StoredVerdict:
    stored = await judged(store, submission(WREN, **changes))
    async with store.write() as conn:  # its card stands
        await outbox.mark_delivered(conn, stored.revision.id, 1, 2, NOW)
    return stored


def a_new(text: str = f"{WREN.text} Since May.", **changes: object) -> NewText:
    base = NewText(LENA, "message:2", text, submission().answer)
    return replace(base, **changes)  # type: ignore[arg-type] # test convenience


async def add(store: Store, stored: StoredVerdict, new: NewText, limited: Limits | None = None) -> bool:
    received = await add_version(store, GUILD, stored.draft.id, new, SETTINGS, LATER, limited=limited)
    return received.is_new


async def texts(store: Store, stored: StoredVerdict) -> History:
    return await history_of(store, GUILD, stored.number, viewer_id=LENA)


async def approve(store: Store, stored: StoredVerdict) -> None:
    who = {"person_id": OTTO, "person_name": "Otto", "reason": "", "now": NOW}
    await decide(store, GUILD, stored.number, DecisionKind.APPROVE, sha256=stored.revision.sha256, **who)  # type: ignore[arg-type] # test convenience


async def test_a_new_text_voids_what_was_decided_and_has_the_old_card_say_so(store: Store) -> None:
    stored = await first(store)
    await approve(store, stored)
    async with store.write() as conn:
        await outbox.mark_delivered(conn, stored.revision.id, 1, 2, NOW)
    assert await add(store, stored, a_new())
    old = await lookup.show(store, GUILD, "V-1", viewer_id=None)
    assert old.newer is not None
    assert (old.newer.version, old.newer.number, len(old.decisions)) == (2, None, 1)
    with pytest.raises(Problem) as refused:
        await approve(store, old)
    assert refused.value.message.key == "decide_problem.text_changed"
    async with store.read() as conn:
        [due] = await outbox.due_answers(conn, LATER, 10)
    assert (due.revision_id, due.message_id) == (stored.revision.id, 2)


async def test_an_old_text_that_comes_back_must_be_approved_anew(store: Store) -> None:
    stored = await first(store)
    await add(store, stored, a_new())
    assert await add(store, stored, a_new(WREN.text, source_key="message:3"))
    assert len({one.sha256 for one in (await texts(store, stored)).texts}) == 2
    with pytest.raises(Problem):
        await approve(store, await lookup.show(store, GUILD, "V-1", viewer_id=None))


async def test_the_same_event_twice_is_one_version_and_the_same_text_again_is_none(store: Store) -> None:
    stored = await first(store)
    assert await add(store, stored, a_new())
    assert not await add(store, stored, a_new())
    with pytest.raises(Problem) as same:
        await add(store, stored, a_new(f"\n{WREN.text} Since May.\r\n", source_key="message:3"))
    assert same.value.message.key == "version_problem.same_text"
    assert len((await texts(store, stored)).texts) == 2


async def test_files_are_kept_replaced_or_gone(store: Store) -> None:
    unread = (Message("not_read_file.file", {"file": "b.pdf"}), Message("not_read.posts", {"count": 2}))
    stored = await first(store, attachments=(PICTURE, NOTE), spoken="I mend.", not_read=unread)
    await add(store, stored, a_new(keeps_files=True))
    await add(store, stored, a_new(keeps_files=True, attachments=(OTHER,), source_key="message:3"))
    await add(store, stored, a_new(source_key="message:4"))
    found = (await texts(store, stored)).texts
    assert [one.files for one in found] == [("a.png", "draft.txt"), ("a.png",), ("a.png",), ()]
    assert [one.spoken for one in found] == ["I mend.", "I mend.", "", ""]
    assert len({one.sha256 for one in found}) == 4


async def test_limits_hold_for_versions_too(store: Store) -> None:
    stored = await first(store)
    with pytest.raises(TooMany):
        await add(store, stored, a_new(), Limits(person_per_hour=1))
    assert len((await texts(store, stored)).texts) == 1
    with pytest.raises(Problem):
        await add(store, stored, a_new(" "))


async def test_no_text_is_stored_of_a_forgotten_influencer(store: Store) -> None:
    stored = await first(store)
    async with store.write() as conn:
        await erasure.forget_influencer(conn, GUILD, stored.influencer.id, NOW)
    handle = f"forgotten-{stored.influencer.id}"
    with pytest.raises(Problem) as refused:
        await add(store, stored, a_new())
    assert refused.value.message == Message("submit_problem.forgotten", {"handle": handle})
    with pytest.raises(Problem) as refused:
        await submit(store, submission(handle=handle, source_key="message:4"), Review(), NOW)
    assert refused.value.message.key == "submit_problem.forgotten"
    new = Batch(0, GUILD, "message:5", LENA, "Lena", submission().answer, NOW)
    parts = [Part("row 1", handle, WREN.campaign, WREN.text), Part("row 2", TOBI.influencer, TOBI.campaign, TOBI.text)]
    batch = (await submit_batch(store, new, parts, Review(), NOW)).batch
    async with store.read() as conn:
        row, other = await batches.batch_rows(conn, batch.id)
    assert row.problem is not None
    assert (row.problem.key, row.text, other.problem) == ("submit_problem.forgotten", "", None)
    assert len((await texts(store, stored)).texts) == 1


async def test_versions_of_a_private_check_are_its_owners(store: Store) -> None:
    submitted = await submit(store, submission(WREN, visibility=Visibility.PRIVATE), Review(), NOW)
    private = await judged(store, submission(WREN, visibility=Visibility.PRIVATE))
    assert private.draft.id == submitted.draft_id
    await add(store, private, a_new())
    assert len((await texts(store, private)).texts) == 2
    with pytest.raises(Problem):
        await history_of(store, GUILD, "S-1", viewer_id=OTTO)


words = st.text(max_size=12)
files = st.lists(st.sampled_from((PICTURE, OTHER, NOTE)), max_size=3)


@given(words, words, files, words, words, files)
def test_a_fingerprint_is_the_same_for_the_same_words_and_files_alone(
    text: str, spoken: str, with_: list[Attachment], text2: str, spoken2: str, with2: list[Attachment]
) -> None:
    def counted(text: str, spoken: str, sent: list[Attachment]) -> object:
        return text.replace("\r\n", "\n").strip(), spoken.strip(), [one.data for one in sent if one is not NOTE]

    is_same = counted(text, spoken, with_) == counted(text2, spoken2, with2)
    assert (fingerprint(text, spoken, with_) == fingerprint(text2, spoken2, with2)) is is_same
    assert fingerprint(text) == text_sha256(text)
