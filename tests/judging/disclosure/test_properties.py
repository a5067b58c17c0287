"""What holds for every text: disguises never help, tags before a label never help, spans lie in the raw text."""

from collections.abc import Iterator

from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.judging.disclosure.check import Disclosure, Outcome, check
from bot.judging.disclosure.load import rulebook
from bot.judging.disclosure.patterns import expand
from tests.judging.disclosure.test_check import read_cases

PLACES = ("US", "UK", "IE", "DE", "FR", "IT", "ES", "JP", "CA", "AU", "IN", "EU")
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad\ufe0f\u200e\u034f\U000e0041"
PIECES = [case.text for case in read_cases() if len(case.text) < 90]
LABELS = st.sampled_from(PIECES) | st.sampled_from(
    ["ad", "#ad", "Werbung", "#PR", "#collab", "広告", "sponsored by Acme", "#gifted"]
)
FILLERS = st.sampled_from(
    ["Loving it", "mein Serum", "新しい", "|", "\n", "@acme", "#skin", "👏", "İ", "ﬁ", "…", "https://a.example/#ad"]
)
SINGLE = st.sampled_from(
    [
        *(
            "ad",
            "#ad",
            "Ad |",
            "#sponsored",
            "#sp",
            "#ads",
            "#аd",
            "A.D. |",
            "Werbung",
            "#Anzeige",
            "#publicité",
            "#pub",
        ),
        *("#pubblicità", "#adv Acme", "#publi", "#PR", "【広告】", "プロモーション", "PR新作", "sponsored by Acme"),
        *("#AcmePartner", "#gifted", "#collab", "paid partnership with Acme", "Collaboration commerciale", "not an ad"),
    ]
)
TAGS = st.lists(st.sampled_from(["#love", "#skin", "#glow", "#朝", "#été"]), min_size=1, max_size=6)
TEXTS = st.lists(LABELS | FILLERS | st.text(max_size=8), max_size=5).map(" ".join)


def run(text: str) -> Disclosure:
    return check(text, countries=PLACES, brand="Acme")


def ranks(found: Disclosure) -> list[int]:
    return [result.outcome.rank for result in found.results]


@given(TEXTS, st.lists(st.tuples(st.floats(0, 1), st.sampled_from(INVISIBLE)), max_size=6))
@example("#sponsored new drop", [(0.3, "\u200b")])
@example("paid  partnership with Acme", [(0.18, "\u200b")])
@settings(max_examples=150, deadline=None)
def test_invisible_characters_change_no_outcome(text: str, inserted: list[tuple[float, str]]) -> None:
    changed = text
    for share, character in inserted:
        at = round(share * len(changed))
        changed = changed[:at] + character + changed[at:]
    # Between a letter and its combining mark an invisible character does part them on the screen.
    assert all(after <= before for before, after in zip(ranks(run(text)), ranks(run(changed)), strict=True))


@given(SINGLE, TAGS, st.sampled_from(["", " loving my serum", "\nnew in", " 新しい美容液"]))
@settings(max_examples=150, deadline=None)
def test_tags_in_front_of_a_label_never_improve_it(label: str, tags: list[str], after: str) -> None:
    before, changed = label + after, " ".join([*tags, label + after])
    assert all(new <= old for old, new in zip(ranks(run(before)), ranks(run(changed)), strict=True))


@given(TEXTS, TAGS)
@settings(max_examples=150, deadline=None)
def test_tags_in_front_never_make_a_text_pass(text: str, tags: list[str]) -> None:
    for old, new in zip(run(text).results, run(" ".join([*tags, text])).results, strict=True):
        assert new.outcome is not Outcome.PASS or old.outcome is Outcome.PASS


@given(TEXTS)
@settings(max_examples=200, deadline=None)
def test_spans_lie_in_the_raw_text_and_hold_the_label(text: str) -> None:
    found = run(text)
    for result in found.results:
        if result.span is not None:
            start, end = result.span
            assert 0 <= start < end <= len(text)
            assert text[start:end] == result.label
    for flag in found.sensitive:
        assert flag.span is not None
        assert 0 <= flag.span[0] < flag.span[1] <= len(text)


@given(TEXTS)
@settings(max_examples=80, deadline=None)
def test_the_worst_line_decides_and_the_same_text_gives_the_same_answer(text: str) -> None:
    found = run(text)
    assert found.outcome.rank == min(ranks(found))
    assert found == run(text)


@given(TEXTS)
@settings(max_examples=150, deadline=None)
def test_a_denial_at_the_end_is_never_passed_over(text: str) -> None:
    assert run(f"{text}. This is not an ad.").outcome is Outcome.CONTRADICTED
    assert run(f"{text}. これは広告ではありません。").outcome is Outcome.CONTRADICTED


@given(TEXTS, st.permutations(PLACES))
@settings(max_examples=80, deadline=None)
def test_each_country_answers_for_itself_alone(text: str, places: list[str]) -> None:
    together = check(text, countries=places, brand="Acme").results
    assert set(together) == set(run(text).results)
    assert check(text, countries=places[:1], brand="Acme").results == together[:1]


DENIALS = sorted(
    {
        spelled
        for rule in rulebook().contradictions
        for label in rule.labels
        for spelled in expand(label)
        if spelled.count(" ") > 1 and "{brand}" not in spelled
    }
)


def over_a_break(denial: str) -> Iterator[str]:
    words = denial.split()
    for cut in range(1, len(words)):
        broken = f"{' '.join(words[:cut])}\n{' '.join(words[cut:])}"
        yield from (f"{broken} #ad", f"#ad It {broken}.")


def test_a_denial_holds_over_a_line_break() -> None:
    broken = [text for denial in DENIALS for text in over_a_break(denial)]
    assert len(broken) > 1000
    assert [text for text in broken if run(text).outcome is not Outcome.CONTRADICTED] == []


def test_worst_is_first_in_the_list_of_outcomes() -> None:
    names = "CONTRADICTED MISSING OBFUSCATED WRONG_LANGUAGE AMBIGUOUS TOOL_ONLY BURIED BELOW_FOLD NOT_ASSESSABLE PASS"
    assert [outcome.value for outcome in Outcome][:-1] == names.split()
    assert [outcome.rank for outcome in Outcome] == list(range(len(Outcome)))
