"""What likeness says of drafts in a language that few others in the store write.

    python -m tests.benchmarks.lone_voice DIR [--set ig_] [--newest N]

Reads creators and drafts in the format of `eval`, with `lang` of each creator. For each language all but 0, 1, 2, 4, 8
writers of it are taken out of the store, which also holds up to 26 writers of other languages; drafts are each
creator's own and those of strangers who write the language and are not in the store. Prints, by how many others are
left: AUC, the mean likeness of own and of strangers' drafts, the share of strangers' drafts that seem to be own (.65),
of own ones that seem to be others' (.35), and of drafts that likeness is told of. About three minutes.
"""

import argparse
import json
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bot.evaluation.labelled import LabelledDraft, read_labelled
from bot.evaluation.measures import SPONSORED, auc
from bot.judging.offline.judge import VOICE_LEVELS
from bot.judging.voice import UNLIKE, Corpus, Likeness, likeness

OTHERS = (0, 1, 2, 4, 8)
AUTHORS, FOREIGN = 24, 26
SEEMS_OWN = VOICE_LEVELS[0][0]


@dataclass(frozen=True, slots=True)
class Scored:
    language: str
    others: int
    is_own: bool
    found: Likeness


def scored(
    stored: Mapping[str, Sequence[str]], languages: Mapping[str, str], drafts: Mapping[str, Sequence[LabelledDraft]]
) -> Iterator[Scored]:
    for language in sorted(set(languages.values()) - {"mixed"}):
        rng = random.Random(language)
        same = [name for name in stored if languages[name] == language and drafts.get(name)]
        foreign = [name for name in stored if languages[name] not in (language, "mixed")]
        corpus = Corpus({name: stored[name] for name in rng.sample(foreign, min(FOREIGN, len(foreign)))})
        for creator in rng.sample(same, min(AUTHORS, len(same))):
            order = rng.sample(same, len(same))
            order.remove(creator)
            for others in OTHERS[: 1 + sum(number <= len(order) for number in OTHERS[1:])]:
                kept = (creator, *order[:others])
                corpus.update({name: stored[name] for name in kept})
                profile = corpus.profile(creator)
                for draft in drafts[creator]:
                    if draft.label or (draft.author not in kept and languages.get(draft.author, language) == language):
                        found = likeness(draft.text, profile, sponsored=draft.kind in SPONSORED)
                        yield Scored(language, others, bool(draft.label), found)
                corpus.update(dict.fromkeys(kept, ()))


def report(rows: Sequence[Scored]) -> None:
    print("language others  own strangers    AUC  mean own/strangers  strangers seem own  own unlike  told of either")
    groups = defaultdict(list)
    for row in rows:
        groups[row.language, row.others].append(row)
        groups["all", row.others].append(row)
    for (language, others), group in sorted(groups.items()):
        own, strange = ([row.found for row in group if row.is_own is is_own] for is_own in (True, False))
        if not own or not strange:
            continue
        p, q = (np.array([found.probability for found in side]) for side in (own, strange))
        told_p, told_q = (np.mean([found.told is not None for found in side]) for side in (own, strange))
        seem = np.mean(q >= SEEMS_OWN), np.mean([(found.told or 0) >= SEEMS_OWN for found in strange])
        counts = f"{language:>8} {others:6} {len(own):4} {len(strange):9}"
        means = f"{auc(p, q):.3f}          {p.mean():.2f}/{q.mean():.2f}"
        errors = f"{seem[0]:.2f}, told {seem[1]:.2f}        {np.mean(p < UNLIKE):.2f}"
        print(f"{counts}  {means}     {errors}              {told_p:.2f}/{told_q:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory", type=Path)
    parser.add_argument("--set", default="", dest="prefix")
    parser.add_argument("--newest", type=int, default=50)
    arguments = parser.parse_args()
    labelled = read_labelled(arguments.directory, arguments.prefix)
    rows = map(json.loads, (arguments.directory / f"{arguments.prefix}creators.jsonl").read_text("utf-8").splitlines())
    languages = {row["creator"]: row["lang"] for row in rows}
    drafts = defaultdict(list)
    for draft in labelled.drafts:
        drafts[draft.creator].append(draft)
    stored = {creator.name: creator.stored[-arguments.newest :] for creator in labelled.creators}
    report(list(scored(stored, languages, drafts)))


if __name__ == "__main__":
    main()
