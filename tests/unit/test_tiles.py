"""The tree as files has the layout of C2SP tlog-tiles, and every proof can be read out of the files."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.checkpoint import Checkpoint, sign_checkpoint
from ledger.notes import verifier_of
from ledger.proofs import EntryProof, check_proof, read_proof
from ledger.tiles import (
    Bundle,
    Growth,
    Tile,
    bundle_of,
    bundles,
    hashes_in,
    leaves_in,
    nodes_from,
    tile_of,
    tiles,
    unfinished,
)
from ledger.tree import (
    Frontier,
    ProofRefused,
    check_consistency,
    check_inclusion,
    consistency,
    inclusion,
    leaf_hash,
    node_hash,
    peaks_of,
)
from tests.unit.test_notes import KEY, ORIGIN, PRIVATE

MOST = 66_000
LEAVES = [leaf_hash(n.to_bytes(3)) for n in range(MOST)]
LEVELS = [LEAVES]
while len(LEVELS[-1]) > 1:
    below = LEVELS[-1]
    LEVELS.append([node_hash(below[n], below[n + 1]) for n in range(0, len(below) - 1, 2)])


def nodes(level: int, n: int) -> bytes:
    return LEVELS[level][n]


def root_at(size: int) -> bytes:
    return Frontier(size, peaks_of(size, nodes)).root()


@pytest.mark.parametrize(
    ("tile", "name"),
    [
        (Tile(0, 0, 256), "tile/0/000"), (Tile(0, 0, 1), "tile/0/000.p/1"), (Tile(1, 273, 17), "tile/1/273.p/17"),
        (Tile(0, 1_234_067, 256), "tile/0/x001/x234/067"), (Tile(2, 1000, 255), "tile/2/x001/000.p/255"),
        (Bundle(0, 256), "tile/entries/000"), (Bundle(999_999, 3), "tile/entries/x999/999.p/3"),
    ],
)  # fmt: skip
def test_tiles_are_called_as_the_specification_calls_them(tile, name):
    assert tile.name == name


def test_the_specifications_tree_of_70000_leaves_has_the_specifications_tiles():
    found = list(tiles(70_000))
    partial = {(tile.level, tile.n, tile.width) for tile in found if tile.width < 256}
    assert [sum(tile.level == level for tile in found) for level in range(4)] == [274, 2, 1, 0]
    assert partial == {(0, 273, 112), (1, 1, 17), (2, 0, 1)}


def test_a_full_tile_stands_one_level_up_as_one_hash():
    assert list(tiles(256)) == [Tile(0, 0, 256), Tile(1, 0, 1)]
    assert tile_of(Tile(1, 0, 1), nodes) == root_at(256)


@given(st.integers(0, 70_000), st.integers(0, 70_000))
def test_what_is_written_between_two_sizes_is_what_the_larger_one_has_more(one, other):
    before, after = sorted((one, other))
    assert set(tiles(after, before)) == set(tiles(after)) - set(tiles(before))
    assert list(bundles(after, before)) == [Bundle(t.n, t.width) for t in tiles(after, before) if t.level == 0]


def test_an_empty_log_has_no_tiles():
    assert [*tiles(0), *tiles(5, 5), *bundles(0)] == []


@settings(max_examples=60)
@given(st.integers(1, MOST), st.data())
def test_every_proof_can_be_read_out_of_the_files(size, drawn):
    kept = {}

    def read(tile: Tile) -> list[bytes]:
        assert tile in set(tiles(size)), "no such file at this size"
        if tile.name not in kept:
            kept[tile.name] = tile_of(tile, nodes)
        return hashes_in(kept[tile.name])

    index, old = drawn.draw(st.integers(0, size - 1)), drawn.draw(st.integers(1, size))
    root = Frontier(size, peaks_of(size, nodes_from(size, read))).root()
    assert root == root_at(size)
    check_inclusion(LEAVES[index], index, size, inclusion(index, size, nodes_from(size, read)), root)
    check_consistency(old, size, root_at(old), root, consistency(old, size, nodes_from(size, read)))


@settings(max_examples=40)
@given(st.integers(0, 2_000), st.integers(0, 2_000))
def test_a_growing_log_writes_exactly_the_tiles_it_has_more(one, other):
    before, after = sorted((one, other))
    growth = Growth(before, [hashes_in(tile_of(tile, nodes)) if tile else [] for tile in unfinished(before)])
    written = [made for leaf in LEAVES[before:after] for made in growth.add(leaf)] + list(growth.partial())
    assert {tile: content for tile, content in written if tile in set(tiles(after, before))} == {
        tile: tile_of(tile, nodes) for tile in tiles(after, before)
    }


def test_a_log_that_outgrows_two_levels_writes_the_specifications_tiles():
    growth = Growth()
    written = dict(made for leaf in LEAVES for made in growth.add(leaf)) | dict(growth.partial())
    assert set(written) == set(tiles(MOST))
    assert all(content == tile_of(tile, nodes) for tile, content in written.items())


def test_a_log_cannot_grow_from_tiles_of_another_size():
    with pytest.raises(ValueError, match="rows"):
        Growth(3, [LEAVES[:2]])


@given(st.lists(st.binary(max_size=300), max_size=256))
def test_a_bundle_gives_back_its_entries(leaves):
    assert leaves_in(bundle_of(leaves)) == leaves


@pytest.mark.parametrize("bundle", [b"\0", b"\0\2a", b"\0\1ab", b"\0\0" * 257])
def test_a_cut_or_overlong_bundle_is_none(bundle):
    with pytest.raises(ValueError, match="bundle"):
        leaves_in(bundle)


def test_a_cut_tile_is_none():
    with pytest.raises(ValueError, match="tile_cut"):
        hashes_in(bytes(33))


ENTRY = b'{"n":1}'
ALONE = Checkpoint(ORIGIN, 2, node_hash(leaf_hash(ENTRY), LEAVES[1]))
PROOF = EntryProof(0, (LEAVES[1],), sign_checkpoint(ALONE, [PRIVATE]))


def test_an_entry_is_proven_by_a_text_and_the_key_alone():
    assert read_proof(PROOF.raw) == PROOF
    assert check_proof(read_proof(PROOF.raw), ENTRY, [KEY]) == ALONE
    with pytest.raises(ProofRefused, match="wrong_root"):
        check_proof(PROOF, b'{"n":2}', [KEY])


def test_a_line_of_extra_data_is_passed_over():
    assert read_proof(PROOF.raw.replace(b"\nindex", b"\nextra QUJD\nindex")) == PROOF


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"@v1", b"@v2"), (b"index 0", b"index 00"), (b"index 0", b"index -1"), (b"index 0\n", b""), (b"=\n\n", b"=\n"),
     (b"=\n\n", b"\n\n"), (b"\nindex", b"\n\xff\nindex")],
)  # fmt: skip
def test_what_is_no_proof_is_refused(old, new):
    assert old in PROOF.raw
    with pytest.raises(ProofRefused, match="proof_form"):
        read_proof(PROOF.raw.replace(old, new, 1))


def test_a_proof_under_a_key_nobody_knows_proves_nothing():
    from ledger.notes import NoteRefused

    with pytest.raises(NoteRefused, match="signer_unknown"):
        check_proof(PROOF, ENTRY, [verifier_of("other.example", PRIVATE)])
