"""verify.py finds nothing to blame in a right bundle and the examples of the page, and answers those who ask it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path

import pytest

from ledger import verify
from tests.page_bundles import (
    ORIGIN,
    Q,
    bundle,
    digest,
    example,
    judged,
    members_of,
    note,
    office,
    root_at,
    shown,
    spelled,
    verifier,
    zipped,
)


def test_a_right_bundle_has_nothing_to_blame() -> None:
    one = office()
    answer = judged(bundle(one.leaves))
    assert answer == {
        "ok": True, "entries": 9, "streams": 4, "size": 9, "root": root_at(one.leaves, 9).hex(),
        "checkpoint": note(one.leaves, 9).decode().partition("\n\n")[0] + "\n", "findings": [],
        "erased": [{"commitment": "hmac-sha256:" + "ab" * 32, "stream": "documents", "seq": 1}],
    }  # fmt: skip


def test_the_leaves_of_the_page_are_entries_with_its_digests() -> None:
    assert [verify.is_entry(verify.canonical(leaf)) for leaf in example()] == [True] * 4
    assert [digest(leaf) for leaf in example()[1:]] == shown("digests").split()


def test_the_signature_of_section_7() -> None:
    message, key, signature = shown("signature").splitlines()
    spelled_signature = base64.urlsafe_b64decode(signature + "==")
    assert verify.rightly_signed(bytes.fromhex(key), message.encode(), spelled_signature)


def test_the_tree_of_section_20() -> None:
    told, tree = shown("tree").split(), verify.Tree()
    roots = [tree.root().hex()]
    for leaf_hash in told[:4]:
        tree.append(bytes.fromhex(leaf_hash))
        roots.append(tree.root().hex())
    assert roots == told[4:]
    assert [hashlib.sha256(b"\x00" + leaf).hexdigest() for leaf in example()] == told[:4]


@pytest.mark.parametrize("size", range(1, 70))
def test_the_tree_is_that_of_the_recursion(size: int) -> None:
    leaves, tree = [bytes([n]) for n in range(size)], verify.Tree()
    for leaf in leaves:
        tree.append(hashlib.sha256(b"\x00" + leaf).digest())
    assert tree.root() == root_at(leaves, size)


def test_the_manifest_and_the_checkpoint_of_section_20_are_those_of_a_right_bundle() -> None:
    told = shown("checkpoint").encode()
    members = members_of(example(), {4: told}, texts=())
    members[0], members[1] = ("README.md", b""), ("verify.py", b"")
    manifest = json.loads(members[-1][1])
    manifest["files"] |= {"README.md": digest(b""), "verify.py": digest(b"")}
    members[-1] = ("manifest.json", spelled(manifest))
    assert members[-1][1].decode() == shown("manifest").rstrip("\n")
    assert members[2][1] == shown("verifier").encode()
    assert note(example(), 4) == told
    held = [verify.held_groups("paper", groups) for groups in shown("paper").splitlines()]
    answer = judged(zipped(members), tuple(held))
    # The page's methodology has no text: "5a5a…" is the digest of nothing known.
    assert [(f["kind"], f["stream"], f["seq"]) for f in answer["findings"]] == [("text_missing", Q, 1)]
    assert [one["result"] for one in answer["held"]] == ["same", "same"]
    assert verify.on_paper(verify.Checkpoint(ORIGIN, 4, root_at(example(), 4))) == shown("paper").splitlines()[0]


def test_one_wrong_character_or_two_exchanged_never_pass_on_paper() -> None:
    groups = shown("paper").splitlines()[0].replace(" ", "")
    assert verify.from_paper(groups) is not None
    for at in range(40):
        for other in verify.CROCKFORD.replace(groups[at], ""):
            assert verify.from_paper(groups[:at] + other + groups[at + 1 :]) is None
        swapped = groups[:at] + groups[at : at + 2][::-1] + groups[at + 2 :]
        assert verify.from_paper(swapped) is None or swapped == groups
    for wrong in (groups[:-1], groups + "0", groups.replace("N", "U"), "", "0" * 40):
        assert verify.from_paper(wrong) is None


def run(tmp_path: Path, content: bytes, *arguments: str) -> int:
    (tmp_path / "bundle.zip").write_bytes(content)
    return verify.main([str(tmp_path / "bundle.zip"), *arguments])


def test_the_answers_of_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    leaves = office().leaves
    (tmp_path / "held").write_bytes(note(leaves, 5))
    assert run(tmp_path, bundle(leaves), "--lang", "en", "--held", str(tmp_path / "held"), "--key", verifier()) == 0
    told = capsys.readouterr().out
    assert "nothing to blame" in told
    assert verify.on_paper(verify.Checkpoint(ORIGIN, 9, root_at(leaves, 9))) in told
    assert "this log goes on from it" in told
    assert run(tmp_path, bundle(leaves[:4], {9: note(leaves, 9)}), "--lang", "en") == 1
    assert "[tail_cut]" in capsys.readouterr().out
    assert run(tmp_path, b"x" * 200, "--lang", "en") == 2
    assert "CANNOT JUDGE" in capsys.readouterr().out
    assert run(tmp_path, bundle(leaves), "--lang", "en", "--groups", "nonsense") == 2
    assert run(tmp_path, bundle(leaves), "--lang", "en", "--held", str(tmp_path / "nowhere")) == 2
    assert verify.main([str(tmp_path / "no such file"), "--json"]) == 2


@pytest.mark.parametrize(("language", "words"), [("en", "by p-deputy on behalf of p-boss"), ("fa", "از طرفِ")])
def test_who_approved_it_and_was_anything_changed_since(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], language: str, words: str
) -> None:
    leaves = office().leaves
    no, yes, unknown = (
        ("Changed since? No", "Changed since? YES", "It cannot be said")
        if language == "en"
        else ("نه:", "آری", "نمی‌توان گفت")
    )
    ask = ("--lang", language, "--cluster", "qom-footwear")
    assert run(tmp_path, bundle(leaves), *ask) == 0
    told = capsys.readouterr().out
    assert words in told
    assert "2026-11-05 05:30:00 UTC" in told
    assert no in told
    assert run(tmp_path, bundle([*leaves[:3], *leaves[4:]]), *ask) == 1
    assert yes in capsys.readouterr().out
    assert run(tmp_path, bundle(leaves, {4: note(leaves, 4)}), *ask) == 1
    assert unknown in capsys.readouterr().out
    another = note([*leaves[:3], leaves[0]], 4)
    assert run(tmp_path, bundle(leaves, {4: another, 9: note(leaves, 9)}), *ask) == 1
    assert unknown in capsys.readouterr().out
    assert run(tmp_path, bundle(leaves), "--lang", language, "--cluster", "nowhere") == 0


def test_every_kind_of_finding_has_its_sentence_in_both_languages() -> None:
    for kind in verify.KINDS:
        for persian in (False, True):
            assert verify.Words(persian=persian).meaning(verify.Finding("", 0, kind, "own_work p-1"))


def test_what_others_wrote_steers_no_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = office()
    one.add(Q, "deliverable.submitted", {"deliverable": "\x1b[2J\u202etxt\n", "duty": "d"}, "p-a\x1b")
    run(tmp_path, bundle(one.leaves), "--cluster", "qom-footwear", "--lang", "en")
    assert not re.search("[\x00-\x09\x0b-\x1f\u202e]", capsys.readouterr().out)
