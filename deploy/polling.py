"""Exit 0 when this machine's worker has asked the engine for work within the last two minutes."""  # noqa: INP001 - a script of the image

from __future__ import annotations

import asyncio
import socket
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from client.connection import connect, pollers
from client.ending import run_to_end
from settings import Settings

RECENT = timedelta(minutes=2)
"""A poll waits up to a minute for work before it is sent again."""


async def is_polling(settings: Settings) -> bool:
    """Whether a worker of this host (identities end with its name) is known to the engine as polling."""
    client = await connect(settings.temporal, settings.namespace)
    return any(
        poller.identity.endswith(f"@{socket.gethostname()}")
        and datetime.now(UTC) - poller.last_access_time.ToDatetime(UTC) < RECENT
        for poller in await pollers(client, settings.task_queue)
    )


if __name__ == "__main__":
    run_to_end(lambda: sys.exit(not asyncio.run(is_polling(Settings.read(Path("/data"))))))
