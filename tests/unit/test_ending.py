"""A process that has spoken with Temporal ends with the exit code the interpreter would give, and loses no word."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def ended(main: str, stdout: int = subprocess.PIPE) -> subprocess.CompletedProcess[str]:
    program = f"import sys\nfrom client.ending import run_to_end\ndef main():\n    {main}\nrun_to_end(main)"
    argv = [sys.executable, "-c", program]
    return subprocess.run(argv, cwd=ROOT, text=True, check=False, stdout=stdout, stderr=subprocess.PIPE)


@pytest.mark.parametrize(
    ("main", "code", "told"),
    [
        ("pass", 0, ""),
        ("sys.exit()", 0, ""),
        ("sys.exit(3)", 3, ""),
        ("sys.exit('no engine')", 1, "no engine\n"),
        ("raise KeyboardInterrupt", 130, ""),
    ],
)
def test_the_exit_code_and_the_last_word_are_those_of_the_interpreter(main, code, told):
    process = ended(main)
    assert (process.returncode, process.stderr) == (code, told)


def test_a_fault_nobody_caught_is_told_and_ends_in_failure():
    process = ended("raise LookupError('nobody')")
    assert process.returncode == 1
    assert process.stderr.endswith("LookupError: nobody\n")


def test_what_was_written_is_not_lost_though_nobody_flushed_it():
    assert ended("sys.stdout.write('written')").stdout == "written"


def test_the_interpreter_is_not_taken_apart():
    assert ended("import atexit; atexit.register(print, 'taken apart')").stdout == ""


def test_what_could_not_be_written_is_a_failure():
    with Path("/dev/full").open("w") as full:
        assert ended("sys.stdout.write('lost')", stdout=full.fileno()).returncode == 1
