"""Pictures of the loopback Discord's page, by a headless Chromium over its own protocol. Nothing else needs one."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import shutil
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--remote-debugging-port=0")
SCREEN = {"width": 760, "height": 3200, "deviceScaleFactor": 1.5, "mobile": False}
PATIENCE = 20.0  # seconds
CHOOSE = """(() => {{
  const box = document.getElementById("person");
  if (![...box.options].some((one) => one.value === {name})) return false;
  box.value = {name};
  box.onchange();
  return true;
}})()"""
FIND = """(() => {{
  const node = [...document.querySelectorAll("article")].reverse()
    .find((one) => {words}.every((word) => one.textContent.includes(word)));
  if (!node || [...node.querySelectorAll("img")].some((one) => !one.complete)) return null;
  const box = node.getBoundingClientRect();
  return {{ x: box.x, y: box.y, width: Math.min(box.width, 540), height: box.height }};
}})()"""


class Browser:
    """One page of a running browser."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket, self._number, self._session = socket, 0, ""

    @classmethod
    @asynccontextmanager
    async def opened(cls, url: str) -> AsyncIterator[Browser]:
        """Raises RuntimeError where no Chromium is installed."""
        program = next(filter(None, map(shutil.which, NAMES)), None)
        if program is None:
            raise RuntimeError(f"None of {', '.join(NAMES)} is installed; the pictures need one.")
        with TemporaryDirectory(prefix="pictures-", ignore_cleanup_errors=True) as folder:
            process = await asyncio.create_subprocess_exec(
                program, *FLAGS, f"--user-data-dir={folder}", "about:blank", stdout=DEVNULL, stderr=PIPE
            )
            try:
                async with aiohttp.ClientSession() as session, session.ws_connect(await _address(process)) as socket:
                    browser = cls(socket)
                    await browser._open(url)
                    yield browser
            finally:
                process.kill()
                await process.wait()

    async def picture(self, person: str, *words: str) -> bytes:
        """The newest message that holds all of these words, as this person sees it: a PNG. Raises TimeoutError."""
        await self._until(CHOOSE.format(name=json.dumps(person)))
        clip = await self._until(FIND.format(words=json.dumps(words)))
        shot = await self._call("Page.captureScreenshot", clip=clip | {"scale": 1}, captureBeyondViewport=True)
        return base64.b64decode(shot["data"])

    async def _open(self, url: str) -> None:
        target = (await self._call("Target.createTarget", url=url))["targetId"]
        attached = await self._call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        await self._call("Emulation.setDeviceMetricsOverride", **SCREEN)

    async def _until(self, script: str) -> Any:
        """The first answer of the script that is one."""
        for _ in range(int(PATIENCE * 10)):
            if found := await self._run(script):
                return found
            await asyncio.sleep(0.1)
        raise TimeoutError("The page does not show it.")

    async def _run(self, script: str) -> Any:
        return (await self._call("Runtime.evaluate", expression=script, returnByValue=True))["result"].get("value")

    async def _call(self, method: str, **params: Any) -> dict[str, Any]:
        self._number += 1
        request = {"id": self._number, "method": method, "params": params}
        await self._socket.send_json(request | ({"sessionId": self._session} if self._session else {}))
        async with asyncio.timeout(PATIENCE):
            while (answer := await self._socket.receive_json()).get("id") != self._number:
                pass
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']['message']}")
        result: dict[str, Any] = answer["result"]
        return result


async def _address(process: asyncio.subprocess.Process) -> str:
    """Where the browser says that it listens."""
    assert process.stderr is not None  # asked for
    async with asyncio.timeout(PATIENCE):
        async for line in process.stderr:
            if match := re.search(rb"DevTools listening on (ws://127\.0\.0\.1:\S+)", line):
                return match[1].decode()
    raise RuntimeError("The browser ended before it listened.")
