"""Own words are what is left without labels, names and links, each said once; without enough of them nothing fits."""

from dataclasses import dataclass, replace

import pytest

from bot import sample
from bot.config import Review
from bot.judging.answer import Answer, Claim, CriterionAnswer, Judge
from bot.judging.evidence import Evidence
from bot.judging.offline import OfflineJudge
from bot.judging.own_words import ENOUGH, own_words, said_once
from bot.judging.review import review
from bot.model.messages import Message
from bot.model.verdicts import CriterionKey, Level, Outcome, Stance, Verdict
from bot.texts import render
from tests.sample_cases import NOW, case_of

BRAND = ("Tarnfell", "@tarnfell_sport", "こぬか石けん舎")
LINE = "They go to a 26 now, one price, and the laces of the trainers are still a foot too long. "
CASE = case_of(next(draft for draft in sample.drafts() if draft.title == "The brand that rang"))
SOAP = case_of(next(draft for draft in sample.drafts() if draft.title == "丸三年の石けん"))


@dataclass(frozen=True)
class Praising:
    """A model that finds everything perfect, and proves it by true posts."""

    kind = "llm"
    model = "praising"
    prompt_hash = ""

    async def read(self, evidence: Evidence) -> Answer:
        own = [post for post in evidence.posts if "Tarnfell" in post.text][:2] or evidence.posts[:2]
        quotes = tuple(Claim("history", post.id, post.text, Stance.SUPPORTS) for post in own)
        praise = CriterionAnswer(quotes, Message("literal", {"text": "perfect"}), Level.L4)
        return Answer(dict.fromkeys(CriterionKey, praise))


async def judged(text: str, judge: Judge | None = None) -> Verdict:
    return await review(replace(CASE, draft=text), judge or OfflineJudge(), Review(), NOW)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Ad | Tarnfell.", 0),
        ("Paid partnership with Tarnfell | #ad #Tarnfell @tarnfell_sport https://example.org/a?b=1 2026", 0),
        ("Ad | I still swear at the laces.", 6),
        ("【PR】こぬか石けん舎 鍋を洗う。", 2),  # two characters count as a word
        ("【PR】丸三年 爪の黒までは落ちない", 6),
    ],
)
def test_labels_names_and_links_are_nobody_s_own_words(text: str, count: int) -> None:
    assert own_words(text, BRAND) == count


@pytest.mark.parametrize("text", [LINE.strip(), "錆と油の手を洗って丸三年 爪の黒までは落ちない", "", "12"])
def test_what_is_said_once_stays_as_it_is(text: str) -> None:
    assert said_once(text) == (text, 0)


@pytest.mark.parametrize("one", [LINE, "錆と油の手を洗って、爪の黒までは落ちない石けん。", "we love these trainers "])
def test_what_is_said_again_counts_once_whatever_number_it_bears(one: str) -> None:
    once, share = said_once("".join(f"{one}{number}" for number in range(50)))
    assert share > 0.95
    assert len(once) < len(one) + 20
    assert own_words(once, BRAND) == own_words(one, BRAND)


@pytest.mark.parametrize("judge", [OfflineJudge(), Praising()])
@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Ad | Tarnfell.", 0),
        ("Ad | Tarnfell trainers Tarnfell trainers", 1),
        ("Ad | " + "I love my Tarnfell trainers. " * 50, 4),
        ("Ad | " + "I love my Tarnfell trainers. " * 350, 4),
    ],
)
async def test_a_draft_without_own_words_is_told_no_likeness_and_never_fits(
    text: str, count: int, judge: Judge
) -> None:
    verdict = await judged(text, judge)
    assert verdict.outcome is Outcome.CANNOT_TELL
    assert render("en", verdict.because) == f"Too few words of their own to judge: {count}."
    assert count < ENOUGH
    assert not [signal for signal in verdict.signals if signal.key.startswith("likeness")]


@pytest.mark.parametrize("judge", [OfflineJudge(), Praising()])
async def test_one_sentence_that_fits_does_not_fit_a_hundred_times(judge: Judge) -> None:
    once = await judged(f"Ad | Tarnfell. {LINE}", judge)
    often = await judged(f"Ad | Tarnfell. {LINE * 110}", judge)
    assert (once.outcome, often.outcome) == (Outcome.FITS, Outcome.CANNOT_TELL)
    assert often.because == Message("because.repeats", {"percent": 99})
    likeness = [next(s.value for s in one.signals if s.key == "likeness") for one in (once, often)]
    assert likeness[0] == pytest.approx(likeness[1], abs=0.05)
    assert {signal.key for signal in often.signals} - {signal.key for signal in once.signals} == {"repeated_share"}


@pytest.mark.parametrize(
    "said",
    [
        "【PR】鍋を米ぬか石けんで洗う。",
        "【PR】鍋を米ぬか石けんで洗う。爪の黒までは落ちないが、冬の台所の匂いは消える。",
    ],
)
async def test_drafts_that_differ_in_a_trailing_number_get_the_same_verdict(said: str) -> None:
    told = [await review(replace(SOAP, draft=f"{said}{n}"), OfflineJudge(), Review(), NOW) for n in range(12)]
    assert len({one.outcome for one in told}) == 1
    assert len({next((s.value for s in one.signals if s.key == "likeness"), None) for one in told}) == 1
