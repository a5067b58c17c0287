"""Every sentence exists in every language with the same values, fits where Discord shows it, and stands in no code."""

import ast
import re
import string
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from bot.judging.disclosure.rulebook import Outcome as LabelOutcome
from bot.judging.llm.reply import Cause
from bot.model.decisions import DecisionKind
from bot.model.messages import Message
from bot.model.verdicts import CriterionKey, Level, Outcome
from bot.store.outbox import NoticeKind
from bot.store.tables import metadata
from bot.texts import catalogue, languages, render, supported, text, to_influencer, to_sender

ROOT = Path(__file__).parent.parent / "bot"
KEYS = catalogue("en").keys()
PRIVATE = ("_you", "_self")


def fields(template: str) -> set[str]:
    return {re.split(r"[.\[|]", name)[0] for _, name, _, _ in string.Formatter().parse(template) if name}


def to_all(keys: Iterable[str]) -> set[str]:
    """Without those that say the same once more in a private check: not every language needs each of them."""
    return {key for key in keys if not key.endswith(PRIVATE)}


@pytest.mark.parametrize("language", languages())
def test_every_language_says_everything_with_the_same_values(language: str) -> None:
    assert to_all(catalogue(language)) == to_all(KEYS)
    for key, template in catalogue(language).items():
        given = fields(catalogue("en")[re.sub("(_you|_self)$", "", key)])  # what is said in private may say less
        assert fields(template) <= given, f"{key} in {language}"
        assert fields(template) == given or key.endswith(PRIVATE), f"{key} in {language}"
        assert template.strip(), f"{key} in {language}"


THINGS = (
    "brands|calls|campaigns|cells|changes|channels|characters|checks|choices|columns|countries|days|decisions|drafts|"
    "files|findings|hours|influencers|items|links|months|notes|parts|people|pictures|posts|quotes|roles|rows|rules|"
    "seconds|servers|signs|statements|tags|texts|times|tokens|verdicts|versions|weeks|words"
)
ONE_OF_MANY = re.compile(rf"\b1 (?:(?:further|invented|older|own|past|sponsored|stored) )*(?:{THINGS})\b")


@pytest.mark.parametrize("key", [key for key, template in catalogue("en").items() if fields(template)])
def test_one_thing_is_no_plural(key: str) -> None:
    said = text("en", key, **dict.fromkeys(fields(catalogue("en")[key]), 1))
    assert not ONE_OF_MANY.search(said)


def test_a_word_follows_the_number_it_is_counted_by() -> None:
    assert [text("en", "library.hours", hours=count) for count in (0, 1, 2)] == ["0 hours", "1 hour", "2 hours"]
    assert text("en", "doctor.login", name="b", guilds=1, link="x") == "Logged in as b, in 1 server. Invite it with x"
    with pytest.raises(KeyError):
        text("en", "library.hours", days=1)


def test_what_is_said_to_the_influencer_goes_down_to_what_stands_in_it_and_else_is_what_all_are_told() -> None:
    low = Message("because.low", {"criterion": Message("criterion.voice_match")})
    assert text("ja", "criterion.voice_match_you") in render(to_influencer("ja"), low)
    assert text("ja", "criterion.voice_match_you") not in render("ja", low)
    assert "offline.theme_you" not in catalogue("ja")
    assert text(to_influencer("ja"), "offline.theme", count=2) == text("ja", "offline.theme", count=2)
    assert to_influencer("en-GB") == to_influencer("en") != "en"


# Sections of what cards and evidence say, and the words by which they speak about the influencer to somebody else.
ON_CARDS = "because|cap|card|conflict|criterion|evidence|level|next|not_read|note|offline|reason|signal|versions"
ABOUT_THEM = {"en": r"\b(they|their|theirs|them|influencer|a person|approve)\b", "ja": "本人|インフルエンサー|人が読"}


@pytest.mark.parametrize(("language", "about_them"), ABOUT_THEM.items())
def test_nothing_in_a_check_of_ones_own_is_said_about_the_influencer(language: str, about_them: str) -> None:
    for key in to_all(catalogue(language)):
        if re.match(rf"({ON_CARDS})\.", key):
            template = next(catalogue(language)[one] for one in said_to_influencer(key) if one in catalogue(language))
            assert not re.search(about_them, re.sub(r"\{[^}]*\}", "", template), re.IGNORECASE), key


