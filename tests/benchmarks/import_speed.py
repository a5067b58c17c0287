"""How fast posts are read from files and stored, and in how much memory.

Run: python tests/benchmarks/import_speed.py [posts]
"""

from __future__ import annotations

import asyncio
import csv
import json
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

from bot.past_content.reading import read_posts
from bot.services.library import import_posts
from bot.store.database import open_store

POSTS = 50_000


def invented(posts: int) -> Iterator[dict[str, object]]:
    for number in range(posts):
        yield {
            "id": f"p-{number}",
            "created_at": f"202{number % 6}-0{number % 9 + 1}-1{number % 9}T08:00:00Z",
            "text": f"Morning {number} at the allotment:\nbeans, rain, 猫が雨宿り中, and a song. " * 3,
            "likes": number % 5000,
        }


def write_files(folder: Path, posts: int) -> tuple[Path, Path]:
    table, lines = folder / "posts.csv", folder / "posts.jsonl"
    with table.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["id", "created_at", "text", "likes"])
        writer.writeheader()
        writer.writerows(invented(posts))
    with lines.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(post) + "\n" for post in invented(posts))
    return table, lines


def read(path: Path) -> str:
    start = time.perf_counter()
    count = sum(1 for _ in read_posts(path))
    seconds = time.perf_counter() - start
    tracemalloc.start()
    for _ in read_posts(path):
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    megabytes = path.stat().st_size / 1e6
    return f"{count} posts, {megabytes:.1f} MB in {seconds:.2f} s ({count / seconds:,.0f}/s), peak {peak / 1e6:.2f} MB"


async def store(folder: Path, path: Path) -> str:
    opened = await open_store(folder / "bench.sqlite3")
    seconds = []
    for _ in range(2):
        start = time.perf_counter()
        await import_posts(opened, 0, "@bench", path)
        seconds.append(time.perf_counter() - start)
    await opened.close()
    return f"import {seconds[0]:.1f} s, again {seconds[1]:.1f} s"


def main() -> None:
    posts = int(sys.argv[1]) if len(sys.argv) > 1 else POSTS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for path in write_files(folder, posts):
            print(f"{path.suffix}: read {read(path)}")
        print(asyncio.run(store(folder, folder / "posts.csv")))


if __name__ == "__main__":
    main()
