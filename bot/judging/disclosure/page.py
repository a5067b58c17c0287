"""The rules as a page for people: `python -m bot.judging.disclosure.page > docs/disclosure.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence

from bot.judging.disclosure.load import rulebook
from bot.judging.disclosure.patterns import fold_label
from bot.judging.disclosure.rulebook import Jurisdiction, LabelRule, Outcome, Platform, Source, Status
from bot.judging.disclosure.ruleset import ruleset, table
from bot.texts import text

_STATUS = {
    Status.ACCEPTED: "accepted",
    Status.GIFT_ONLY: "accepted for a gift with no duty to post, ignored otherwise",
    Status.SECONDARY: "only beside an accepted label",
    Status.WEAK: "weak: ask to change",
    Status.REFUSED: "refused",
    Status.UNSOURCED: "no source found: treated as weak",
}
_CELLS = {
    Status.GIFT_ONLY: "*gift*",
    Status.SECONDARY: "*beside*",
    Status.WEAK: "*weak*",
    Status.REFUSED: "no",
    Status.UNSOURCED: "*weak*",
}
_COMMON_LABELS = (
    *("ad", "advertisement", "sponsored", "paid partnership with {brand}", "paid", "gifted", "collab", "sp", "partner"),
    *("{brand}partner", "{brand}ad", "affiliate", "pr", "ad {brand}", "werbung", "publicité", "pub", "pubblicità"),
    *("publicidad", "広告", "プロモーション", "विज्ञापन"),
)


def page() -> str:
    """The whole page as Markdown."""
    book = rulebook()
    places = sorted(book.jurisdictions.values(), key=lambda place: place.name["en"])
    parts = [_opening(), *map(_place, places), _denials(), _ordinary(), _platforms(), _sensitive()]
    return "\n\n".join(parts) + "\n"


def _opening() -> str:
    book = rulebook()
    rows = [(f"`{outcome}`", text("en", f"label_outcome.{outcome}")) for outcome in Outcome]
    return "\n\n".join(
        [
            "# Disclosure rules",
            f"**{text('en', 'label.reservation', date=book.as_of.isoformat())}** This page is made from the files in "
            "`bot/judging/disclosure/rules/`; change those, not this page. Confidence: H the text of the rule was "
            "read, M a secondary source, L unconfirmed. The check decides by code alone, for every country of a "
            "campaign, and takes the worst. It shows decidable and consistent rules, not agreement with law.",
            "## Outcomes, worst first",
            _table(("Outcome", "Meaning"), rows),
            "On the command line, `python -m bot disclosure TEXT --country DE,JP` exits with 0 where every country "
            "passes, 1 where a label has to be mended, 2 for input that cannot be used, and 3 where something has to "
            "be known first, as what a video shows and says.",
            "## At a glance",
            "A paid post, told to the country's own audience. **yes** accepted · *weak* ask to change, or no source · "
            "no refused · *beside* only beside an accepted label · *gift* accepted for a gift with no duty to post · "
            "*lang* a label of another language · – no label here",
            _matrix(),
            "A single word is a label only as a tag or between edges (line ends, brackets, bars, dashes, a row of "
            "emoji); a phrase of two or more words counts anywhere. `{brand}` stands for the campaign's brand, its "
            "aliases and handles, `{link}` for a link right behind, `(a|b)` for either.",
            "## A row is wrong, or missing",
            "Open an issue that names the row (last column), the label, the country, and a page that says otherwise, "
            "with the day you read it. Or change the row in its file, with `as_of` set to that day: a row without "
            "date or source is refused when the rules are loaded, and the tests hold this page to the files. Until "
            "then a server can set down its own rule with `/disclosure rules add`: it goes before the row for its "
            "drafts alone, and every answer names it as the server's own.",
        ]
    )


def _place(place: Jurisdiction) -> str:
    rows = [
        (_STATUS[rule.status], _labels(rule), rule.language, _only(rule), _source(rule.source), rule.id)
        for rule in sorted(place.labels, key=lambda rule: list(_STATUS).index(rule.status))
    ]
    codes = ", ".join((place.code, *place.aliases))
    return "\n\n".join(
        [
            f"## {place.name['en']}",
            f"Country codes: {codes}. Audience languages, unless others are given: {', '.join(place.languages)}.",
            _table(("Status", "Labels", "Language", "Only", "Source", "Row"), rows),
            "\n".join(_notes(place)),
            *_states(place),
        ]
    )


def _states(union: Jurisdiction) -> Iterator[str]:
    """The countries that have no rules but these."""
    states = [state for state in rulebook().states.values() if state.general == union.code]
    if not states:
        return
    yield (
        "These countries have no file of their own. They get the rules above in their own languages, and every result "
        "says that no national rules were checked. Where no label of a country's language is sourced, its own word "
        "for advertising and the English one are weak, and nothing passes."
    )
    rows = [
        (
            state.name["en"],
            ", ".join((state.code, *state.aliases)),
            ", ".join(state.languages),
            _code(state.fix("paid", state.languages)),
            ", ".join(_code(label) for rule in state.labels if rule not in union.labels for label in _own_words(rule)),
        )
        for state in states
    ]
    yield _table(("Country", "Codes", "Languages", "Ready line", "Weak words of its own"), rows)


def _own_words(rule: LabelRule) -> tuple[str, ...]:
    return rule.labels if rule.status is Status.UNSOURCED else ()


def _notes(place: Jurisdiction) -> Iterator[str]:
    lines = (
        f"{relation}: {' or '.join(f'`{line}`' for line in dict.fromkeys(each.values()))}"
        for relation, each in place.fixes.items()
    )
    yield f"- Ready lines: {'; '.join(lines)}."
    if place.tag_limit:
        yield f"- Only the first {place.tag_limit} tags count. {_source(place.placement_source)}"
    yield f"- The platform's own setting alone: {place.tool_severity}. {_source(place.tool_source)}"
    for relation in place.relations.values():
        asked = f" {text('en', f'label_question.{relation.question}')}" if relation.question else ""
        yield f"- Relation {relation.relation}: {relation.duty}.{asked} {_source(relation.source)}"
    for rule in dict.fromkeys(place.formats.values()):
        needs = " and ".join("overlay or spoken" if need == "either" else need for need in rule.needs)
        every = ", on every frame" if rule.every else ""
        asked = f" {text('en', f'label_question.{rule.question}')}" if rule.question else ""
        yield f"- {', '.join(sorted(rule.formats))}: label in {needs}{every}.{asked} {_source(rule.source)}"


def _matrix() -> str:
    """What each country makes of the labels that are met most."""
    places = sorted(rulebook().jurisdictions.values(), key=lambda place: place.code)
    rows = [(_code(label), *(_cell(place, label) for place in places)) for label in _COMMON_LABELS]
    return _table(("Label", *(place.code for place in places)), rows)


def _cell(place: Jurisdiction, label: str) -> str:
    worths = table(ruleset(), place.code, "paid", place.as_of, place.languages)
    key = fold_label(label)
    rule = worths.accepted.get(key) or worths.weak.get(key) or worths.other_relation.get(key)
    if rule and rule.status is not Status.ACCEPTED:
        return _CELLS[rule.status]
    worth = worths.worth(key, "beside" if rule and rule.forms == {"beside"} else "tag")
    if worth is None:
        return "–"
    return {Outcome.PASS: "**yes**", Outcome.WRONG_LANGUAGE: "*lang*"}.get(worth.finding.outcome, "*weak*")


def _code(label: str) -> str:
    return f"`{label}`".replace("|", "\\|")


def _labels(rule: LabelRule) -> str:
    return ", ".join(map(_code, rule.labels))


def _only(rule: LabelRule) -> str:
    parts = [", ".join(sorted(rule.relations))] if len(rule.relations) == 1 else []
    parts += [f"from {rule.valid_from}"] if rule.valid_from else []
    parts += [f"until {rule.valid_to}"] if rule.valid_to else []
    return "; ".join(parts)


def _denials() -> str:
    rows = [
        (
            rule.language,
            ", ".join(map(_code, rule.labels)),
            _source(rule.source),
            rule.id,
        )
        for rule in rulebook().contradictions
    ]
    how = "In any country and language, also over one line break, and joined as a tag."
    return f"## Words that deny the label\n\n{how}\n\n" + _table(("Language", "Words", "Source", "Row"), rows)


def _ordinary() -> str:
    rows = [(_code(one.label), ", ".join(one.before), ", ".join(one.behind)) for one in rulebook().ordinary]
    table = _table(("Word", "Right before it", "Right behind it"), rows)
    return f"## Words of a sentence that are no label beside these\n\n{table}"


def _platforms() -> str:
    rows = [
        (
            platform.name,
            str(platform.chars or "all"),
            str(platform.lines or "all"),
            _source(platform.source),
            _tool(platform),
        )
        for platform in dict.fromkeys(rulebook().platforms.values())
    ]
    return "## Platforms\n\n" + _table(("Platform", "Characters shown", "Lines shown", "Source", "Own setting"), rows)


def _sensitive() -> str:
    rows = [
        (text("en", f"label_category.{rule.category}"), rule.scope, rule.effect, rule.note["en"], _source(rule.source))
        for rule in sorted(rulebook().sensitive, key=lambda rule: (rule.category, rule.scope))
    ]
    return "## Sensitive products\n\nA flag asks for a closer look; it never changes an outcome.\n\n" + _table(
        ("Product", "Where", "Effect", "Note", "Source"), rows
    )


def _tool(platform: Platform) -> str:
    if platform.tool_source is None:
        return ""
    return f"{text('en', f'label_tool.{platform.tool}')} {_source(platform.tool_source)}"


def _source(source: Source) -> str:
    link = "no source" if source.kind == "none" else f"[{source.kind}]({source.url})"
    return f"{link}, {source.as_of.isoformat()}, {source.confidence}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


if __name__ == "__main__":
    sys.stdout.write(page())
