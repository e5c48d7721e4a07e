"""Signed notes and checkpoints are read as others write them, and in one spelling only."""

import json
from base64 import b64decode
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from ledger import verify
from ledger.checkpoint import (
    MOST_ENTRIES,
    Checkpoint,
    CheckpointRefused,
    epoch_of,
    next_epoch,
    open_checkpoint,
    read_checkpoint,
    sign_checkpoint,
)
from ledger.notes import Note, NoteRefused, VerifierKey, read_note, signature_of, signers, verifier_key, verifier_of
from ledger.paper import GroupsRefused, PaperCheckpoint, groups, paper_of, read_groups
from ledger.witness import judge

FOREIGN = json.loads((Path(__file__).parents[1] / "vectors/notes.json").read_text(encoding="utf-8"))["notes"]
ORIGIN = "khoosheh.example/office"
PRIVATE, OTHER = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2))
KEY, OTHER_KEY = verifier_of(ORIGIN, PRIVATE), verifier_of(ORIGIN, OTHER)
HEAD = Checkpoint(ORIGIN, 20_852_163, bytes(range(32)))
NOTE = sign_checkpoint(HEAD, [PRIVATE])
CHECKPOINTS = st.builds(
    Checkpoint,
    st.from_regex(r"[a-z0-9][a-z0-9.-]{2,20}(/[a-z0-9]{1,9})?", fullmatch=True),
    st.integers(0, MOST_ENTRIES),
    st.binary(min_size=32, max_size=32),
)


@pytest.mark.parametrize("published", FOREIGN, ids=lambda each: each["source"][:40])
def test_published_notes_are_signed_by_their_published_keys(published):
    raw, keys = published["note"].encode(), tuple(map(verifier_key, published["keys"]))
    assert signers(read_note(raw), keys) == keys
    assert read_note(raw).raw == raw
    with pytest.raises(NoteRefused, match="signature_wrong"):
        signers(read_note(raw.replace(b"\n", b" \n", 1)), keys)


def test_we_sign_as_the_first_implementation_signs():
    published = FOREIGN[1]
    seed = b64decode(published["private"].split("+", 4)[4])[1:]
    text, _, lines = published["note"].rpartition("\n\n")
    made = signature_of(text + "\n", "PeterNeumann", Ed25519PrivateKey.from_private_bytes(seed))
    assert made.line == lines.splitlines(keepends=True)[0]


@given(CHECKPOINTS)
def test_what_was_signed_is_read_back(head):
    key = verifier_of(head.origin, PRIVATE)
    assert open_checkpoint(sign_checkpoint(head, [PRIVATE]), [key]) == (head, (key,))


def test_no_changed_bit_of_a_checkpoint_passes():
    for bit in range(len(NOTE) * 8):
        changed = bytearray(NOTE)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises((NoteRefused, CheckpointRefused)):
            open_checkpoint(bytes(changed), [KEY])


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "note_unsigned"), (b"text\n", "note_unsigned"), (NOTE[:-1], "note_unsigned"),
        (NOTE + b"\n", "note_unsigned"),
        (NOTE + b"\xff", "note_not_text"), (NOTE.replace(b"\n", b"\r\n"), "note_not_text"),
        (NOTE.replace("—".encode(), b"-"), "note_line"), (NOTE.replace(b"/office ", b"/office  "), "note_line"),
        (NOTE[:-2] + b"\n", "note_line"), (b"a\n\n\xe2\x80\x94 a AAAA\n", "note_line"),
        (NOTE + NOTE.rpartition(b"\n\n")[2] * 16, "note_too_large"), (b"a" * 100_001, "note_too_large"),
    ],
)  # fmt: skip
def test_what_is_no_note_is_refused_with_the_reason(raw, code):
    with pytest.raises(NoteRefused, match=code):
        read_note(raw)


def test_lines_of_unknown_keys_neither_prove_nor_hurt():
    both = sign_checkpoint(HEAD, [PRIVATE, OTHER])
    assert open_checkpoint(both, [KEY]) == (HEAD, (KEY,))
    assert open_checkpoint(both, [KEY, OTHER_KEY]) == (HEAD, (KEY, OTHER_KEY))
    with pytest.raises(NoteRefused, match="signer_unknown"):
        open_checkpoint(NOTE, [OTHER_KEY])
    with pytest.raises(NoteRefused, match="signer_unknown"):
        open_checkpoint(NOTE, [])


def test_a_key_signs_once_and_rightly_or_the_note_is_refused_whole():
    line = signature_of(HEAD.text, ORIGIN, PRIVATE)
    wrong = signature_of("other\n", ORIGIN, OTHER)
    with pytest.raises(NoteRefused, match="signature_twice"):
        signers(Note(HEAD.text, (line, line)), [KEY])
    with pytest.raises(NoteRefused, match="signature_wrong"):
        signers(Note(HEAD.text, (line, wrong)), [KEY, OTHER_KEY])


def test_a_checkpoint_counts_only_under_the_name_of_its_log():
    elsewhere = Note(HEAD.text, (signature_of(HEAD.text, "other.example", PRIVATE),)).raw
    with pytest.raises(NoteRefused, match="signer_unknown"):
        open_checkpoint(elsewhere, [verifier_of("other.example", PRIVATE)])


