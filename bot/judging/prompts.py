"""The judge's prompts: Jinja2 templates filled with what one draft's evidence holds.

A template gets outside text only as marked lines, so one of a user's own cannot let it pass for an instruction either.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from random import Random

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from bot.errors import Problem
from bot.judging.dossier import statement_lines
from bot.judging.evidence import Evidence
from bot.judging.marked import marked
from bot.model.dossiers import Dossier
from bot.model.drafts import Attachment
from bot.model.posts import PastPost
from bot.model.verdicts import CriterionKey, Signal
from bot.model.workspace import Brand, Campaign, Influencer

# Each message's template and the values without which it would hide from the judge what it is to read.
REQUIRED = {
    "system": ("schema",),
    "history": ("brand", "brief", "influencer", "dossier", "posts"),
    "draft": ("task_id", "language", "signals", "disclosure", "nearest", "draft"),
    "images": ("task_id", "images"),
    "dossier": ("schema",),
    "dossier_posts": ("task_id", "limit", "posts"),
    "repair": ("task_id", "errors"),
    "check": ("task_id", "schema"),
}
_IMAGES = "images.md.j2"
_CHUNK_TEMPLATES = ("dossier.md.j2", "dossier_posts.md.j2")
_LANGUAGES = {
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "pt": "Portuguese",
    "zh": "Chinese",
}
_POSTS_PER_SIGNAL = 5


@dataclass(frozen=True, slots=True)
class Task:
    """What ties one answer to one draft. Both marks are unguessable; the draft's is fresh each time."""

    id: str
    history_mark: str
    draft_mark: str

    @property
    def marks(self) -> tuple[str, str]:
        return self.history_mark, self.draft_mark


@dataclass(frozen=True, slots=True)
class ChatMessage:
    role: str  # system, user
    content: str
    images: tuple[Attachment, ...] = ()  # after `content`


@dataclass(frozen=True, slots=True)
class History:
    """What the second message is made of: the same for all drafts of an influencer in a campaign, so kept."""

    campaign: Campaign
    influencer: Influencer
    posts: tuple[PastPost, ...]
    posts_stored: int
    mark: str
    dossier: Dossier | None
    only_quoted: frozenset[str]

    @classmethod
    def of(cls, evidence: Evidence, mark: str) -> History:
        return cls(
            evidence.campaign,
            evidence.influencer,
            evidence.posts,
            evidence.posts_stored,
            mark,
            evidence.dossier,
            evidence.only_quoted,
        )


