"""What every ledger must do, whatever it is kept in: the class is run once per implementation."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, Protocol

import pytest

from domain.recording import Fact, Head
from ledger.canonical import NotCanonical
from ledger.chain import START, verify_chain
from ledger.entry import NotAnEntry, fact_of
from ledger.store import (
    Extent,
    Ledger,
    LedgerBehind,
    LedgerConflict,
    Prior,
    Projected,
    Projection,
    Row,
)
from ledger.views import Views
from tests.ledger_facts import chained, command_id, fact, facts, of_one_command

CARPET = "cluster/carpet-qom"
SAFFRON = "cluster/saffron-ghaen"


class Store(Ledger, Views, Protocol):
    def close(self) -> None: ...


class Counting:
    """A projection that counts the facts of a stream and remembers what it was asked."""

    def __init__(self) -> None:
        self.priors: list[Prior] = []
        self.while_open: Callable[[], None] = lambda: None

    def __call__(self, stream: str, prior: Prior, facts: Sequence[Fact], text: Callable[[str], bytes]) -> Projected:
        self.priors.append(prior)
        known = prior.parsed if prior.parsed is not None else int(prior.state_json or b"0")
        count = known + len(facts)
        self.while_open()
        if any("text" in fact.data for fact in facts):
            text(facts[-1].data["text"])
        shown = {"cluster_id": stream.partition("/")[2], "seq": facts[-1].seq, "detail": {"facts": count}}
        rows = [Row("portfolio", {"stream": stream}, shown)]
        for each in facts:
            key = {"stream": stream, "duty_id": each.data.get("closes", f"d{each.seq}")}
            due = None if "closes" in each.data else {"due_on": f"2026-12-{each.seq:02}", "seq": each.seq}
            rows.append(Row("duties", key, due))
        return Projected(str(count).encode(), tuple(rows), count)


class LedgerSuite:
    """Subclasses give `reopen`: the same store again, with these projections."""

    @pytest.fixture
    def reopen(self) -> Iterator[Callable[[Mapping[str, Projection]], Store]]:
        raise NotImplementedError

    @pytest.fixture
    def counting(self) -> Counting:
        return Counting()

    @pytest.fixture
    def ledger(self, reopen: Callable[[Mapping[str, Projection]], Store], counting: Counting) -> Store:
        return reopen({"cluster/": counting})

    def test_an_appended_batch_stands_as_one_unbroken_chain(self, ledger: Store) -> None:
        assert ledger.head(CARPET) == START
        first = ledger.append(CARPET, 0, facts(1, 3))
        second = ledger.append(CARPET, 3, facts(4, 5))
        assert ledger.entries(CARPET) == chained(CARPET, facts(1, 5))
        assert verify_chain(CARPET, ledger.entries(CARPET)) == second == ledger.head(CARPET)
        assert (first.seq, second.seq) == (3, 5)

    def test_entries_are_read_from_any_place_in_any_number(self, ledger: Store) -> None:
        ledger.append(CARPET, 0, facts(1, 5))
        all_ = ledger.entries(CARPET)
        assert ledger.entries(CARPET, after=2) == all_[2:]
        assert ledger.entries(CARPET, after=1, limit=2) == all_[1:3]
        assert ledger.entries(CARPET, after=5) == ledger.entries(SAFFRON) == []

    def test_the_extent_is_the_length_of_the_log_with_the_heads_that_make_it_up(self, ledger: Store) -> None:
        assert ledger.extent() == Extent(0, {})
        ledger.append(CARPET, 0, facts(1, 3))
        ledger.append(SAFFRON, 0, facts(1, 2))
        ledger.append(CARPET, 0, facts(1, 3))
        extent = ledger.extent()
        assert extent == Extent(5, {CARPET: ledger.head(CARPET), SAFFRON: ledger.head(SAFFRON)})
        assert extent.size == sum(head.seq for head in extent.heads.values())

    def test_the_log_has_the_entries_of_all_streams_in_the_order_they_came(self, ledger: Store) -> None:
        assert ledger.log() == []
        for stream, after in ((CARPET, 0), (SAFFRON, 0), (CARPET, 2)):
            ledger.append(stream, after, facts(after + 1, after + 2))
        with pytest.raises(LedgerBehind):
            ledger.append(SAFFRON, 9, facts(10, 10))
        ledger.append(SAFFRON, 2, facts(3, 3))
        placed = ledger.log()
        assert [each.place for each in placed] == list(range(1, 8))
        assert [(each.stream, each.seq) for each in placed] == [
            (CARPET, 1), (CARPET, 2), (SAFFRON, 1), (SAFFRON, 2), (CARPET, 3), (CARPET, 4), (SAFFRON, 3),
        ]  # fmt: skip
        assert ledger.log(2, 3) == placed[2:5]
        assert ledger.log(3, stream=CARPET) == [placed[4], placed[5]]
        assert [each.leaf for each in placed if each.stream == SAFFRON] == ledger.entries(SAFFRON)

    def test_what_comes_again_with_equal_content_is_there_once_and_answered_the_same(self, ledger: Store) -> None:
        first = ledger.append(CARPET, 0, facts(1, 3))
        ledger.append(CARPET, 3, facts(4, 5))
        before = ledger.entries(CARPET), ledger.portfolio(), ledger.duties()
        assert ledger.append(CARPET, 0, facts(1, 3)) == first
        assert ledger.append(CARPET, 1, facts(2, 2)) == Head(seq=2, digest=before[0][1].digest)
        assert (ledger.entries(CARPET), ledger.portfolio(), ledger.duties()) == before

    def test_of_a_batch_partly_known_the_rest_is_appended(self, ledger: Store) -> None:
        ledger.append(CARPET, 0, facts(1, 3))
        head = ledger.append(CARPET, 1, facts(2, 5))
        assert ledger.entries(CARPET) == chained(CARPET, facts(1, 5))
        assert head == ledger.head(CARPET)
        assert ledger.portfolio()[0]["detail"] == {"facts": 5}

    @pytest.mark.parametrize("batch", [[fact(2, other=1)], [fact(2), fact(3, other=1), fact(4)]], ids=["one", "later"])
    def test_other_content_for_a_known_seq_freezes_the_stream_until_released(
        self, ledger: Store, batch: list[Fact]
    ) -> None:
        ledger.append(CARPET, 0, facts(1, 3))
        where = next(each.seq for each in batch if "other" in each.data)
        with pytest.raises(LedgerConflict) as conflict:
            ledger.append(CARPET, 1, batch)
        assert (conflict.value.stream, conflict.value.seq) == (CARPET, where)
        assert ledger.frozen(CARPET) == where
        for later in (facts(4, 4), facts(4, 4)):
            with pytest.raises(LedgerConflict) as still:
                ledger.append(CARPET, 3, later)
            assert still.value.seq == where
        assert ledger.append(SAFFRON, 0, facts(1, 1)).seq == 1
        ledger.release(CARPET)
        assert ledger.frozen(CARPET) is None
        assert ledger.append(CARPET, 3, facts(4, 4)).seq == 4
        assert ledger.entries(CARPET) == chained(CARPET, facts(1, 4))

    def test_a_command_is_sealed_once_in_a_stream(self, ledger: Store) -> None:
        ledger.append(CARPET, 0, of_one_command(7, 1, 2))
        with pytest.raises(LedgerConflict):
            ledger.append(CARPET, 2, of_one_command(7, 3, 4))
        assert ledger.frozen(CARPET) == 3
        assert ledger.head(CARPET).seq == 2

    def test_a_conflict_in_a_streams_first_batch_freezes_it_too(self, ledger: Store) -> None:
        twice = [fact(1), fact(2).model_copy(update={"command": fact(1).command})]
        with pytest.raises(LedgerConflict):
            ledger.append(CARPET, 0, twice)
        assert ledger.frozen(CARPET) == 1
        assert ledger.streams() == []

    def test_a_gap_is_told_with_what_is_there(self, ledger: Store) -> None:
        ledger.append(CARPET, 0, facts(1, 3))
        with pytest.raises(LedgerBehind) as behind:
            ledger.append(CARPET, 4, facts(5, 5))
        assert (behind.value.stream, behind.value.have, behind.value.after) == (CARPET, 3, 4)
        assert ledger.frozen(CARPET) is None
        assert ledger.append(CARPET, 3, facts(4, 5)).seq == 5

    @pytest.mark.parametrize("batch", [[], [fact(2)], [fact(1), fact(3)]], ids=["empty", "late", "holed"])
    def test_a_batch_is_numbered_from_the_place_it_names(self, ledger: Store, batch: list[Fact]) -> None:
        with pytest.raises(ValueError, match="numbered"):
            ledger.append(CARPET, 0, batch)

    def test_when_the_projection_raises_nothing_is_written(self, ledger: Store, counting: Counting) -> None:
        ledger.append(CARPET, 0, facts(1, 2))
        before = ledger.entries(CARPET), ledger.head(CARPET), ledger.portfolio(), ledger.snapshot(CARPET)

        def broken() -> None:
            raise ZeroDivisionError

        counting.while_open = broken
        with pytest.raises(ZeroDivisionError):
            ledger.append(CARPET, 2, facts(3, 5))
        assert (
            ledger.entries(CARPET), ledger.head(CARPET), ledger.portfolio(), ledger.snapshot(CARPET)
        ) == before  # fmt: skip
        counting.while_open = lambda: None
        ledger.append(CARPET, 2, facts(3, 5))
        assert ledger.portfolio()[0]["detail"] == {"facts": 5}

    def test_a_row_no_view_has_refuses_the_whole_batch(self, reopen: Any) -> None:
        def astray(stream: str, prior: Prior, facts: Sequence[Fact], text: Any) -> Projected:
            return Projected(b"{}", (Row("portfolio", {"stream": stream}, {"colour": "red"}),))

        ledger = reopen({"cluster/": astray})
        with pytest.raises(ValueError, match="colour"):
            ledger.append(CARPET, 0, facts(1, 1))
        assert ledger.head(CARPET) == START

    def test_unsealable_data_is_refused_and_nothing_is_written(self, ledger: Store) -> None:
        with pytest.raises(NotCanonical):
            ledger.append(CARPET, 0, [fact(1), fact(2, share=0.5)])
        with pytest.raises(NotAnEntry):
            ledger.append("cluster/a b", 0, [fact(1)])
        assert ledger.streams() == []

    def test_a_reader_sees_a_batch_whole_or_not_at_all(self, ledger: Store, counting: Counting) -> None:
        ledger.append(CARPET, 0, facts(1, 1))
        seen: list[tuple[int, int, int]] = []

        def look() -> None:
            seen.append((len(ledger.entries(CARPET)), ledger.head(CARPET).seq, ledger.portfolio()[0]["seq"]))

        counting.while_open = look
        ledger.append(CARPET, 1, facts(2, 4))
        look()
        assert seen == [(1, 1, 1), (4, 4, 4)]

    def test_all_facts_of_a_command_are_found_by_its_id(self, ledger: Store) -> None:
        ledger.append(CARPET, 0, [fact(1), *of_one_command(7, 2, 4), fact(5)])
        found = ledger.command(command_id(7))
        assert [(fact_of(leaf).seq, fact_of(leaf).command.n) for leaf in found] == [(2, 1), (3, 2), (4, 3)]
        assert ledger.command(command_id(8)) == []

    def test_streams_are_listed_by_the_beginning_of_their_names(self, ledger: Store) -> None:
        heads = {name: ledger.append(name, 0, facts(1, 1)) for name in (SAFFRON, CARPET, "directory", "agents")}
        assert ledger.streams("cluster/") == [(CARPET, heads[CARPET]), (SAFFRON, heads[SAFFRON])]
        assert [name for name, _ in ledger.streams()] == ["agents", CARPET, SAFFRON, "directory"]
        assert ledger.streams("CLUSTER/") == ledger.streams("cluster_") == []

    def test_the_snapshot_stands_on_the_head_and_goes_on_after_reopening(
        self, ledger: Store, counting: Counting, reopen: Any
    ) -> None:
        assert ledger.snapshot(CARPET) is None
        ledger.append(CARPET, 0, facts(1, 2))
        head = ledger.append(CARPET, 2, facts(3, 3))
        found = ledger.snapshot(CARPET)
        assert found is not None
        assert (found.seq, found.digest, found.state_json) == (3, head.digest, b"3")
        assert found.state_digest == "sha256:" + sha256(b"3").hexdigest()
        again = reopen({"cluster/": counting})
        again.append(CARPET, 3, facts(4, 4))
        assert counting.priors == [
            Prior(START, None, None),
            Prior(Head(seq=2, digest=ledger.entries(CARPET)[1].digest), None, 2),
            Prior(head, b"3", None),
        ]
        assert again.portfolio()[0]["detail"] == {"facts": 4}

    def test_a_stream_that_gets_its_projection_late_is_folded_from_its_beginning(
        self, reopen: Any, counting: Counting
    ) -> None:
        plain = reopen({})
        plain.append(CARPET, 0, facts(1, 3))
        assert plain.snapshot(CARPET) is None
        reopen({"cluster/": counting}).append(CARPET, 3, facts(4, 4))
        assert plain.portfolio()[0]["detail"] == {"facts": 4}

    def test_the_projection_with_the_longest_fitting_prefix_is_asked(self, reopen: Any) -> None:
        every, carpets = Counting(), Counting()
        ledger = reopen({"cluster/": every, CARPET: carpets})
        ledger.append(CARPET, 0, facts(1, 1))
        ledger.append("agents", 0, facts(1, 1))
        assert (len(every.priors), len(carpets.priors)) == (0, 1)

    def test_a_text_is_read_by_its_digest_and_by_the_projection(self, ledger: Store) -> None:
        digest = "sha256:" + sha256(b"methodology").hexdigest()
        with pytest.raises(LookupError):
            ledger.text(digest)
        with pytest.raises(LookupError):
            ledger.append(CARPET, 0, [fact(1, text=digest)])
        with pytest.raises(ValueError, match="sha256"):
            ledger.put_text(digest, b"another")
        ledger.put_text(digest, b"methodology")
        ledger.put_text(digest, b"methodology")
        assert ledger.text(digest) == b"methodology"
        assert ledger.append(CARPET, 0, [fact(1, text=digest)]).seq == 1

    def test_a_view_row_is_replaced_whole_or_removed(self, ledger: Store) -> None:
        ledger.append(CARPET, 0, facts(1, 3))
        ledger.append(CARPET, 3, [fact(4, closes="d2"), fact(5, closes="d9")])
        assert [row["duty_id"] for row in ledger.duties()] == ["d1", "d3"]
        assert ledger.portfolio()[0]["seq"] == 5
