"""Fits the weights of voice likeness from a labelled directory in the format of `eval`.

    python -m tests.benchmarks.fit_voice DIR [--out FILE]

Reads creators.jsonl and drafts.jsonl, and ig_creators.jsonl and ig_drafts.jsonl where they are; uses `lang` and, where
given, `field` of a creator. Only creators of the fitted half (bot.evaluation.is_fitted) are looked at, as background
too: the other half stays unseen for `eval --fold unfitted`. One model serves all store sizes: every store is cut to its
newest 5, 10, ... posts and all cuts are fitted together with the same weight. Beside the labelled drafts each creator's
newest stored posts are held out once as drafts, for the creator and for others. Prints cross-validated figures, six
folds by creator. About two minutes on one core; the same directory gives the same weights.
"""

import argparse
import hashlib
import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bot.evaluation.labelled import Creator, Labelled, LabelledDraft, is_fitted, read_labelled
from bot.evaluation.measures import auc, calibration_error
from bot.judging.voice import Corpus, Profile
from bot.judging.voice.features import HABIT_BINS
from bot.judging.voice.grams import HABITS, Floats, encode
from bot.judging.voice.model import N_INPUTS, WEIGHTS, Model, probability
from bot.judging.voice.text import normalise

Cut = tuple[str, int | None]  # prefix of the set, newest posts kept
CUTS: tuple[Cut, ...] = (
    ("", 5), ("", 10), ("", 20), ("", 50), ("", 100), ("", 200), ("", None), ("ig_", 5), ("ig_", None),
)  # fmt: skip
RIDGE, SET_WEIGHT, FOLDS = 150.0, 1500.0, 6
SPONSORED = ("sponsored_own", "sponsored_other")
MIMICKED, HELD_OWN, HELD_OTHER = "mimicked", "held_own", "held_other"
WEIGHT_OF_KIND = {MIMICKED: 0.02, HELD_OWN: 0.4, HELD_OTHER: 0.4}
HELD_OUT = {"": 60, "ig_": 3}  # newest posts of each store
MIN_STORED = 4
PAIRS = (("genuine", "random_other"), ("genuine", "hard_same_field"), SPONSORED, ("genuine", MIMICKED))
PLAIN = (1.0, 0.0, 0.0, 0.0)
_MARK = re.compile(r"#\w+|[\u2600-\u27bf\U0001f000-\U0001faff]")


@dataclass(frozen=True, slots=True)
class Block:
    """The drafts of one creator under one cut: model inputs (drafts, N_INPUTS), labels 0/1 and kinds."""

    cut: Cut
    creator: str
    n_posts: int
    inputs: Floats
    labels: Floats
    kinds: tuple[str, ...]

    @property
    def weights(self) -> Floats:
        return np.array([WEIGHT_OF_KIND.get(kind, 1.0) for kind in self.kinds])


def habit_edges(labelled: Sequence[Labelled]) -> Floats:
    """Bin edges: quantiles of each habit over the same number of posts of each set; ties are dropped."""
    sets = [
        encode([normalise(post) for creator in each.creators for post in creator.stored[-80:]]) for each in labelled
    ]
    smallest = min(map(len, sets))
    rng = np.random.default_rng(0)
    habits = np.concatenate([each.habits[rng.permutation(len(each))[:smallest]] for each in sets])
    edges = np.full((len(HABITS), HABIT_BINS - 1), np.inf)
    for row, column in zip(edges, habits.T, strict=True):
        quantiles = np.unique(np.quantile(column, (0.1, 0.3, 0.5, 0.7, 0.9)))
        row[: len(quantiles)] = quantiles + 1e-6 * np.maximum(1, np.abs(quantiles))  # an edge lies above its value
    return edges


def mimicked(texts: Sequence[str], stored: Sequence[str]) -> list[str]:
    """The texts with the creator's three favourite emoji or hashtags put at the end."""
    favourites = Counter(mark for post in stored for mark in sorted(set(_MARK.findall(post)))).most_common(3)
    tail = " ".join(mark for mark, _ in favourites)
    return [f"{text} {tail}" for text in texts] if tail else []