@pytest.mark.parametrize(
    "text",
    [
        "",
        KEY.text + " ",
        KEY.text.upper(),
        KEY.text.replace("+", "++", 1),
        KEY.text[:-4],
        "other" + KEY.text,
        KEY.text.replace("+A", "+B"),
        f"{ORIGIN}+00000000+{KEY.text.rpartition('+')[2]}",
        "a name+" + KEY.text.partition("+")[2],
        "x+y",
    ],
)
def test_a_verifier_key_has_one_spelling(text):
    assert verifier_key(KEY.text) == KEY
    with pytest.raises(NoteRefused, match="note_key"):
        verifier_key(text)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("20852163", "020852163"), ("20852163", "-1"), ("20852163", "1.5"), ("20852163", "۲"), ("20852163", ""),
        ("20852163", "34359738368"), (ORIGIN, ""), (ORIGIN, "ab"), (ORIGIN, "Office"), (ORIGIN, "a b c"),
        (ORIGIN, "office+1"), (ORIGIN, "office/"), (ORIGIN, "o" * 101), ("8=\n", "9=\n"), ("8=\n", "8\n"),
        ("8=\n", "8=\nmore\n"), ("8=\n", "8="),
    ],
)  # fmt: skip
def test_a_checkpoint_has_three_lines_in_one_spelling(old, new):
    assert read_checkpoint(HEAD.text) == HEAD
    assert old in HEAD.text
    with pytest.raises(CheckpointRefused):
        read_checkpoint(HEAD.text.replace(old, new))


def test_epochs_are_counted_at_the_end_of_the_name():
    assert (epoch_of(ORIGIN), next_epoch(ORIGIN)) == (1, f"{ORIGIN}/2")
    assert (epoch_of(f"{ORIGIN}/9"), next_epoch(f"{ORIGIN}/9")) == (9, f"{ORIGIN}/10")


PAPERS = st.builds(PaperCheckpoint, st.integers(0, MOST_ENTRIES), st.binary(min_size=20, max_size=20))
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


@given(PAPERS)
def test_groups_are_read_back_however_people_write_them(paper):
    written = groups(paper)
    assert [len(group) for group in written.split(" ")] == [5] * 8
    for copied in (
        written, written.lower(), written.replace(" ", "-"), written.replace(" ", ""), written.replace(" ", "\n"),
        written.replace("0", "O").replace("1", "l"), written.replace("1", "i"), written.translate(ARABIC),
        f"\u200f {written.translate(PERSIAN)} ",
    ):  # fmt: skip
        assert read_groups(copied) == paper


@given(PAPERS, st.integers(0, 39), st.integers(1, 31))
def test_one_wrong_character_of_the_groups_always_shows(paper, place, off):
    letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    written = groups(paper).replace(" ", "")
    other = letters[(letters.index(written[place]) + off) % 32]
    with pytest.raises(GroupsRefused, match="groups_mistyped"):
        read_groups(written[:place] + other + written[place + 1 :])


@given(PAPERS, st.integers(0, 38))
def test_two_exchanged_neighbours_in_the_groups_always_show(paper, place):
    written = groups(paper).replace(" ", "")
    swapped = written[:place] + written[place + 1] + written[place] + written[place + 2 :]
    if swapped != written:
        with pytest.raises(GroupsRefused, match="groups_mistyped"):
            read_groups(swapped)


@pytest.mark.parametrize(
    ("written", "code"),
    [("", "groups_length"), ("0" * 39, "groups_length"), ("0" * 41, "groups_length"), ("U" * 40, "groups_letter"),
     ("*", "groups_letter")],
)  # fmt: skip
def test_what_are_no_groups_is_told_apart_from_a_slip(written, code):
    with pytest.raises(GroupsRefused, match=code):
        read_groups(written)


def test_what_does_not_fit_onto_the_paper_is_not_cut():
    for paper in (PaperCheckpoint(MOST_ENTRIES + 1, bytes(20)), PaperCheckpoint(1, bytes(19))):
        with pytest.raises(ValueError, match="PaperCheckpoint"):
            groups(paper)


@pytest.mark.parametrize("form", [lambda head: head, paper_of], ids=["note", "paper"])
def test_a_held_checkpoint_tells_what_became_of_the_log(form):
    roots = {5: b"5" * 32, 8: b"8" * 32}
    held = form(Checkpoint(ORIGIN, 5, roots[5]))
    assert judge(held, ORIGIN, 5, roots.__getitem__) == "same"
    assert judge(held, ORIGIN, 8, roots.__getitem__) == "extends"
    assert judge(held, ORIGIN, 4, roots.__getitem__) == "shrunk"
    assert judge(held, ORIGIN, 8, lambda _: b"x" * 32) == "forked"


def test_a_note_of_another_log_is_no_fork_of_this_one():
    assert judge(Checkpoint("other.example", 5, b"5" * 32), ORIGIN, 8, lambda _: b"5" * 32) == "other_log"


@pytest.mark.parametrize(
    "public",
    [
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    ],
)
def test_a_key_under_which_everybody_can_sign_is_none(public):
    text = VerifierKey("office.example", bytes.fromhex(public)).text
    assert verify.key_from(text) is None
    with pytest.raises(NoteRefused):
        verifier_key(text)
