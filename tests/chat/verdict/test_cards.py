from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from string import Formatter
from typing import Any

import pytest
from discord import ui
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.chat.draft.versions import versions_page
from bot.chat.history.waiting import waiting_row
from bot.chat.markup import link, plain, width
from bot.chat.routes import BUTTONS
from bot.chat.verdict.cards import CARD_LIMIT, NOTE_LIMIT, quote_line, verdict_card
from bot.chat.verdict.pages import HISTORY_ROWS, evidence_page, history_page
from bot.chat.verdict.views import evidence_view, verdict_view
from bot.judging.reasons import confidence
from bot.judging.rubric import CORE
from bot.model.decisions import Decision, DecisionKind, PublishedResult
from bot.model.messages import Message
from bot.model.posts import Visibility
from bot.model.verdicts import Criterion, CriterionKey, Finding, Injection, JudgeInfo, Level, Outcome, Stance
from bot.services.versions import History
from bot.store.verdicts import Newer, Page, StoredVerdict
from bot.store.versions import SentText
from bot.texts import catalogue, quoted, render, text, to_influencer
from tests.builders import NOW
from tests.chat.hostile import PINGS, anything, bare, bare_addresses, links
from tests.chat.values import a_quote, a_stored, a_verdict, words

LANGUAGES = ("en", "ja")
OTHER_CARD = f"https://discord.com/channels/7/{2**63}/{2**63}"


def texts(box: ui.Container[Any]) -> list[str]:
    return [item.content for item in box.walk_children() if isinstance(item, ui.TextDisplay)]


def read(box: ui.Container[Any]) -> str:
    return "\n".join(texts(box))


def boxes(text: str, url: str | None, many: int, language: str) -> Iterator[ui.Container[Any]]:
    """Every kind of card, with `text` from outside in every place."""
    for visibility in Visibility:
        stored = a_stored(text, url=url, many=many, visibility=visibility)
        for one in (stored, *versions(stored, text)):
            yield verdict_card(one, language)
    yield from pages_of_versions(stored, text, language)
    first = evidence_page(stored, language, 0)
    yield first.box
    yield evidence_page(stored, language, first.pages - 1).box
    waiting = replace(stored, campaign=replace(stored.campaign, decide_within_hours=24))
    row = partial(waiting_row, card=(2**63, 2**63))
    for one in (replace(stored, decisions=()), waiting, replace(waiting, decisions=())):
        found = Page((one,) * HISTORY_ROWS, 10**6, 3 * HISTORY_ROWS)
        yield history_page(found, language, which="waiting_", row=row).box
    yield history_page(Page((stored,) * HISTORY_ROWS, 10**6, 3 * HISTORY_ROWS), language).box


def versions(stored: StoredVerdict, text: str) -> Iterator[StoredVerdict]:
    """The same as a second version that is due, as one that was overruled and decided on, and as one replaced."""
    low = dict.fromkeys(stored.verdict.criteria, Criterion(Level.L1, words(text)))
    old = replace(stored.verdict, criteria=low, outcome=Outcome.REVISE)
    earlier = replace(stored.revision, text=f"1 {text[1:]} {text[::-1]}", spoken=text)
    before = replace(stored, verdict=old, revision=earlier)
    second = replace(stored, revision=replace(stored.revision, number=2), before=before)
    timed = replace(stored.campaign, decide_within_hours=24)
    yield replace(second, campaign=timed, decisions=())
    decided = Decision(1, 1, DecisionKind.APPROVE, 5, text, text, "ab" * 32, NOW)
    overruled = replace(decided, id=2, kind=DecisionKind.DISAGREE)
    yield replace(second, campaign=timed, decisions=(overruled,))
    yield replace(second, decisions=(decided, overruled))
    withdrawn = replace(decided, id=3, kind=DecisionKind.WITHDRAW)
    yield replace(second, campaign=timed, decisions=(decided, withdrawn, replace(overruled, id=4)))
    yield replace(second, decisions=(decided, overruled), newer=Newer(3, NOW))
    yield replace(second, decisions=(decided, overruled), newer=Newer(3, NOW, "V-123456", (2**63, 2**63)))


