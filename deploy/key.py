"""The office's signing key exists; an existing one stays: `deploy/key.py DATA`."""  # noqa: INP001 - a script

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from cli.office import KEY
from client.signing import create_key
from settings import Settings

if __name__ == "__main__":
    create_key(Settings.read(Path(sys.argv[1])).keys_path, KEY)