class Prompts:
    """The shipped templates, each replaced by the one of the same name in `folder`. `hash` names their exact texts but
    for what only drafts with images are read with, `chunk_hash` those by which a dossier is made.

    Raises Problem when the folder is not there, or a template cannot be filled or leaves out what the judge must read.
    """

    def __init__(self, folder: Path | None = None) -> None:
        if folder and not folder.is_dir():
            raise Problem("prompt_problem.no_folder", path=str(folder))
        loader = FileSystemLoader([folder or shipped_folder(), shipped_folder()])
        self._environment = ImmutableSandboxedEnvironment(
            loader=loader, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, auto_reload=False
        )
        self._history = lru_cache(maxsize=32)(self._render_history)
        for name, values in REQUIRED.items():
            self._check(name, values)
        sources = {name: loader.get_source(self._environment, name)[0] for name in loader.list_templates()}
        self.hash = _fingerprint((name, source) for name, source in sources.items() if name != _IMAGES)
        self.chunk_hash = _fingerprint((name, sources[name]) for name in _CHUNK_TEMPLATES)

    def messages(self, evidence: Evidence, task: Task, schema: str = "") -> tuple[ChatMessage, ...]:
        """Static, then per snapshot, then per draft. `schema` is the JSON schema where the endpoint takes none."""
        draft = self._render("draft", **_draft(evidence, task))
        if evidence.images:
            draft += "\n\n" + self._render("images", **_images(evidence, task))
        return (
            ChatMessage("system", self._render("system", schema=schema)),
            ChatMessage("user", self._history(History.of(evidence, task.history_mark))),
            ChatMessage("user", draft, evidence.images),
        )

    def chunk(self, posts: Sequence[PastPost], limit: int, task: Task, schema: str = "") -> tuple[ChatMessage, ...]:
        """Asks for at most `limit` statements on one chunk of a history. Nothing here knows of a draft or a brand."""
        lines = _post_lines(posts, task.history_mark, _inverted(chunk_labels(posts)))
        values = {"task_id": task.id, "limit": limit, "mark": task.history_mark, "posts": lines}
        return (
            ChatMessage("system", self._render("dossier", schema=schema)),
            ChatMessage("user", self._render("dossier_posts", **values)),
        )

    def repair(self, task: Task, errors: Sequence[str]) -> ChatMessage:
        """Asks again: names what was wrong by JSON pointer, never the wrong answer itself."""
        return ChatMessage("user", self._render("repair", task_id=task.id, errors=errors))

    def check(self, task: Task, schema: str = "") -> tuple[ChatMessage, ...]:
        """Asks for an empty answer, to see whether and how an endpoint keeps to the schema."""
        return (ChatMessage("user", self._render("check", task_id=task.id, schema=schema)),)

    def _render_history(self, history: History) -> str:
        return self._render("history", **_history(history))

    def _render(self, name: str, **values: object) -> str:
        return self._environment.get_template(f"{name}.md.j2").render(values)

    def _check(self, name: str, required: Sequence[str]) -> None:
        """Fills the template once with a sentinel per value, so that a broken one is found at the start."""
        sentinels = {key: [f"sentinel-{key}"] if key == "errors" else f"sentinel-{key}" for key in required}
        extras = {"mark": "", "history_mark": "", "posts_shown": 0, "posts_stored": 0, "order": ""}
        file = f"{name}.md.j2"
        try:
            text = self._render(name, **extras, **sentinels)
        except TemplateSyntaxError as error:
            raise Problem("prompt_problem.syntax", file=error.name or file, line=error.lineno, why=error) from None
        except (TemplateError, OSError, TypeError, ValueError, ArithmeticError) as error:
            raise Problem("prompt_problem.unusable", file=file, why=error) from None
        for key in required:
            if f"sentinel-{key}" not in text:
                raise Problem("prompt_problem.leaves_out", file=file, name=key)


def shipped_folder() -> Path:
    """In an installed package the templates lie inside it, in a checkout beside it."""
    package = Path(__file__).parents[1]
    installed = package / "prompts"
    return installed if installed.is_dir() else package.parent / "prompts"


def _fingerprint(sources: Iterable[tuple[str, str]]) -> str:
    return sha256("\0".join(part for source in sources for part in source).encode()).hexdigest()


def chunk_labels(posts: Iterable[PastPost]) -> dict[str, str]:
    """Label in the prompt to the post's own id: `P1` is the first."""
    return {f"P{number}": post_id for number, post_id in enumerate(dict.fromkeys(post.id for post in posts), 1)}


def post_labels(evidence: Evidence) -> dict[str, str]:
    """Label in the prompt to the post's own id, for every post of which the judge reads a word.

    Posts that this draft brings along are numbered last, so that the others have the same number for every draft.
    """
    return chunk_labels((*evidence.posts, *evidence.nearest))


def _inverted(labels: Mapping[str, str]) -> dict[str, str]:
    return {post_id: label for label, post_id in labels.items()}


def _post_lines(posts: Iterable[PastPost], mark: str, label_of: Mapping[str, str]) -> str:
    return "\n".join(marked(mark, label_of[post.id], _note(post), post.text) for post in posts)


def _dossier(history: History, label_of: Mapping[str, str]) -> str:
    if history.dossier is None:
        return ""
    notes = {post.id: f"{_note(post)} quoted" for post in history.posts}
    return "\n".join(
        statement_lines(statement, history.mark, label_of.__getitem__, notes.__getitem__)
        for statement in history.dossier.statements
    )


def _history(history: History) -> dict[str, object]:
    mark = history.mark
    label_of = _inverted(chunk_labels(history.posts))
    posts = [post for post in history.posts if post.id not in history.only_quoted]
    return {
        "mark": mark,
        "brand": _brand(history.campaign.brand, mark),
        "brief": _brief(history.campaign, mark),
        "influencer": _influencer(history.influencer, mark),
        "dossier": _dossier(history, label_of),
        "posts": _post_lines(posts, mark, label_of),
        "posts_shown": len(posts),
        "posts_stored": history.posts_stored,
    }