def pages_of_versions(stored: StoredVerdict, text: str, language: str) -> Iterator[ui.Container[Any]]:
    sent = SentText(1, 1, text, text, "ab" * 32, 10**18, False, NOW, (text,) * 9)
    history = History((sent, replace(sent, revision_id=2, number=2)), (stored,))
    first = versions_page(history, "V-12", language, 0)
    yield first.box
    for page in range(1, min(first.pages, 4)):
        yield versions_page(history, "V-12", language, page).box
    yield versions_page(history, "V-12", language, first.pages).box


@settings(max_examples=60, deadline=None)
@given(anything, st.none() | anything, st.integers(0, 6), st.sampled_from(LANGUAGES))
def test_whatever_comes_from_outside_a_card_fits_and_neither_pings_nor_forges_links(
    text: str, url: str | None, many: int, language: str
) -> None:
    for box in boxes(text, url, many, language):
        sent = read(box)
        assert sum(map(width, texts(box))) <= CARD_LIMIT - NOTE_LIMIT
        assert all(texts(box))
        assert len(list(box.walk_children())) + 1 + 9 <= 40  # the box itself, and two rows of buttons
        assert links(sent) <= links(link("open", url)) | {OTHER_CARD}
        assert not PINGS.search(re.sub(rf"<t:\d{{10}}:[DR]>|<@{10**18}>", "", bare(sent)))
        assert not bare_addresses(sent)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", ["x" * 9000, "*" * 9000, "🫖" * 9000, "長" * 9000])
def test_the_fullest_card_still_fits(text: str, language: str) -> None:
    url = "https://photos.example/" + "a" * 130
    for box in boxes(text, url, 30, language):
        assert sum(map(width, texts(box))) <= CARD_LIMIT - NOTE_LIMIT
    stored = a_stored(text, url=url, many=30)
    linked = replace(stored, author_is_linked=True)
    again = replace(stored, same_text=a_stored())
    for one in (stored, linked, again, *versions(stored, text), *versions(linked, text), *versions(again, text)):
        shown = texts(verdict_card(one, language))
        opening = f"> {quoted(language, '')[0]}"
        assert sum(line.startswith(opening) for line in "\n".join(shown).splitlines()) >= 3  # reasons' quotes
        assert one.before is None or "V-12" in "\n".join(shown[1:])  # what is new is said, however full the card


def test_what_was_published_as_approved_is_told_as_void_once_the_approval_is() -> None:
    stored = a_stored()
    live = replace(stored.published[0], result=PublishedResult.SAME)
    approved = Decision(1, 1, DecisionKind.APPROVE, 5, "Lena", "", stored.revision.sha256, NOW)
    stored = replace(stored, published=(live,), decisions=(approved,))
    withdrawn = replace(stored, decisions=(approved, replace(approved, id=2, kind=DecisionKind.WITHDRAW, reason="No.")))
    for one, said in ((stored, "Published as approved"), (withdrawn, "the approval no longer holds")):
        assert said in read(verdict_card(one, "en"))
        assert said in read(history_page(Page((one,), 1), "en").box)


def test_the_log_says_the_whole_reason() -> None:
    reason = "*" * 1000  # the longest that a form takes, and each sign escaped
    decided = Decision(1, 1, DecisionKind.WITHDRAW, 5, "Lena", reason, "ab" * 32, NOW)
    sent = SentText(1, 1, "a", "", "ab" * 32, 5, False, NOW, ())
    shown = versions_page(History((sent,), (replace(a_stored(), decisions=(decided,)),)), "V-12", "en", 0)
    assert plain(reason, 2000) in read(shown.box)


@pytest.mark.parametrize(
    ("language", "quotation"), [("en", "> “I mend what I own.”"), ("ja", "> 「I mend what I own.」")]
)
def test_each_language_has_its_own_marks_around_the_same_words(language: str, quotation: str) -> None:
    stored = a_stored()
    shown = read(verdict_card(stored, language)) + read(evidence_page(stored, language, 0).box)
    assert shown.count(quotation) >= 4  # a reason, the reviewer spoken to, a criterion, the draft
    others = {"en": "「」", "ja": "“”"}[language]
    assert not set(others) & set(shown)


