"""`python replay.py --help`: replays kept histories with the source beside this file, and with nothing else of ours."""  # noqa: INP001 - a script

import runpy
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent / "source"))
runpy.run_module("client.replay_alone", run_name="__main__", alter_sys=True)
