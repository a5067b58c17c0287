"""A saved run can be read again and tells nobody's name; two runs are compared on what both scored, pair by pair."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from typer.testing import CliRunner

from bot.app import evaluate_directory
from bot.cli import app
from bot.config import Settings
from bot.errors import Problem
from bot.evaluation.compare import compare, read_saved, save
from bot.evaluation.scored import ScoredDraft, pseudonym
from tests.evaluation.samples import Scripted, drafts, run, scripted_rows, write


def scored(creators: int = 8, seed: int = 0) -> list[ScoredDraft]:
    """Eight drafts a creator; own ones tend to score higher, by more for some creators than for others."""
    rng = np.random.default_rng(seed)

    def one(creator: int, number: int) -> ScoredDraft:
        label: Literal[0, 1] = 1 if number % 2 else 0
        score = float(np.clip(rng.normal(0.4 + 0.05 * label * (creator % 5), 0.15), 0, 1))
        return ScoredDraft(f"d{number}", f"c{creator}", "genuine" if label else "random_other", label, score)

    return [one(creator, number) for creator in range(creators) for number in range(8)]


def rescored(drafts: list[ScoredDraft], probability: dict[int, float | None] | float) -> list[ScoredDraft]:
    """With every probability multiplied, or those of some rows replaced."""
    return [
        ScoredDraft(*draft.key, probability.get(row, draft.probability))
        if isinstance(probability, dict)
        else ScoredDraft(*draft.key, (draft.probability or 0) * probability)
        for row, draft in enumerate(drafts)
    ]


def test_a_run_does_not_differ_from_itself_in_any_order() -> None:
    comparison = compare(scored()[::-1], scored())
    assert (comparison.n, comparison.answered) == (64, 64)
    for name in ("auc_random", "ece", "brier", "coverage"):
        found = comparison.measures[name]
        assert found.old == found.new
        assert (found.difference, found.interval) == (0, (0, 0)), name
    assert comparison.measures["auc_hard"].interval is None
    assert comparison.measures["ece_sponsored"].difference is None


def test_the_bootstrap_is_paired() -> None:
    """Halving every probability keeps each draw's ranking, so that no draw differs in AUC; calibration does."""
    comparison = compare(scored(), rescored(scored(), 0.5))
    assert comparison.measures["auc_random"].interval == (0, 0)
    ece = comparison.measures["ece"]
    assert ece.interval is not None
    assert ece.interval[0] < ece.interval[1]
    assert ece.difference == pytest.approx((ece.new or 0) - (ece.old or 0))


def test_the_bootstrap_draws_creators_not_drafts() -> None:
    old, new = scored(creators=1), scored(creators=1, seed=1)
    found = compare(old, new).measures["brier"]
    assert found.difference
    assert found.interval
    assert found.interval == pytest.approx((found.difference, found.difference))


def test_a_clear_gain_excludes_zero_and_noise_does_not() -> None:
    better = rescored(scored(), {row: float(draft.label) for row, draft in enumerate(scored())})
    gain = compare(scored(), better).measures["auc_random"]
    assert gain.new == 1
    assert gain.interval is not None
    assert gain.interval[0] > 0
    noise = compare(scored(), rescored(scored(), {0: 0.5, 11: 0.5})).measures["brier"].interval
    assert noise is not None
    assert noise[0] <= 0 <= noise[1]


def test_drafts_of_one_run_only_are_left_out() -> None:
    foreign = [
        ScoredDraft("d0", "elsewhere", "genuine", 1, 0.0),
        ScoredDraft("d1", "c0", "hard_same_field", 0, 1.0),  # the same id, but another kind
    ]
    plain = compare(scored(), rescored(scored(), 0.9))
    assert compare([*scored(), *foreign], rescored(scored(), 0.9)) == plain
    assert compare(scored(), [*foreign, *rescored(scored(), 0.9)]) == plain


