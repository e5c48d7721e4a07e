"""What every ledger must do when several processes append: the class is run once per implementation."""

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from sqlalchemy import func, select

from adapters.ledger_at import ledger_at, reader_at
from adapters.ledger_sql import SqlReader
from adapters.schema import entries
from ledger.chain import verify_chain
from ledger.entry import fact_of
from ledger.store import Projection
from tests.contracts.ledger_suite import CARPET, SAFFRON, Store
from tests.ledger_facts import facts

Reopen = Callable[[Mapping[str, Projection]], Store]
SHARED = "directory"

# A program that appends batches of two to one stream; it can die inside a transaction or right behind one.
APPENDER = """
import os, sys
from adapters.ledger_at import ledger_at
from ledger.store import Projected
from tests.ledger_facts import facts

place, stream, batches, end = sys.argv[1:]

def projection(stream, prior, new, text):
    if end == "inside" and new[-1].seq == 2 * int(batches):
        os._exit(9)
    return Projected(b"{}")

ledger = ledger_at(place, {"cluster/": projection})
print("ready", flush=True)
sys.stdin.readline()
for batch in range(int(batches)):
    ledger.append(stream, 2 * batch, facts(2 * batch + 1, 2 * batch + 2))
if end == "behind":
    os._exit(9)
"""

# A program that appends in turn to a stream of its own and to one that others append to as well.
SHARER = """
import sys
from uuid import NAMESPACE_OID, uuid5
from adapters.ledger_at import ledger_at
from domain.recording import CommandRef
from ledger.office import LedgerMoved
from tests.ledger_facts import fact

place, me, shared, times = sys.argv[1:]
ledger = ledger_at(place, {})
print("ready", flush=True)
sys.stdin.readline()

def mine(seq, n):
    return fact(seq).model_copy(update={"command": CommandRef(id=str(uuid5(NAMESPACE_OID, f"{me}/{n}")), n=1, of=1)})

for n in range(int(times)):
    ledger.append(f"cluster/{me}-own", n, [fact(n + 1)])
    while True:
        after = ledger.head(shared).seq
        try:
            ledger.extend(shared, after, [mine(after + 1, n)])
            break
        except LedgerMoved:
            pass
"""


def started(program: str, *words: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program, *map(str, words)],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def let_go(*programs: subprocess.Popen[str]) -> None:
    """All begin, now that all are ready."""
    for program in programs:
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
    for program in programs:
        assert program.stdin is not None
        program.stdin.write("go\n")
        program.stdin.flush()


def ended(*programs: subprocess.Popen[str]) -> list[int]:
    codes = []
    for program in programs:
        program.communicate(timeout=100)
        codes.append(program.returncode)
    return codes


def run(*programs: subprocess.Popen[str]) -> list[int]:
    """Their exit codes, all having begun before any was let go."""
    let_go(*programs)
    return ended(*programs)


def places(reader: SqlReader) -> tuple[int, int]:
    """How many entries there are, and the last place in the log, at one moment."""
    with reader._engine.connect() as connection:
        found = connection.execute(select(func.count(), func.max(entries.c.idx)).select_from(entries)).one()
    return found[0], found[1] or 0


class ProcessesSuite:
    """Subclasses give `place`, where a ledger is or will be kept, and `reopen` as those of LedgerSuite do."""

    @pytest.fixture
    def place(self, tmp_path: Path) -> str:
        raise NotImplementedError

    def test_two_processes_append_to_different_streams_at_once(self, place: str, reopen: Reopen) -> None:
        ledger = reopen({})
        programs = [started(APPENDER, place, stream, 20, "") for stream in (CARPET, SAFFRON)]
        assert run(*programs) == [0, 0]
        for stream in (CARPET, SAFFRON):
            assert verify_chain(stream, ledger.entries(stream)) == ledger.head(stream)
            assert ledger.head(stream).seq == 40

    def test_two_processes_appending_the_same_leave_it_there_once(self, place: str, reopen: Reopen) -> None:
        ledger = reopen({})
        assert run(*(started(APPENDER, place, CARPET, 20, "") for _ in range(2))) == [0, 0]
        assert len(ledger.entries(CARPET)) == ledger.head(CARPET).seq == 40

    def test_four_processes_append_at_once_and_nobody_ever_sees_a_gap(self, place: str, reopen: Reopen) -> None:
        ledger, times = reopen({}), 25
        programs = [started(SHARER, place, f"p{n}", SHARED, times) for n in range(4)]
        let_go(*programs)
        reader = reader_at(place)
        seen = [places(reader)]
        while any(program.poll() is None for program in programs):
            seen.append(places(reader))
        assert ended(*programs) == [0, 0, 0, 0]
        assert all(count == last for count, last in seen)
        assert len(set(seen)) > 2
        assert places(reader) == (8 * times, 8 * times)
        for stream, head in ledger.streams():
            assert verify_chain(stream, ledger.entries(stream)) == head
            assert head.seq == (4 * times if stream == SHARED else times)
        assert len({fact_of(leaf).command.id for leaf in ledger.entries(SHARED)}) == 4 * times
        reader.close()

    @pytest.mark.parametrize(("end", "kept"), [("inside", 4), ("behind", 6)])
    def test_of_a_killed_writer_whole_batches_are_kept_and_the_rest_can_come_again(
        self, place: str, reopen: Reopen, end: str, kept: int
    ) -> None:
        reopen({})
        assert run(started(APPENDER, place, CARPET, 3, end)) == [9]
        ledger = ledger_at(place, {})
        assert ledger.head(CARPET).seq == len(ledger.entries(CARPET)) == kept
        assert ledger.append(CARPET, 4, facts(5, 6)).seq == 6
        assert ledger.duplicates == kept - 4
        ledger.close()
