"""What voice likeness costs on one core: adding an author, making a profile, scoring a draft.

    OMP_NUM_THREADS=1 python -m tests.benchmarks.voice_speed [--posts 1000] [--others 30]

The posts are invented and about 95 characters long; every other author stores 300 of them.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from functools import partial
from statistics import median

from bot.judging.voice import Corpus, likeness
from tests.judging.voice.voices import MANNERS, posts_of


def milliseconds(work: Sequence[Callable[[], object]]) -> float:
    """Median time of the given calls."""
    spent = []
    for call in work:
        started = time.perf_counter()
        call()
        spent.append(1000 * (time.perf_counter() - started))
    return median(spent)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--posts", type=int, default=1000)
    parser.add_argument("--others", type=int, default=30)
    arguments = parser.parse_args()
    manners = list(MANNERS)
    others = {f"other {n}": posts_of(manners[n % len(manners)], 300, seed=n) for n in range(arguments.others)}
    corpus = Corpus(others)
    posts = posts_of("calm", arguments.posts, seed=99)
    put = milliseconds([lambda: corpus.put("me", posts)] * 5)
    corpus.profile("me")
    make = milliseconds([lambda: corpus.profile("me")] * 9)
    profile = corpus.profile("me")
    drafts = [f"{draft} #ad" for draft in posts_of("loud", 200, seed=98)]
    score = milliseconds([partial(likeness, draft, profile) for draft in drafts])
    print(f"put an author of {arguments.posts} posts: {put:.1f} ms")
    print(f"profile of {arguments.posts} posts against {arguments.others} others: {make:.1f} ms")
    print(f"one draft against a ready profile: {score:.2f} ms")


if __name__ == "__main__":
    main()