def said_to_influencer(key: str) -> tuple[str, ...]:
    return f"{key}_you", f"{key}_self", key


YOURS = {"en": r"\byours\b|\byour\b.*\bposts?\b", "ja": "(あなた|自分)の.*投稿|あなたらし"}


@pytest.mark.parametrize(("language", "yours"), YOURS.items())
def test_what_is_said_in_a_check_of_somebody_elses_draft_calls_no_post_ones_own(language: str, yours: str) -> None:
    for key in to_all(catalogue(language)):
        if re.match(rf"({ON_CARDS})\.", key):
            said = text(to_sender(language), key, **dict.fromkeys(fields(catalogue("en")[key]), 7))
            assert not re.search(yours, said, re.IGNORECASE), key


# No space stands beside what is put in as Japanese words, nor in the closed form of a version's number.
CLOSED = "because|cost|delimiter|format|how|month|next_month|version|where|which"
JAPANESE, LATIN = "[\u3040-\u30ff\u3400-\u9fff]", "[A-Za-z0-9]"
UNSPACED = re.compile(
    rf"{JAPANESE}(?:{LATIN}|[@/]|{{(?!(?:{CLOSED})\b))|(?:{LATIN}|{{(?!(?:{CLOSED})\b)[^}}]*}}|%){JAPANESE}|[}}\d] %"
)


def test_japanese_has_one_spacing_and_one_kind_of_question_mark() -> None:
    for key, template in catalogue("ja").items():
        if not key.startswith("month."):
            assert not UNSPACED.search(template.replace("{next_month}1日", "")), f"{key}: {template}"
            assert "?" not in template, key


def test_every_key_that_code_names_exists() -> None:
    sections = {key.split(".")[0] for key in KEYS}
    named = re.compile(rf'"((?:{"|".join(sorted(sections))})\.(?!png)[a-z_0-9]+)"')
    columns = {f"{table.name}.{column.name}" for table in metadata.tables.values() for column in table.columns}
    for path in ROOT.rglob("*.py"):
        for key in named.findall(path.read_text("utf-8")):
            assert key in KEYS or key in columns, f"{path.name} names {key}"


@pytest.mark.parametrize(
    ("section", "names"),
    [
        ("outcome", Outcome),
        ("criterion", CriterionKey),
        ("level", (*Level, *(f"disclosure_{level}" for level in Level if level is not Level.ABSTAIN))),
        ("history", DecisionKind),
        ("next", (Outcome.FITS, Outcome.DOES_NOT_FIT)),
        ("because", (CriterionKey.BELIEF_CONSISTENCY, CriterionKey.NOT_JUST_FOR_MONEY)),
        ("label_outcome", LabelOutcome),
        ("llm", Cause),
        ("notice", NoticeKind),
    ],
)
def test_keys_that_code_puts_together_exist(section: str, names: Iterable[str]) -> None:
    assert {f"{section}.{name}" for name in names} <= KEYS


def test_locales_fall_back_to_english() -> None:
    assert (supported("ja"), supported("en-GB"), supported("xx"), supported(None)) == ("ja", "en", "en", "en")


def test_messages_nest_and_survive_json() -> None:
    inner = Message("criterion.voice_match")
    stored = Message("because.low", {"criterion": {"key": inner.key, "values": {}}})
    assert render("ja", Message("because.low", {"criterion": inner})) == render("ja", stored)
    assert text("ja", "criterion.voice_match") in render("ja", stored)


def test_a_models_own_words_are_shown_as_they_are() -> None:
    assert render("ja", Message("literal", {"text": "{not} a template"})) == "{not} a template"


# What Discord takes at most, by the keys of what stands there; the first that matches counts. Longer buttons are cut.
LIMITS = (
    (r"command\.review_draft", 32),
    (r"command\..*", 100),
    (r"(form|field)\..*_hint", 100),
    (r"form\..*_title", 45 - len(": V-123456")),
    (r"(form|field)\..*", 45),
    (r"button\..*", 34),
    (r"help_(topic|for)\..*", 100),
    (r"(outcome|criterion|level)\..*|history\.(decided|format)_.*|setup\.own_name|answer\.whole", 60),
    (r"(label_platform|label_format|label_relation|rule_status)\..*", 100),
    (r"setup\..*_none|help\.choose|batch\.open|own\.choose", 150),
    (r"help\..*", 1500),
    (r"about\..*", 500),
    (r".*", 600),
)


