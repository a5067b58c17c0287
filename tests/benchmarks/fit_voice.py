"""Fits the weights of voice likeness from a labelled directory in the format of `eval`.

    python -m tests.benchmarks.fit_voice DIR [--out bot/judging/voice_weights.json]

Reads creators.jsonl and drafts.jsonl, and ig_creators.jsonl and ig_drafts.jsonl where they are. Only the creators of the
fitted half (bot.evaluation.is_fitted) are looked at, as background too; the other half stays unseen for `eval --fold
unfitted`. One model serves all store sizes: every store is cut to its newest 5, 10, ... posts and all cuts are fitted
together, each with the same weight. Prints cross-validated figures, six folds by creator. About five minutes.
"""

import argparse
import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bot.evaluation import Creator, Labelled, auc, calibration_error, is_fitted, read_labelled
from bot.judging.voice import Corpus, Profile
from bot.judging.voice_features import HABIT_BINS
from bot.judging.voice_model import N_INPUTS, WEIGHTS, Model
from bot.judging.voice_text import HABITS, Floats, encode, normalise

CUTS: tuple[tuple[str, int | None], ...] = (
    ("", 5), ("", 10), ("", 20), ("", 50), ("", 100), ("", 200), ("", None), ("ig_", 5), ("ig_", None),
)  # fmt: skip
RIDGE, SET_WEIGHT, MIMIC_WEIGHT, FOLDS = 150.0, 1500.0, 0.02, 6
SPONSORED = ("sponsored_own", "sponsored_other")
MIMICKED = "mimicked"
PAIRS = (("genuine", "random_other"), ("genuine", "hard_same_field"), SPONSORED, ("genuine", MIMICKED))
PLAIN = (1.0, 0.0, 0.0, 0.0)
_MARK = re.compile(r"#\w+|[\u2600-\u27bf\U0001f000-\U0001faff]")


@dataclass(frozen=True, slots=True)
class Block:
    """The drafts of one creator under one cut: model inputs (drafts, N_INPUTS), labels 0/1 and kinds."""

    cut: tuple[str, int | None]
    creator: str
    n_posts: int
    inputs: Floats
    labels: Floats
    kinds: tuple[str, ...]

    @property
    def weights(self) -> Floats:
        return np.array([MIMIC_WEIGHT if kind == MIMICKED else 1.0 for kind in self.kinds])


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
    favourites = Counter(mark for post in stored for mark in set(_MARK.findall(post))).most_common(3)
    tail = " ".join(mark for mark, _ in favourites)
    return [f"{text} {tail}" for text in texts] if tail else []


def block(
    cut: tuple[str, int | None], creator: Creator, profile: Profile, drafts: Sequence[tuple[str, str, int]]
) -> Block:
    impostors = [text for kind, text, _ in drafts if kind in ("random_other", "hard_same_field")]
    rows = [*drafts, *((MIMICKED, text, 0) for text in mimicked(impostors, creator.stored))]
    texts = [profile.novel(text)[0] or normalise(text) for _, text, _ in rows]
    labels = np.array([label for _, _, label in rows], float)
    return Block(
        cut, creator.name, profile.n_posts, profile.measure(texts)[1], labels, tuple(kind for kind, _, _ in rows)
    )


def blocks_of(cut: tuple[str, int | None], labelled: Labelled, model: Model) -> list[Block]:
    newest = cut[1]
    creators = [Creator(c.name, c.stored[-newest:] if newest else c.stored) for c in labelled.creators]
    corpus = Corpus({creator.name: creator.stored for creator in creators}, model=model)
    drafts = defaultdict(list)
    for draft in labelled.drafts:
        drafts[draft.creator].append((draft.kind, draft.text, draft.label))
    return [block(cut, c, corpus.profile(c.name), drafts[c.name]) for c in creators if drafts[c.name]]


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
    totals: dict[tuple[str, int | None], float] = defaultdict(float)
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
        sizes = np.concatenate([np.full(len(o), b.n_posts) for b, o in chosen])
        aucs = [auc(odds[kinds == own], odds[kinds == other]) or float("nan") for own, other in PAIRS]
        errors = []
        for sponsored, among in ((False, ("genuine", "random_other", "hard_same_field")), (True, SPONSORED)):
            at = np.flatnonzero(np.isin(kinds, among))
            p = [model.probability(odds[i], int(sizes[i]), sponsored=sponsored) for i in at]
            errors.append(calibration_error(np.array(p), labels[at]))
        row = "  ".join(f"{value:15.3f}" for value in aucs)
        print(f"{cut[0]:>4}{cut[1] or 'all':>5}  {row}  {errors[0]:.3f}  {errors[1]:.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory", type=Path)
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[2] / "bot" / "judging" / WEIGHTS)
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
