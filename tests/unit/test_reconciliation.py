"""What is judged from both sides, told by kind and repair; every code there is, and none twice for one cause."""

from dataclasses import replace

import pytest

from client.reconciling import DAYS, Checked, Mark, Reconciler, Round
from domain.recording import Head
from i18n.text import LANGUAGES, words
from ledger.entry import Leaf
from ledger.inspection import Flaw, Inspection
from ledger.reconciliation import CODES, LOG_CODES, Engine, Run, Told, judge, judge_record
from tests.ledger_facts import chained, command_id, fact, facts

STREAM = "cluster/carpet-qom"
STATE, OTHER = "sha256:" + "1" * 64, "sha256:" + "2" * 64


def sealed(last, first=1):
    return {seq: leaf for seq, leaf in enumerate(chained(STREAM, facts(1, last)), 1) if seq >= first}


def ledger(last=5, *, flaws=(), frozen=None, leaves=None, state=STATE, recovered=None):
    """The record of a stream whose last entry is `last`."""
    have = sealed(last) if leaves is None else leaves
    known = [one.model_copy(update={"type": "cluster.recovered"}) if one.seq == recovered else one
             for one in facts(1, last)]  # fmt: skip
    head = Head(seq=last, digest=sealed(last)[last].digest)
    return Inspection(STREAM, head, tuple(known), have, state, frozen, tuple(Flaw(*flaw) for flaw in flaws))


def run(last=5, *, begins=0, **options):
    """A run that begins behind entry `begins` and has sealed up to `last`."""
    head = Head(seq=begins, digest=sealed(begins)[begins].digest if begins else "")
    options = {"status": "open", "commands": tuple(command_id(n) for n in range(begins + 1, last + 1)), **options}
    return Run(id=f"run-{begins}", begins=head, leaves=sealed(last, begins + 1), **options)


def engine(*runs, seq=5, **options):
    return Engine(runs=runs or (run(),), **{"seq": seq, "state": STATE, **options})


WELL = engine()
TWO_RUNS = engine(run(3, status="continued"), run(5, begins=3))


def told(one, record):
    return [(found.kind, found.code, found.repair) for found in judge(one, record)]


@pytest.mark.parametrize("sound", [WELL, TWO_RUNS, engine(run(5, begins=3, from_fold=True))])
def test_what_agrees_has_no_finding(sound):
    assert told(sound, ledger(recovered=4)) == []


CASES = [
    (Engine(), ledger(), ("missing_run", "no_run", "recover")),
    (replace(WELL, runs=(run(5, begins=3),), lost="r"), ledger(), ("missing_run", "run_not_found", "restore")),
    (engine(run(archived="late")), ledger(), ("missing_run", "not_archived", "wait")),
    (engine(run(archived="missing")), ledger(), ("missing_run", "archive_missing", "archive")),
    (engine(run(archived="missing", in_engine=False)), ledger(), ("missing_run", "archive_missing", "restore")),
    (engine(run(archived="differs")), ledger(), ("missing_run", "archive_differs", "restore")),
    (engine(run(status="failed")), ledger(), ("missing_run", "ended", "recover")),
    (engine(state=""), ledger(), ("missing_run", "no_answer", "wait")),
    (engine(run(status="terminated"), state=""), ledger(), ("foreign", "terminated", "recover")),
    (engine(run(status="cancelled"), state=""), ledger(), ("foreign", "cancelled", "recover")),
    (engine(run(resets=("me: try",))), ledger(), ("foreign", "reset", "recover")),
    (engine(run(strangers=("x",))), ledger(), ("foreign", "update", "recover")),
    (engine(run(5, begins=3)), ledger(), ("foreign", "unrecorded", "recover")),
    (engine(run(5, begins=5, from_fold=True), is_frozen=True), ledger(), ("foreign", "unsigned", "recover")),
    (engine(run(5, begins=3, from_fold=True)), ledger(recovered=5), ("foreign", "unsigned", "recover")),
    (engine(seq=3), ledger(), ("ahead", "not_in_engine", "recover")),
    (engine(run(3), seq=5), ledger(3), ("behind", "not_sealed", "wait")),
    (engine(run(5)), ledger(3), ("behind", "not_in_ledger", "refill")),
    (engine(run(7, begins=5, from_fold=True), seq=7), ledger(3), ("behind", "not_in_ledger", "restore")),
    (engine(state=OTHER), ledger(), ("conflict", "other_state", "recover")),
    (engine(run(told=4)), ledger(), ("conflict", "sealed_otherwise", "recover")),
    (engine(run(commands=(command_id(99),))), ledger(), ("behind", "command_not_sealed", "recover")),
    (WELL, ledger(flaws=[(3, "entry", "")]), ("conflict", "entries_changed", "refill")),
    (engine(run(5, begins=3)), ledger(flaws=[(2, "entry", "")]), ("conflict", "entries_changed", "restore")),
    (WELL, ledger(flaws=[(3, "columns", "")]), ("conflict", "columns_changed", "rebuild")),
    (WELL, ledger(flaws=[(5, "head", "")]), ("conflict", "head_changed", "rebuild")),
    (WELL, ledger(flaws=[(5, "state", "")]), ("conflict", "state_changed", "rebuild")),
    (WELL, ledger(flaws=[(5, "view", "a"), (5, "view", "b")]), ("conflict", "views_changed", "rebuild")),
    (WELL, ledger(flaws=[(1, "text", OTHER)], state=""), ("conflict", "text_missing", "refill")),
    (engine(is_frozen=True), ledger(frozen=6), ("conflict", "frozen", "release")),
]  # fmt: skip
"""What both sides say, and a finding that is among those told."""


