"""Firefox for Playwright, through WebDriver BiDi, which Debian's Firefox speaks as it is.

Playwright asks for one command that this Firefox does not know yet, and gives up. A relay stands
between the two and answers that one itself: ``firefox.py PROGRAM ARGUMENT…`` behaves like Firefox.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from websockets.sync.client import connect
from websockets.sync.server import ServerConnection, serve

if TYPE_CHECKING:
    from playwright import sync_api

# Colour schemes and the like: the tests leave them as they are.
UNKNOWN = "emulation.setMediaFeaturesOverride"
LISTENING = re.compile(r"WebDriver BiDi listening on (ws://\S+)")


def launch(playwright: sync_api.Playwright, program: str, folder: Path) -> sync_api.Browser:
    """Starts the Firefox at ``program``; ``folder`` is for a script that Playwright starts."""
    script = folder / "firefox"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{__file__}" "{program}" "$@"\n')
    script.chmod(0o755)
    return playwright.firefox.launch(channel="moz-firefox", executable_path=script)


def relay(playwright: ServerConnection, address: str) -> None:
    """Hands on what each side says, until one hangs up."""
    assert playwright.request is not None
    with connect(address + playwright.request.path, max_size=None) as browser:

        def back() -> None:
            for message in browser:
                playwright.send(message)
            playwright.close()

        threading.Thread(target=back, daemon=True).start()
        for message in playwright:
            asked = json.loads(message)
            if asked["method"] == UNKNOWN:
                done = {"type": "success", "id": asked["id"], "result": {}}
                playwright.send(json.dumps(done))
            else:
                browser.send(message)


def main(command: list[str]) -> int:
    firefox = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert firefox.stderr is not None
    found = next(filter(None, map(LISTENING.search, firefox.stderr)), None)
    if found is None:
        return firefox.wait()
    with serve(lambda heard: relay(heard, found[1]), "127.0.0.1", 0, max_size=None) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        port = server.socket.getsockname()[1]
        sys.stderr.write(f"WebDriver BiDi listening on ws://127.0.0.1:{port}\n")
        sys.stderr.flush()
        for _ in firefox.stderr:
            pass  # an unread pipe would fill, and Firefox wait
        return firefox.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
