"""The signer signs a log that has provably grown and nothing else, whatever happens to its process in between."""

import shutil
import subprocess
import sys
from contextlib import suppress
from itertools import count
from pathlib import Path
from stat import S_IMODE

import pytest

from adapters.signer import AskedSigner, own_signer
from adapters.signer_folder import SignerFolder, SignerUnusable
from ledger.checkpoint import Checkpoint, open_checkpoint
from ledger.notes import verifier_key
from ledger.succession import NotSigned
from ledger.tree import Frontier, consistency, leaf_hash, node_hash
from tests.killed import killed_at

ORIGIN = "khoosheh.example/office"
HONEST = [leaf_hash(bytes([n])) for n in range(12)]
FORKED = HONEST[:6] + [leaf_hash(b"other" + bytes([n])) for n in range(6)]


def head(size: int, leaves: list[bytes] = HONEST) -> Checkpoint:
    frontier = Frontier()
    for leaf in leaves[:size]:
        frontier.add(leaf)
    return Checkpoint(ORIGIN, size, frontier.root())


def proof(old: int, new: int, leaves: list[bytes] = HONEST) -> list[bytes]:
    def nodes(level: int, n: int) -> bytes:
        return leaves[n] if level == 0 else node_hash(nodes(level - 1, 2 * n), nodes(level - 1, 2 * n + 1))

    return consistency(old, new, nodes)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A signer that has signed six entries."""
    signer = SignerFolder(tmp_path / "signer")
    signer.sign(head(6), [], signer.begin(ORIGIN).keys)
    return tmp_path / "signer"


def test_killed_at_any_step_it_never_signs_two_roots_of_one_size(folder, tmp_path):
    keys = SignerFolder(folder).standing().keys
    outcomes = set()
    for step in count():
        place = tmp_path / f"{step}"
        shutil.copytree(folder, place)
        ended, answered = killed_at(step, lambda: SignerFolder(place).sign(head(9), proof(6, 9), keys))  # noqa: B023 - run at once
        signed = {head(9).root} if answered else set()
        for leaves in (FORKED, HONEST):
            with suppress(NotSigned):
                note = SignerFolder(place).sign(head(9, leaves), proof(6, 9, leaves), keys)
                signed.add(open_checkpoint(note, map(verifier_key, keys))[0].root)
        assert len(signed) == 1, f"killed before line {step}"
        outcomes.add(next(iter(signed)))
        if ended:
            break
    assert step > 30, "the steps were not counted"
    assert outcomes == {head(9).root, head(9, FORKED).root}, "no kill came before the memory, or none after it"


@pytest.mark.parametrize("change", ["begin", "rotate", "begin_epoch"])
def test_killed_at_any_step_of_a_change_it_is_usable_and_the_change_can_be_made_again(folder, tmp_path, change):
    arguments = {"begin": (ORIGIN,), "rotate": (), "begin_epoch": (f"{ORIGIN}/2",)}[change]
    for step in count():
        place = tmp_path / f"{step}"
        if change != "begin":
            shutil.copytree(folder, place)
        ended, _ = killed_at(step, lambda: bytes(bool(getattr(SignerFolder(place), change)(*arguments))))  # noqa: B023 - run at once
        standing = SignerFolder(place).begin(ORIGIN)
        assert standing.keys
        assert standing.last == (head(6) if standing.origin == ORIGIN and change != "begin" else None)
        if ended:
            break
    assert step > 10


def test_the_first_head_is_signed_and_the_same_head_again_with_the_same_bytes(tmp_path):
    signer = SignerFolder(tmp_path / "signer")
    (key,) = signer.begin(ORIGIN).keys
    note = signer.sign(head(6), [], [key])
    assert open_checkpoint(note, [verifier_key(key)]) == (head(6), (verifier_key(key),))
    assert signer.sign(head(6), [], [key]) == note == signer.standing().note


@pytest.mark.parametrize(
    ("asked", "path", "code"),
    [
        (head(5), [], "sign_shrunk"), (head(6, HONEST[::-1]), [], "sign_forked"), (head(9), [], "sign_unproven"),
        (head(9, HONEST[::-1]), proof(6, 9, HONEST[::-1]), "sign_forked"),
        (head(9)._replace(origin="other.example"), proof(6, 9), "sign_other_log"),
    ],
)  # fmt: skip
def test_a_refusal_changes_nothing(folder, asked, path, code):
    signer = SignerFolder(folder)
    before = signer.standing()
    with pytest.raises(NotSigned, match=code) as refused:
        signer.sign(asked, path, before.keys)
    assert refused.value.last == head(6)
    assert signer.standing() == before


def test_only_its_owner_can_read_the_signers_folder(folder):
    modes = {path.name: S_IMODE(path.stat().st_mode) for path in [folder, *folder.rglob("*")]}
    assert all(mode & 0o077 == 0 for name, mode in modes.items() if name != "lock"), modes


def test_a_key_that_others_could_read_is_not_used(folder):
    (folder / "1/0001.pem").chmod(0o640)
    with pytest.raises(SignerUnusable, match="signer_key_mode"):
        SignerFolder(folder).standing()


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda folder: (folder / "last.json").unlink(), "signer_missing"),
        (lambda folder: (folder / "last.json").write_text("{"), "signer_memory"),
        (lambda folder: (folder / "last.json").write_text('{"origin":"a.b","note":"x"}'), "signer_memory"),
        (lambda folder: shutil.rmtree(folder / "1"), "signer_key"),
        (lambda folder: (folder / "1/0001.pem").write_text(""), "signer_key"),
        (shutil.rmtree, "signer_missing"),
    ],
    ids=["no memory", "no JSON", "foreign memory", "no keys", "an empty key", "nothing"],
)
def test_without_its_memory_or_key_it_signs_nothing(folder, damage, code):
    keys = SignerFolder(folder).standing().keys
    damage(folder)
    with pytest.raises(SignerUnusable, match=code):
        SignerFolder(folder).sign(head(9), proof(6, 9), keys)


def test_a_lost_memory_does_not_begin_anew_by_itself(folder):
    (folder / "last.json").unlink()
    with pytest.raises(SignerUnusable, match="signer_memory"):
        SignerFolder(folder).begin(ORIGIN)


def test_a_rotated_key_signs_beside_the_old_one(folder):
    signer = SignerFolder(folder)
    old, new = signer.rotate().keys
    note = signer.sign(head(9), proof(6, 9), [new, old])
    assert [key.text for key in open_checkpoint(note, map(verifier_key, (old, new)))[1]] == [new, old]
    with pytest.raises(SignerUnusable, match="signer_key_unknown"):
        signer.sign(head(9), [], ["other.example+00000000+AAAA"])


def test_a_new_epoch_signs_from_nothing_and_never_again_for_the_one_before(folder):
    signer = SignerFolder(folder)
    standing = signer.begin_epoch(f"{ORIGIN}/2")
    assert (standing.origin, standing.last) == (f"{ORIGIN}/2", None)
    with pytest.raises(NotSigned, match="sign_other_log"):
        signer.sign(head(9), proof(6, 9), standing.keys)
    signer.sign(head(3)._replace(origin=f"{ORIGIN}/2"), [], standing.keys)


def test_a_signer_of_which_nothing_is_left_begins_only_an_epoch_of_its_own(folder, tmp_path):
    standing = SignerFolder(tmp_path / "new").begin_epoch(f"{ORIGIN}/2")
    assert (standing.origin, standing.last, len(standing.keys)) == (f"{ORIGIN}/2", None, 1)
    assert SignerFolder(tmp_path / "new").begin_epoch(f"{ORIGIN}/2") == standing
    for other in (ORIGIN, f"{ORIGIN}/4", "other.example/3"):
        with pytest.raises(SignerUnusable, match="signer_origin"):
            SignerFolder(tmp_path / "new").begin_epoch(other)


@pytest.mark.parametrize("origin", ["", "a", "Office", "a b", "office/2", "-x", "office/"])
def test_a_log_needs_a_name_of_the_right_form(tmp_path, origin):
    with pytest.raises(SignerUnusable, match="signer_origin"):
        SignerFolder(tmp_path / "signer").begin(origin)


def test_asked_through_a_process_it_answers_as_in_process(tmp_path):
    asked = own_signer(tmp_path / "signer")
    with pytest.raises(SignerUnusable, match="signer_missing"):
        asked.standing()
    standing = asked.standing("init", "--origin", ORIGIN)
    note = asked.sign(head(6), [], standing.keys)
    assert asked.standing() == SignerFolder(tmp_path / "signer").standing()
    assert asked.standing().note == note
    with pytest.raises(NotSigned, match="sign_shrunk") as refused:
        asked.sign(head(5), [], standing.keys)
    assert refused.value.last == head(6)
    assert len(asked.standing("rotate").keys) == 2


def test_a_signer_that_cannot_run_or_speaks_nonsense_is_told_apart_from_a_refusal(tmp_path):
    for command in (["/nonexistent"], [sys.executable, "-c", "print('hello')"], [sys.executable, "-c", "1/0"]):
        with pytest.raises(SignerUnusable, match="signer_failed"):
            AskedSigner(command).standing()


def test_a_malformed_request_is_refused_with_its_own_code(folder):
    command = [sys.executable, "-m", "adapters.signer", "--folder", str(folder), "sign"]
    for request in (b"", b"{}", b'{"origin":"a","size":"x","root":"","proof":[],"keys":[]}', b"[]"):
        done = subprocess.run(command, input=request, capture_output=True, check=False)
        assert done.returncode == 2
        assert b"signer_request" in done.stdout