def test_a_card_says_what_a_reader_needs() -> None:
    card = read(verdict_card(a_stored(), "en"))
    for piece in (
        "✅ Fits · V-12",
        "Confidence: ",
        "**Shared values** (good): I mend what I own.",
        "> “I mend what I own.”",
        "<t:",
        "[open post](https://photos.example/p1)",
        "```\nI mend what I own.\n```",
        "Not legal advice; rules as of",
        "The draft speaks to its reviewer:",
        "Suggested edits",
        "Not read: ",
        "asked for changes",
        "40 of 60 stored posts",
    ):
        assert piece in card
    assert "L3" not in card


def test_no_quote_stands_on_a_card_twice() -> None:
    one, two = a_quote(), a_quote(post_id="p2")
    kinds = (CORE[0], (one,)), (CORE[1], (one, two)), (CORE[2], (two, one))
    reasons = tuple(Finding(key, words("So."), Stance.SUPPORTS, 1, quotes) for key, quotes in kinds)
    stored = a_stored()
    card = read(verdict_card(replace(stored, verdict=replace(stored.verdict, reasons=reasons)), "en"))
    assert card.count("[open post]") == 2
    assert card.count("the quote above again") == 1
    assert card.count("and 1 more under Evidence") == 1


def test_the_next_step_is_named_until_somebody_has_decided() -> None:
    stored = a_stored()
    assert "**Next:**" not in read(verdict_card(stored, "en"))
    assert "**Next:**" in read(verdict_card(replace(stored, decisions=()), "en"))


def test_the_offline_judge_is_named_as_one_that_measures() -> None:
    stored = a_stored()
    stored = replace(stored, verdict=replace(stored.verdict, judge=JudgeInfo("offline", "none", "1", "")))
    assert "Measured, not read by a model: 40 of 60 stored posts." in read(verdict_card(stored, "en"))
    assert "モデルは読んでいません" in read(verdict_card(stored, "ja"))


def test_a_post_without_address_is_named_by_its_day_alone_or_else_shortly() -> None:
    card = read(verdict_card(a_stored(url=None), "en"))
    assert "post I mend" not in card
    assert "](" not in card
    undated = replace(a_quote(post_id="x:f7262612ab34", url=None), created_at=None)
    assert quote_line(undated, "en", 200).endswith("-# post f7262612")


def test_the_draft_stands_on_the_card_only_where_it_is_asked_for_and_is_cut_to_fit() -> None:
    stored = a_stored()
    assert "```" + chr(10) + "one`" not in read(verdict_card(stored, "en"))
    long = replace(stored, revision=replace(stored.revision, text="one``` @everyone " * 400))
    card = verdict_card(long, "en", with_draft=True)
    assert "**The draft**, its beginning\n```\none`\u200b`" in read(card)
    assert card.content_length() <= CARD_LIMIT
    short = replace(stored, revision=replace(stored.revision, text="one line"))
    assert "**The draft**\n```\none line\n```" in read(verdict_card(short, "en", with_draft=True))


def test_a_private_card_says_that_it_is_private() -> None:
    card = read(verdict_card(a_stored(visibility=Visibility.PRIVATE), "en"))
    assert "· S-3" in card
    assert "Only you can see this" in card


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_private_check_speaks_to_the_influencer_and_all_else_about_them(language: str) -> None:
    sections = ("because", "cap", "conflict", "next", "offline", "signal")
    twice = [key for key in catalogue(language) if f"{key}_you" in catalogue(language)]
    for key in (key for key in twice if key.split(".")[0] in sections):
        names = {(name or "").split("|")[0] for _, name, *_ in Formatter().parse(catalogue(language)[key])}
        sentence = Message(key, dict.fromkeys(names, 7))
        voices = {Visibility.TEAM: language, Visibility.PRIVATE: to_influencer(language)}
        said = {who: plain(render(voice, sentence), 160).rstrip("…") for who, voice in voices.items()}
        for visibility, other in zip(Visibility, reversed(Visibility), strict=True):
            stored = replace(a_stored(visibility=visibility), author_is_linked=True)
            criteria: dict[CriterionKey, Criterion] = {CORE[0]: Criterion(Level.L2, sentence)}
            verdict = replace(stored.verdict, because=sentence, next_step=sentence, criteria=criteria)
            stored = replace(stored, verdict=verdict, decisions=())
            for box in (verdict_card(stored, language), evidence_page(stored, language, 0).box):
                assert said[visibility] in read(box)
                assert said[other] not in read(box).replace(said[visibility], "")