def block(cut: Cut, creator: Creator, profile: Profile, drafts: Sequence[tuple[str, str, int]]) -> Block:
    impostors = [text for kind, text, _ in drafts if kind in ("random_other", "hard_same_field")]
    rows = [*drafts, *((MIMICKED, text, 0) for text in mimicked(impostors, creator.stored))]
    texts = [profile.novel(text)[0] or normalise(text) for _, text, _ in rows]
    labels = np.array([label for _, _, label in rows], float)
    return Block(
        cut, creator.name, profile.n_posts, profile.measure(texts)[1], labels, tuple(kind for kind, _, _ in rows)
    )


def blocks_of(cut: Cut, labelled: Labelled, model: Model) -> list[Block]:
    newest = cut[1]
    creators = [Creator(c.name, c.stored[-newest:] if newest else c.stored) for c in labelled.creators]
    corpus = Corpus({creator.name: creator.stored for creator in creators}, model=model)
    drafts = defaultdict(list)
    for draft in labelled.drafts:
        drafts[draft.creator].append((draft.kind, draft.text, draft.label))
    return [block(cut, c, corpus.profile(c.name), drafts[c.name]) for c in creators if drafts[c.name]]


def groups_of(directory: Path, prefix: str) -> dict[str, tuple[str, str]]:
    """Language and field of each creator."""
    rows = map(json.loads, (directory / f"{prefix}creators.jsonl").read_text("utf-8").splitlines())
    return {row["creator"]: (row["lang"], row.get("field") or "") for row in rows}


def held_out(cut: Cut, labelled: Labelled, groups: dict[str, tuple[str, str]]) -> Labelled:
    """The creators' newest posts as drafts: each creator's own, and as many by others of the language, half of them of
    the same field."""
    n = HELD_OUT[cut[0]]
    creators = [creator for creator in labelled.creators if len(creator.stored) >= n + MIN_STORED]
    rng = random.Random(0)
    drafts: list[LabelledDraft] = []
    for creator in creators:
        language, field = groups[creator.name]
        others = [other for other in creators if other is not creator and groups[other.name][0] == language]
        near = [other for other in others if groups[other.name][1] == field] or others
        if others:
            chosen = [rng.choice(near if number % 2 else others) for number in range(n)]
            texts = [rng.choice(other.stored[-n:]) for other in chosen]
            drafts += [LabelledDraft(creator.name, HELD_OWN, 1, text) for text in creator.stored[-n:]]
            drafts += [LabelledDraft(creator.name, HELD_OTHER, 0, text) for text in texts]
    return Labelled(tuple(Creator(c.name, c.stored[:-n]) for c in creators), tuple(drafts))


def logistic(inputs: Floats, labels: Floats, weights: Floats, ridge: float) -> Floats:
    """Weights and bias by Newton's method; `ridge` pulls all but the bias to zero."""
    x = np.column_stack([inputs, np.ones(len(inputs))])
    penalty = np.full(x.shape[1], ridge)
    penalty[-1] = 1e-6
    beta = np.zeros(x.shape[1])
    for _ in range(40):
        p = 1 / (1 + np.exp(-np.clip(x @ beta, -30, 30)))
        gradient = x.T @ (weights * (p - labels)) + penalty * beta
        hessian = (x * (weights * p * (1 - p))[:, None]).T @ x + np.diag(penalty)
        step = np.linalg.solve(hessian, gradient)
        beta -= step
        if np.abs(step).max() < 1e-7:
            break
    return beta


def fit(blocks: Sequence[Block]) -> Floats:
    """Weights on the raw inputs and the bias, shape (N_INPUTS + 1,)."""
    totals: dict[Cut, float] = defaultdict(float)
    for each in blocks:
        totals[each.cut] += each.weights.sum()
    inputs, labels = np.concatenate([b.inputs for b in blocks]), np.concatenate([b.labels for b in blocks])
    weights = np.concatenate([b.weights * SET_WEIGHT / totals[b.cut] for b in blocks])
    mean, spread = inputs.mean(0), inputs.std(0) + 1e-9
    beta = logistic((inputs - mean) / spread, labels, weights, RIDGE)
    raw = beta[:-1] / spread
    return np.append(raw, beta[-1] - raw @ mean)


def fold_of(creator: str) -> int:
    return int(hashlib.md5(creator.encode(), usedforsecurity=False).hexdigest(), 16) % FOLDS


