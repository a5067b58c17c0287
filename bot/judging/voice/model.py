"""The fitted model: from the measures of a draft to the probability that it resembles the stored posts."""

import json
import math
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np

from bot.judging.voice.features import HABIT_BINS, MEASURES
from bot.judging.voice.grams import HABITS, Floats

WEIGHTS = "weights.json"
_SPREAD_FLOOR = 0.05
_FAR = 2.0  # spreads from the mean beyond which a measure says no more: short drafts fly far


@dataclass(frozen=True, slots=True)
class Reference:
    """Mean and spread of each measure over some posts, against which a draft is set."""

    mean: Floats
    spread: Floats

    @classmethod
    def of(cls, measured: Floats) -> "Reference":
        """From rows of MEASURES; no rows give a reference that every draft meets exactly halfway."""
        if not len(measured):
            return cls(np.full(len(MEASURES), np.nan), np.ones(len(MEASURES)))
        return cls(measured.mean(0), measured.std(0) + _SPREAD_FLOOR)

    def place(self, measured: Floats) -> Floats:
        return np.clip(np.nan_to_num((measured - self.mean) / self.spread), -_FAR, _FAR)


def design(measured: Floats, own: Reference, others: Reference, n_posts: int, lengths: Floats) -> Floats:
    """Inputs of the model, one row a post: measures, as they are and in units of the author's own posts and of the
    others', each also times ln(posts stored); and the measures times ln(length of the post)."""
    placed = np.concatenate([measured, own.place(measured), others.place(measured)], axis=1)
    size, length = math.log(n_posts), np.log(lengths + 5)[:, None]
    return np.concatenate([placed, placed * size, measured * length, np.full((len(measured), 1), size), length], axis=1)


N_INPUTS = 7 * len(MEASURES) + 2


@dataclass(frozen=True, slots=True)
class Model:
    """Weights of the logistic regression, bin edges of the habits, and what sponsored drafts are shifted by.

    The log-odds assume that a draft is as likely the author's own as not; their calibration is within the weights.
    Slopes and shifts by posts stored made the log loss no better, cross-validated over creators. Sponsored drafts sound
    less like their author than others do, and for them one shift does as well as a slope beside it.
    """

    edges: Floats
    weights: Floats
    bias: float
    sponsored_shift: float

    def log_odds(self, inputs: Floats, *, sponsored: bool) -> Floats:
        """Log-odds of each row of inputs."""
        return np.asarray(inputs @ self.weights + self.bias + self.sponsored_shift * sponsored, float)

    def to_json(self) -> str:
        edges = [[None if math.isinf(edge) else round(edge, 6) for edge in row] for row in self.edges.tolist()]
        values = {
            "edges": edges,
            "weights": [float(f"{weight:.5g}") for weight in self.weights.tolist()],
            "bias": round(self.bias, 5),
            "sponsored_shift": round(self.sponsored_shift, 5),
        }
        return json.dumps(values, indent=None, separators=(",", ":")) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Model":
        values = json.loads(text)
        edges = np.array([[math.inf if edge is None else edge for edge in row] for row in values["edges"]])
        model = cls(edges, np.array(values["weights"]), values["bias"], values["sponsored_shift"])
        if model.edges.shape != (len(HABITS), HABIT_BINS - 1) or len(model.weights) != N_INPUTS:
            raise ValueError("The weights of the voice model belong to another version of its measures: fit them anew.")
        return model


@cache
def fitted() -> Model:
    """The model shipped beside the code, read once."""
    return Model.from_json(resources.files("bot.judging.voice").joinpath(WEIGHTS).read_text("utf-8"))


def probability(log_odds: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(log_odds, -30, 30))), float)
