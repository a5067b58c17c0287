"""Fits the weights of voice likeness from a labelled directory in the format of `eval`.

    python -m tests.benchmarks.fit_voice DIR [--out FILE] [--every-creator]

Reads creators.jsonl and drafts.jsonl, and ig_creators.jsonl and ig_drafts.jsonl where they are; uses `lang` and, where
given, `field` of a creator and `author` of a draft. Only creators of the fitted half (is_fitted of
bot.evaluation.labelled) are looked at, as background too: the other half stays unseen for `eval --unfitted`. One model
serves all store sizes: every store is cut to its newest 5, 10, ... posts and all cuts are fitted together with the same
weight, half of it on the creators' own drafts. Beside the labelled drafts each creator's newest stored posts are held
out once as drafts, for the creator and for others. Prints cross-validated figures, six folds by creator; with
--every-creator those of all creators, and writes nothing. About two minutes on one core; the same directory gives the
same weights.
"""

import argparse
import hashlib
import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.evaluation.labelled import Creator, Labelled, LabelledDraft, is_fitted, read_labelled
from bot.evaluation.measures import PLAIN, SPONSORED, auc, calibration_error, error_by_chance
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
MIMICKED, HELD_OWN, HELD_OTHER = "mimicked", "held_own", "held_other"
WEIGHT_OF_KIND = {MIMICKED: 0.02, HELD_OWN: 0.4, HELD_OTHER: 0.4}
HELD_OUT = {"": 60, "ig_": 3}  # newest posts of each store
MIN_STORED = 4
PAIRS = (("genuine", "random_other"), ("genuine", "hard_same_field"), SPONSORED, ("genuine", MIMICKED))
_MARK = re.compile(r"#\w+|[\u2600-\u27bf\U0001f000-\U0001faff]")


@dataclass(frozen=True, slots=True)
class Block:
    """The drafts of one creator under one cut: model inputs (drafts, N_INPUTS), labels 0/1, kinds, and whether the
    author is not one of those left out."""

    cut: Cut
    creator: str
    inputs: Floats
    labels: Floats
    kinds: tuple[str, ...]
    known: NDArray[np.bool_]

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


def block(
    cut: Cut, creator: Creator, profile: Profile, drafts: Sequence[LabelledDraft], left_out: Container[str]
) -> Block:
    impostors = [draft.text for draft in drafts if draft.kind in ("random_other", "hard_same_field")]
    mimics = [LabelledDraft(creator.name, MIMICKED, 0, text) for text in mimicked(impostors, creator.stored)]
    rows = [*drafts, *mimics]
    texts = [profile.novel(row.text)[0] or normalise(row.text) for row in rows]
    labels, known = np.array([row.label for row in rows], float), np.array([row.author not in left_out for row in rows])
    return Block(cut, creator.name, profile.measure(texts)[1], labels, tuple(row.kind for row in rows), known)


def blocks_of(cut: Cut, labelled: Labelled, model: Model, left_out: Container[str] = ()) -> list[Block]:
    newest = cut[1]
    creators = [Creator(c.name, c.stored[-newest:] if newest else c.stored) for c in labelled.creators]
    corpus = Corpus({creator.name: creator.stored for creator in creators}, model=model)
    drafts = defaultdict(list)
    for draft in labelled.drafts:
        drafts[draft.creator].append(draft)
    return [block(cut, c, corpus.profile(c.name), drafts[c.name], left_out) for c in creators if drafts[c.name]]


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
    inputs, labels = np.concatenate([b.inputs for b in blocks]), np.concatenate([b.labels for b in blocks])
    weights = balanced(blocks, [b.weights for b in blocks])
    mean, spread = inputs.mean(0), inputs.std(0) + 1e-9
    beta = logistic((inputs - mean) / spread, labels, weights, RIDGE)
    raw = beta[:-1] / spread
    return np.append(raw, beta[-1] - raw @ mean)


def balanced(blocks: Sequence[Block], weights: Sequence[Floats]) -> Floats:
    """The weights of all rows, scaled: every cut weighs the same and, within it, own drafts as much as others'."""
    totals: dict[tuple[Cut, float], float] = defaultdict(float)
    for each, some in zip(blocks, weights, strict=True):
        for label in (0.0, 1.0):
            totals[each.cut, label] += some[each.labels == label].sum()
    scaled = [
        some * [SET_WEIGHT / 2 / max(totals[each.cut, label], 1) for label in each.labels.tolist()]
        for each, some in zip(blocks, weights, strict=True)
    ]
    return np.concatenate(scaled)


def fold_of(creator: str) -> int:
    return int(hashlib.md5(creator.encode(), usedforsecurity=False).hexdigest(), 16) % FOLDS


def cross_validated(blocks: Sequence[Block]) -> list[Floats]:
    """Log-odds of each block from a model that has not seen its creator."""
    betas = [fit([b for b in blocks if fold_of(b.creator) != fold]) for fold in range(FOLDS)]
    return [b.inputs @ betas[fold_of(b.creator)][:-1] + betas[fold_of(b.creator)][-1] for b in blocks]