def cross_validated(blocks: Sequence[Block]) -> list[Floats]:
    """Log-odds of each block from a model that has not seen its creator."""
    betas = [fit([b for b in blocks if fold_of(b.creator) != fold]) for fold in range(FOLDS)]
    return [b.inputs @ betas[fold_of(b.creator)][:-1] + betas[fold_of(b.creator)][-1] for b in blocks]


def calibrate(blocks: Sequence[Block], log_odds: Sequence[Floats], kinds: Sequence[str]) -> tuple[float, ...]:
    """Slope and shift of the log-odds, each also with ln(posts stored), from cross-validated log-odds."""
    rows, labels, weights = [], [], []
    count = Counter(b.cut for b in blocks for kind in b.kinds if kind in kinds)
    for each, odds in zip(blocks, log_odds, strict=True):
        chosen = np.isin(each.kinds, kinds)
        size = np.full(chosen.sum(), np.log(each.n_posts))
        rows.append(np.column_stack([odds[chosen], odds[chosen] * size, size]))
        labels.append(each.labels[chosen])
        weights.append(np.full(chosen.sum(), SET_WEIGHT / max(count[each.cut], 1)))
    slope, slope_by_size, shift_by_size, shift = logistic(
        np.concatenate(rows), np.concatenate(labels), np.concatenate(weights), 1.0
    ).tolist()
    return slope, shift, slope_by_size, shift_by_size


def report(model: Model, blocks: Sequence[Block], log_odds: Sequence[Floats]) -> None:
    print(f"{'cut':>9}  " + "  ".join(f"{other:>15}" for _, other in PAIRS) + "   ECE  sponsored")
    for cut in CUTS:
        chosen = [(b, odds) for b, odds in zip(blocks, log_odds, strict=True) if b.cut == cut]
        if not chosen:
            continue
        kinds, odds = np.concatenate([b.kinds for b, _ in chosen]), np.concatenate([o for _, o in chosen])
        labels = np.concatenate([b.labels for b, _ in chosen])
        sizes = np.concatenate([np.full(len(o), float(b.n_posts)) for b, o in chosen])
        aucs = [auc(odds[kinds == own], odds[kinds == other]) or float("nan") for own, other in PAIRS]
        errors = []
        for sponsored, among in ((False, ("genuine", "random_other", "hard_same_field")), (True, SPONSORED)):
            at = np.flatnonzero(np.isin(kinds, among))
            calibrated = model.calibrated(odds[at], sizes[at], sponsored=sponsored)
            errors.append(calibration_error(probability(calibrated), labels[at]))
        row = "  ".join(f"{value:15.3f}" for value in aucs)
        print(f"{cut[0]:>4}{cut[1] or 'all':>5}  {row}  {errors[0]:.3f}  {errors[1]:.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory", type=Path)
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[2] / "bot" / "judging" / "voice" / WEIGHTS)
    arguments = parser.parse_args()
    labelled = {}
    for prefix in sorted({prefix for prefix, _ in CUTS}):
        if (arguments.directory / f"{prefix}creators.jsonl").exists():
            labelled[prefix] = read_labelled(arguments.directory, prefix).restricted(is_fitted)
    blank = Model(habit_edges(list(labelled.values())), np.zeros(N_INPUTS), 0.0, {"plain": PLAIN, "sponsored": PLAIN})
    blocks: list[Block] = []
    for cut in CUTS:
        if cut[0] in labelled:
            blocks += blocks_of(cut, labelled[cut[0]], blank)
            groups = groups_of(arguments.directory, cut[0])
            blocks += blocks_of(cut, held_out(cut, labelled[cut[0]], groups), blank)
            print(f"measured {cut[0]}{cut[1] or 'all'}", flush=True)
    log_odds = cross_validated(blocks)
    calibration = {
        "plain": calibrate(blocks, log_odds, ("genuine", "random_other", "hard_same_field")),
        "sponsored": calibrate(blocks, log_odds, SPONSORED),
    }
    beta = fit(blocks)
    model = Model(blank.edges, beta[:-1], float(beta[-1]), calibration)
    report(model, blocks, log_odds)
    arguments.out.write_text(model.to_json(), "utf-8")
    print(f"wrote {arguments.out}")


if __name__ == "__main__":
    main()