@pytest.mark.parametrize(("one", "record", "finding"), CASES)
def test_each_difference_is_told_with_its_kind_and_its_repair(one, record, finding):
    assert finding in told(one, record)
    assert len({code for _, code, _ in told(one, record)}) == len(told(one, record))


def test_an_entry_that_the_histories_have_otherwise_is_found_though_the_chain_is_whole():
    other = dict(enumerate(chained(STREAM, [*facts(1, 3), fact(4, forged=1), fact(5)]), 1))
    assert told(WELL, ledger(leaves=other)) == [("conflict", "entries_changed", "refill")]


@pytest.mark.parametrize(("refused", "repair"), [(fact(6), "release"), (fact(5, other=1), "recover")])
def test_a_frozen_cluster_is_released_only_when_the_ledger_takes_what_it_refused(refused, repair):
    last = chained(STREAM, [*facts(1, refused.seq - 1), refused])[-1]
    frozen = engine(run(refused={refused.seq: last}), seq=refused.seq, is_frozen=True)
    assert told(frozen, ledger(frozen=refused.seq)) == [("conflict", "frozen", repair)]


def test_a_command_that_is_sealed_elsewhere_does_not_fit_again():
    again = fact(6).model_copy(update={"command": fact(2).command})
    last = chained(STREAM, [*facts(1, 5), again])[-1]
    frozen = engine(run(refused={6: last}), seq=6, is_frozen=True)
    assert told(frozen, ledger(frozen=6)) == [("conflict", "frozen", "recover")]


def test_rows_behind_the_last_entry_that_are_none_can_go():
    stray = sealed(5) | {6: Leaf(b"{}", "")}
    assert told(WELL, ledger(leaves=stray, flaws=[(6, "entry", "")])) == [("conflict", "entries_changed", "refill")]
    assert told(engine(seq=4), ledger(leaves=stray, flaws=[(6, "entry", "")]))[0][2] == "restore"


def test_a_stream_of_the_office_is_judged_by_itself():
    assert [one[:3] for one in judge_record(ledger(), {})] == []
    damaged = ledger(flaws=[(2, "entry", ""), (5, "view", "a")])
    assert [one[:3] for one in judge_record(damaged, {})] == [("conflict", "entries_changed", "restore")]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_code_is_provoked_here_and_has_words(lang):
    assert {code for _, _, (_, code, _) in CASES} == set(CODES)
    assert {key for key in words(lang) if key.startswith("reconciliation.")} == {
        f"reconciliation.{c}" for c in (*CODES, *LOG_CODES)
    }


class Marked(Reconciler):
    """A reconciler that says what it was asked to check."""

    def __init__(self, **marks):
        self.marks, self.differ = marks, {}

    async def streams(self):
        return sorted(self.marks)

    async def mark(self, stream):
        return self.marks[stream]

    async def check(self, stream):
        return Checked(stream, self.differ.get(stream, []), ledger())


async def rounds(round_, day):
    return [one.stream async for one in round_.check(day)]


async def test_a_round_looks_at_what_changed_and_at_everything_once_a_week():
    marked = Marked(**{f"stream{n}": Mark(1, "r", 10) for n in range(40)})
    round_ = Round(marked)
    assert len(await rounds(round_, 0)) == 40
    assert await rounds(round_, 0) == []
    marked.marks["stream7"] = Mark(1, "r", 11)
    assert await rounds(round_, 0) == ["stream7"]
    marked.differ["stream9"] = [Told("ahead", "not_in_engine", "recover")]
    marked.marks["stream9"] = Mark(2, "r", 12)
    assert await rounds(round_, 0) == await rounds(round_, 0) == ["stream9"]  # until it differs no more
    del marked.differ["stream9"]
    assert await rounds(round_, 0) == ["stream9"]
    by_day = [await rounds(round_, day) for day in range(1, DAYS + 1)]
    assert sorted(stream for day in by_day for stream in day) == sorted(marked.marks)
    assert max(map(len, by_day)) < 20


class Moving(Reconciler):
    """One whose looks find these things, one after the other, and then the last again and again."""

    def __init__(self, *findings):
        self.findings, self.pauses = list(findings), []
        self._pause = self.paused

    async def paused(self, seconds):
        self.pauses.append(seconds)

    async def _once(self, stream):
        found = self.findings.pop(0) if len(self.findings) > 1 else self.findings[0]
        return Checked(stream, found, ledger())


def ahead(seq):
    return [Told("ahead", "not_in_engine", "recover", {"ledger": seq, "engine": seq - 1})]


LASTING = [Told("foreign", "reset", "recover")]


@pytest.mark.parametrize(
    ("looks", "told"),
    [
        (([],), []),
        ((ahead(5), []), []),
        ((ahead(5), ahead(6), ahead(7), ahead(8)), []),  # it is well, and others call it all the time
        ((ahead(5),), ahead(5)),
        ((ahead(5) + LASTING, ahead(6) + LASTING, ahead(7) + LASTING, ahead(8) + LASTING), LASTING),
    ],
)
async def test_what_passes_is_told_only_when_it_stays_as_it_is(looks, told):
    assert (await Moving(*looks).check(STREAM)).findings == told