def test_the_outcome_gives_the_card_its_colour_and_its_word() -> None:
    stored = a_stored()
    seen = set()
    for outcome in Outcome:
        box = verdict_card(replace(stored, verdict=replace(stored.verdict, outcome=outcome)), "en")
        seen.add((box.accent_colour, texts(box)[0].splitlines()[0]))
    assert len(seen) == len(Outcome)
    assert any("Does not fit" in title for _, title in seen)


def test_nothing_is_said_about_what_there_is_not() -> None:
    verdict = replace(a_verdict(), not_read=(), suggestions=(), questions=(), injection=Injection())
    card = read(verdict_card(replace(a_stored(), verdict=verdict, decisions=()), "en"))
    for piece in ("Not read", "Suggested", "Questions", "reviewer", "asked for changes"):
        assert piece not in card


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "high"),
        ({"evidence_ids": ("p",) * 29}, "medium"),
        ({"evidence_ids": ("p",) * 9}, "low"),
        ({"judge": JudgeInfo("offline", "none", "1", "")}, "medium"),
        ({"outcome": Outcome.CANNOT_TELL}, "none"),
        ({"criteria": dict.fromkeys(CORE, Criterion(Level.L3, words("x")))}, "low"),
    ],
)
def test_confidence_follows_from_what_carries_the_verdict(changes: dict[str, Any], expected: str) -> None:
    assert confidence(replace(a_verdict(many=3), **changes)) == expected


def test_all_evidence_is_on_some_page() -> None:
    stored = a_stored("A long sentence about kettles. " * 12, many=9)
    pages = evidence_page(stored, "en", 0).pages
    assert pages > 3
    everything = "\n".join(read(evidence_page(stored, "en", page).box) for page in range(pages))
    assert everything.count("open post") == 9 * len(CORE)
    assert everything.count("Lowered by rule") == 9 * len(CORE)
    assert f"Page {pages} of {pages}" in everything


@pytest.mark.parametrize(
    ("stance", "level", "said"),
    [
        (Stance.SUPPORTS, Level.L3, "speaks for it"),
        (Stance.CONTRADICTS, Level.L1, "speaks against it"),
        (Stance.CONTRADICTS, Level.ABSTAIN, "may speak against it"),  # a person has to read it
        (Stance.NEUTRAL, Level.L1, "shows what they usually write"),
        (Stance.NEUTRAL, Level.ABSTAIN, "shows what they usually write"),
    ],
)
def test_evidence_says_of_a_post_no_more_than_it_says_to_the_draft(stance: Stance, level: Level, said: str) -> None:
    quoted = Criterion(level, words("why"), (replace(a_quote(), stance=stance),))
    stored = a_stored()
    stored = replace(stored, verdict=replace(stored.verdict, criteria={CriterionKey.SHARED_VALUES: quoted}))
    shown = read(evidence_page(stored, "en", 0).box)
    [line] = [line for line in shown.splitlines() if "open post" in line]
    assert line.rpartition(" · ")[2] == said


@pytest.mark.parametrize("asked", [-1, 10**6])
def test_a_page_that_is_not_there_is_the_nearest_one(asked: int) -> None:
    shown = evidence_page(a_stored(many=40), "en", asked)
    assert shown.page == (0 if asked < 0 else shown.pages - 1)


def test_an_empty_history_says_what_to_do() -> None:
    assert "No verdict matches" in read(history_page(Page((), 0), "en").box)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("visibility", Visibility)
def test_every_button_of_a_full_message_is_told_by_its_id(language: str, visibility: Visibility) -> None:
    stored = a_stored("🫖" * 9000, many=30, visibility=visibility)
    note = text(language, "card.late_answer", who=plain(stored.author_name, 60))
    for view in (verdict_view(stored, language, note=note), evidence_view(stored, language, 1)):
        assert width(note) <= NOTE_LIMIT
        assert view.content_length() <= CARD_LIMIT
        assert view.total_children_count <= 40
        pressed = [item for item in view.walk_children() if item.is_dispatchable()]
        assert pressed
        for item in pressed:
            assert isinstance(item, BUTTONS)
            assert len(item.custom_id) <= 100
            assert sum(bool(kind.__discord_ui_compiled_template__.fullmatch(item.custom_id)) for kind in BUTTONS) == 1