@pytest.mark.parametrize("language", languages())
def test_every_text_fits_where_it_is_shown(language: str) -> None:
    for key, template in catalogue(language).items():
        limit = next(limit for pattern, limit in LIMITS if re.fullmatch(pattern, key))
        assert len(template) <= limit, f"{key} in {language}: {len(template)} of {limit}"


# What reaches people's eyes in bot/chat, by the name of what is called: places of arguments, and names.
SHOWN: dict[str, tuple[tuple[int, ...], tuple[str, ...]]] = {
    **dict.fromkeys(("send_message", "send", "reply", "say", "tell", "edit_original_response"), ((0, 1), ("content",))),
    **dict.fromkeys(("edit_message", "edit"), ((), ("content",))),
    "TextDisplay": ((0,), ("content",)),
    "Button": ((), ("label",)),
    **dict.fromkeys(("Select", "RoleSelect", "ChannelSelect", "UserSelect"), ((), ("placeholder",))),
    **dict.fromkeys(("SelectOption", "TextInput", "Label"), ((), ("label", "description", "placeholder", "text"))),
    "Modal": ((), ("title",)),
    "new_form": ((0,), ("title",)),
    "Choice": ((), ("name",)),
    "container": ((1,), ("blocks",)),
    "File": ((), ("description",)),
    **dict.fromkeys(("command", "Group"), ((), ("description",))),
    "describe": ((), ("*",)),
}
TELLING = {"text", "words_of", "said", "render", "level_words", "locale_str"}  # their literals are keys
NAMES = {"catch up", "lower center", "DejaVu Sans", "Noto Sans CJK JP", "Noto Sans JP", "Hiragino Sans", "Yu Gothic"}
WORD = re.compile(r"[^\W\d_]{2,}")
SENTENCE = re.compile(r"[^\W\d_]{2,},? [^\W\d_]{2,}|[\u3040-\u9fff]")


def literals(node: ast.AST) -> Iterator[str]:
    """The words in an expression, as far as they are no keys and no ids."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.Call) and called(node) in TELLING:
        return
    elif isinstance(node, ast.FormattedValue):
        yield from literals(node.value)
    elif isinstance(node, (ast.JoinedStr, ast.BinOp, ast.IfExp, ast.List, ast.Tuple, ast.Starred)):
        for below in ast.iter_child_nodes(node):
            yield from literals(below)


def called(call: ast.Call) -> str:
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def shown(path: Path) -> Iterator[tuple[int, str]]:
    """Line and words of every literal that is handed to something people see."""
    for call in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(call, ast.Call) and called(call) in SHOWN:
            places, names = SHOWN[called(call)]
            given = [call.args[place] for place in places if place < len(call.args)]
            given += [one.value for one in call.keywords if one.arg in names or "*" in names]
            for argument in given:
                yield from ((call.lineno, words) for words in literals(argument))


def sentences(path: Path) -> Iterator[tuple[int, str]]:
    """Line and words of every literal that reads like a sentence, wherever it stands; documentation left out."""
    tree = ast.parse(path.read_text("utf-8"))
    logged = [one for one in ast.walk(tree) if isinstance(one, ast.Call) and called(one) in {"guarded", "Boundary"}]
    silent = {id(below) for call in logged for below in ast.walk(call)}
    silent |= {id(one.value) for one in ast.walk(tree) if isinstance(one, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent:
            yield node.lineno, node.value


@pytest.mark.parametrize("path", sorted((ROOT / "chat").rglob("*.py")), ids=lambda path: path.name)
def test_no_text_stands_in_the_code(path: Path) -> None:
    assert [one for one in shown(path) if WORD.search(one[1])] == []
    assert [one for one in sentences(path) if SENTENCE.search(one[1]) and one[1] not in NAMES] == []


def test_a_text_in_the_code_is_found(tmp_path: Path) -> None:
    file = tmp_path / "one.py"
    file.write_text('ui.Button(label=f"Open {x}")\nlines.append("Not so fast")\ntext(language, "button.next")\n')
    assert [words for _, words in shown(file)] == ["Open "]
    assert [words for _, words in sentences(file) if SENTENCE.search(words)] == ["Not so fast"]