def calibrated(blocks: Sequence[Block], log_odds: Sequence[Floats]) -> tuple[float, float, float]:
    """Slope and shift of the log-odds of all drafts, and what sponsored ones are shifted by besides.

    Rests on drafts of `known` authors alone: in use a background holds the posts of those whose drafts are told apart,
    and drafts that are harder than that would make the model too timid.
    """
    odds, labels = np.concatenate(log_odds), np.concatenate([b.labels for b in blocks])
    plain, sponsored = (
        balanced(blocks, [(b.known & np.isin(b.kinds, kinds)).astype(float) for b in blocks])
        for kinds in (PLAIN, SPONSORED)
    )
    slope, shift = logistic(odds[:, None], labels, plain, 0.0).tolist()
    # Too few drafts for a slope: the most likely shift gives a mean probability of one half, as own drafts weigh.
    shifts = np.linspace(-4, 4, 401)
    means = [np.average(probability(slope * odds + shift + more), weights=sponsored) for more in shifts]
    return slope, shift, float(np.interp(0.5, means, shifts))


def cross_calibrated(blocks: Sequence[Block], log_odds: Sequence[Floats]) -> list[Floats]:
    """The cross-validated log-odds, calibrated on the other folds."""
    folds = [fold_of(b.creator) for b in blocks]
    found = []
    for fold in range(FOLDS):
        others = [number for number, of_block in enumerate(folds) if of_block != fold]
        found.append(calibrated([blocks[at] for at in others], [log_odds[at] for at in others]))
    values = [found[fold] for fold in folds]
    return [
        slope * odds + shift + sponsored * np.isin(b.kinds, SPONSORED)
        for b, odds, (slope, shift, sponsored) in zip(blocks, log_odds, values, strict=True)
    ]


def even(rows: NDArray[np.intp], labels: Floats) -> NDArray[np.intp]:
    """As many rows of either label, spread evenly: the odds that the model assumes."""
    sides = [rows[labels[rows] == label] for label in (0, 1)]
    n = min(map(len, sides))
    return np.concatenate([side[np.linspace(0, len(side) - 1, n).astype(int)] for side in sides])


def report(blocks: Sequence[Block], log_odds: Sequence[Floats]) -> None:
    """Prints AUC by pair, and calibration error beside what chance alone would give (mean, 95th percentile)."""
    print(
        f"{'cut':>9}  "
        + "  ".join(f"{other:>15}" for _, other in PAIRS)
        + "   ECE (chance)           sponsored (chance)"
    )
    for cut in CUTS:
        chosen = [(b, odds) for b, odds in zip(blocks, log_odds, strict=True) if b.cut == cut]
        if not chosen:
            continue
        kinds, odds = np.concatenate([b.kinds for b, _ in chosen]), np.concatenate([o for _, o in chosen])
        labels, known = np.concatenate([b.labels for b, _ in chosen]), np.concatenate([b.known for b, _ in chosen])
        aucs = [auc(odds[kinds == own], odds[kinds == other]) or float("nan") for own, other in PAIRS]
        errors = []
        for among in (PLAIN, SPONSORED):
            at = even(np.flatnonzero(known & np.isin(kinds, among)), labels)
            likely = probability(odds[at])
            chance = " ".join(f"{value:.3f}" for value in error_by_chance(likely))
            errors.append(f"{calibration_error(likely, labels[at]):.3f} ({chance}) n={len(at)}")
        print(f"{cut[0]:>4}{cut[1] or 'all':>5}  {'  '.join(f'{value:15.3f}' for value in aucs)}  {'  '.join(errors)}")


def blocks_of_all_cuts(
    directory: Path, labelled: Mapping[str, Labelled], model: Model, left_out: Container[str]
) -> list[Block]:
    blocks: list[Block] = []
    for cut in CUTS:
        if cut[0] in labelled:
            blocks += blocks_of(cut, labelled[cut[0]], model, left_out)
            blocks += blocks_of(cut, held_out(cut, labelled[cut[0]], groups_of(directory, cut[0])), model)
            print(f"measured {cut[0]}{cut[1] or 'all'}", flush=True)
    return blocks


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory", type=Path)
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[2] / "bot" / "judging" / "voice" / WEIGHTS)
    parser.add_argument("--every-creator", action="store_true", help="cross-validate on all creators, write nothing")
    arguments = parser.parse_args()
    labelled, left_out = {}, set[str]()
    for prefix in sorted({prefix for prefix, _ in CUTS}):
        if (arguments.directory / f"{prefix}creators.jsonl").exists():
            labelled[prefix] = everyone = read_labelled(arguments.directory, prefix)
            if not arguments.every_creator:
                labelled[prefix] = everyone.restricted(is_fitted)
                left_out |= {creator.name for creator in everyone.creators if not is_fitted(creator.name)}
    edges = habit_edges(list(labelled.values()))
    blocks = blocks_of_all_cuts(arguments.directory, labelled, Model(edges, np.zeros(N_INPUTS), 0.0, 0.0), left_out)
    log_odds = cross_validated(blocks)
    report(blocks, cross_calibrated(blocks, log_odds))
    if arguments.every_creator:
        return
    slope, shift, sponsored_shift = calibrated(blocks, log_odds)
    beta = slope * fit(blocks)
    model = Model(edges, beta[:-1], float(beta[-1]) + shift, sponsored_shift)
    arguments.out.write_text(model.to_json(), "utf-8")
    print(f"wrote {arguments.out}")


if __name__ == "__main__":
    main()