def test_what_one_run_abstained_on_ranks_in_neither_but_counts_as_not_covered() -> None:
    sure = rescored(scored(), {row: float(draft.label) for row, draft in enumerate(scored())})
    shy = rescored(sure, {1: None, 3: None})
    wrong = rescored(sure, {1: 0.0})
    comparison = compare(wrong, shy)
    assert (comparison.n, comparison.answered) == (64, 62)
    assert (comparison.measures["auc_random"].old, comparison.measures["auc_random"].new) == (1, 1)
    assert (comparison.measures["coverage"].old, comparison.measures["coverage"].new) == (1, 62 / 64)
    assert comparison.measures["accuracy_decided"].old == 63 / 64


async def test_a_saved_run_is_read_back_and_tells_neither_names_nor_texts(tmp_path: Path) -> None:
    rows = [row | {"id": f"calm-{row['id']}", "text": f"words {row['text']}"} for row in scripted_rows()]
    write(tmp_path, rows)
    done = await run(tmp_path, Scripted({"words a": 0.9, "words b": None, "words c": 0.1, "words d": 0.3}))
    path = tmp_path / "run.json"
    save(done, path)
    assert read_saved(path) == done.drafts
    text = path.read_text("utf-8")
    assert "calm" not in text
    assert "words" not in text
    content = json.loads(text)
    assert content["auc"] == done.report.auc
    assert content["drafts"][1] == {
        "draft": pseudonym("calm-b"),
        "creator": pseudonym("calm"),
        "kind": "genuine",
        "label": 1,
        "probability": None,
    }


ROW = '{"draft": "d", "creator": "c", "kind": "genuine", "label": 1, "probability": %s}'


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"[" * 10_000,
        b"[]",
        b'{"auc": {}}',
        b'{"drafts": []}',
        b'{"drafts": [{"draft": "d"}]}',
        *(b'{"drafts": [%s]}' % (ROW % score).encode() for score in ("1.5", "NaN", '"high"')),
        b'{"drafts": [%s]}' % (ROW % "0.5").replace("1,", "2,").encode(),
    ],
)
def test_a_file_that_is_no_saved_run_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "run.json"
    path.write_bytes(content)
    with pytest.raises(Problem, match=r"run\.json is no saved evaluation"):
        read_saved(path)


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(Problem, match=r"gone\.json cannot be read"):
        read_saved(tmp_path / "gone.json")


@pytest.mark.parametrize(
    ("option", "name", "says"),
    [
        ("against", "other.json", "holds none of these drafts"),
        ("against", "drafts.jsonl", "no saved evaluation"),
        ("save", "nowhere/run.json", "folder that exists"),
        ("save", ".", "folder that exists"),
        ("plot", "nowhere/plot.png", "folder that exists"),
        ("plot", "plot.pdf", r"end in \.png"),
    ],
)
async def test_files_that_cannot_serve_are_named_before_anything_is_scored(
    tmp_path: Path, option: str, name: str, says: str
) -> None:
    write(tmp_path, scripted_rows())
    other = [asdict(draft) for draft in scored()]
    (tmp_path / "other.json").write_text(json.dumps({"drafts": other}))
    scored_drafts: list[int] = []
    with pytest.raises(Problem, match=says):
        await evaluate_directory(
            tmp_path,
            judge="offline",
            limit=None,
            newest=None,
            prefix="",
            unfitted=False,
            settings=Settings(),
            on_progress=lambda done, _: scored_drafts.append(done),
            **{option: tmp_path / name},
        )
    assert not scored_drafts


def test_the_command_saves_compares_and_prints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, drafts(genuine="calm", random_other="loud"))
    command = ("eval", ".", "--save", "new.json")
    first = CliRunner().invoke(app, ["eval", ".", "--save", "old.json", "--newest", "5", "--json"])
    assert "against" not in json.loads(first.stdout)
    against = json.loads(CliRunner().invoke(app, [*command, "--against", "old.json", "--json"]).stdout)["against"]
    assert (against["n"], against["answered"]) == (4, 4)
    assert against["measures"]["auc_random"] == {"old": 1.0, "new": 1.0, "difference": 0.0, "interval": [0.0, 0.0]}
    table = CliRunner().invoke(app, [*command, "--against", "old.json"]).stdout
    assert "Compared on 4 drafts" in table
    assert any(line.split()[-6:] == ["1.000", "1.000", "+0.000", "0.000", "to", "0.000"] for line in table.splitlines())
