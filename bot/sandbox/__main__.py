"""`python -m bot.sandbox [--port N] [--state FILE]`: serve the loopback Discord until killed.

Where the environment variable SANDBOX_RECORD names a folder, every call of the bot is also written there.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
from pathlib import Path

from bot.sandbox import server
from bot.sandbox.state import World
from bot.sandbox.world import furnish


async def serve(port: int, state: Path | None, *, follow: bool) -> None:
    """Serve until the process is killed or, with `follow`, until standard input closes."""
    folder = os.environ.get("SANDBOX_RECORD")
    world = World(state, Path(folder, f"{os.getpid()}.jsonl") if folder else None)
    furnish(world)
    _, url = await server.start(world, port)
    sys.stdout.write(json.dumps({"url": url, "gateway": url.replace("http", "ws", 1) + "/gateway"}) + "\n")
    sys.stdout.flush()
    done = asyncio.Event()
    if follow:  # whoever started us ends us; Ctrl-C in a terminal reaches all its processes
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        asyncio.get_running_loop().add_reader(sys.stdin.fileno(), done.set)
    await done.wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 picks a free one")
    parser.add_argument("--state", type=Path, help="file that keeps everything over a restart")
    parser.add_argument("--follow", action="store_true", help="end when standard input closes")
    chosen = parser.parse_args()
    asyncio.run(serve(chosen.port, chosen.state, follow=chosen.follow))


if __name__ == "__main__":
    main()