def _rows(mark: str, source: str, rows: Sequence[tuple[str, str]]) -> str:
    return "\n".join(marked(mark, source, note, text) for note, text in rows if text)


def _brand(brand: Brand, mark: str) -> str:
    rows = [
        ("name", brand.name),
        ("about", brand.about),
        ("category", brand.category),
        *(("value", value.name) for value in brand.values),
        *(("claim", claim) for claim in brand.claims),
        *(("competitor", competitor) for competitor in brand.competitors),
    ]
    return _rows(mark, "brand", rows)


def _brief(campaign: Campaign, mark: str) -> str:
    rows = [
        ("campaign", campaign.name),
        ("goal", campaign.goal),
        ("brief", campaign.brief),
        *(("must say", line) for line in campaign.must_say),
        ("platform", f"{campaign.platform}, {campaign.format}"),
        ("relation", campaign.relation),
        ("countries", ", ".join(campaign.countries)),
    ]
    return _rows(mark, "brief", rows)


def _influencer(person: Influencer, mark: str) -> str:
    rows = [
        ("name", person.name),
        ("handle", person.handle),
        ("language", person.language),
        ("country", person.country or ""),
        ("platform", person.platform),
    ]
    return _rows(mark, "influencer", rows)


def _note(post: PastPost) -> str:
    day = f"{post.created_at:%Y-%m-%d}" if post.created_at else "undated"
    paid = {True: " sponsored", False: " unpaid", None: ""}[post.sponsored]
    return day + paid


def _draft(evidence: Evidence, task: Task) -> dict[str, object]:
    language = evidence.language
    label_of = _inverted(post_labels(evidence))
    signals, order = list(evidence.signals), list(CriterionKey)
    if evidence.reading > 1:  # an order that sways a reading must not sway all of them alike
        for shuffled in (signals, order):
            Random(evidence.reading).shuffle(shuffled)
    return {
        "task_id": task.id,
        "mark": task.draft_mark,
        "history_mark": task.history_mark,
        "language": _LANGUAGES.get(language, f"the language with ISO 639-1 code {language!r}"),
        "signals": "\n".join(json.dumps(_signal(signal, label_of)) for signal in signals),
        "order": ", ".join(order) if evidence.reading > 1 else "",
        "disclosure": _disclosure(evidence),
        "nearest": _post_lines(evidence.nearest, task.history_mark, label_of),
        "draft": _draft_lines(evidence, task.draft_mark),
    }


def _draft_lines(evidence: Evidence, mark: str) -> str:
    """What is said in a video is noted as such."""
    if not evidence.spoken:
        return marked(mark, "draft", "", evidence.draft)
    written = evidence.draft.removesuffix(evidence.spoken).rstrip()
    return _rows(mark, "draft", (("", written), ("spoken", evidence.spoken)))


def _images(evidence: Evidence, task: Task) -> dict[str, object]:
    names = [marked(task.draft_mark, "image", str(number), one.name) for number, one in enumerate(evidence.images, 1)]
    return {"task_id": task.id, "mark": task.draft_mark, "images": "\n".join(names)}


def _signal(signal: Signal, labels: Mapping[str, str]) -> dict[str, object]:
    value = None if signal.value is None else round(signal.value, 3)
    line: dict[str, object] = {"signal": signal.key, "value": value, "unit": signal.unit}
    if signal.n:
        line["posts_measured"] = signal.n
    if shown := [labels[post_id] for post_id in signal.post_ids if post_id in labels]:
        line["posts"] = shown[-_POSTS_PER_SIGNAL:]
    return line


def _disclosure(evidence: Evidence) -> str:
    """Keys and rules only: the sentences shown to people may quote the draft, and this part speaks to the judge."""
    found = evidence.disclosure
    return json.dumps(
        {
            "outcome": found.outcome,
            "country": found.country,
            "rule": found.rule,
            "findings": [message.key for message in found.messages],
        }
    )
