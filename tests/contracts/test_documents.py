"""What every document store must do; the folder is the one there is."""

import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.documents import DamagedDocument, DocumentFolder
from ledger.canonical import NotCanonical
from ledger.commitments import Documents, commit, is_committed

Folder = Callable[..., DocumentFolder]


@pytest.fixture
def documents(tmp_path: Path) -> Documents:
    return DocumentFolder(tmp_path / "documents")


def kept_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("value", ["خوشهٔ فرش دستباف", "", b"%PDF-1.7\x00\xff", b"\x00"])
def test_what_is_put_is_got_back_byte_for_byte(documents: Documents, value: str | bytes) -> None:
    commitment = documents.put(value)
    assert documents.has(commitment)
    assert documents.get(commitment) == (value.encode() if isinstance(value, str) else value)


def test_equal_values_cannot_be_told_by_their_commitments(documents: Documents) -> None:
    assert documents.put("yes") != documents.put("yes")


def test_a_forgotten_value_is_gone_and_forgetting_again_says_so(documents: Documents) -> None:
    commitment, other = documents.put("a name"), documents.put("another")
    assert documents.forget(commitment)
    assert not documents.has(commitment)
    assert not documents.forget(commitment)
    with pytest.raises(LookupError):
        documents.get(commitment)
    assert documents.get(other) == b"another"


def test_a_commitment_never_made_is_not_found(documents: Documents) -> None:
    with pytest.raises(LookupError):
        documents.get(commit("a", b"s" * 32))


@pytest.mark.parametrize("name", ["../../etc/passwd", "hmac-sha256:../x", "", "hmac-sha256:" + "A" * 64])
def test_only_a_commitment_can_name_a_document(documents: Documents, name: str) -> None:
    for ask in (documents.get, documents.has, documents.forget):
        with pytest.raises(LookupError):
            ask(name)


def test_text_outside_nfc_is_refused_and_nothing_is_left_behind(tmp_path: Path) -> None:
    documents = DocumentFolder(tmp_path)
    with pytest.raises(NotCanonical, match="not_nfc"):
        documents.put("e\u0301")
    assert kept_files(tmp_path) == []


def test_a_changed_document_is_not_handed_out(tmp_path: Path) -> None:
    documents = DocumentFolder(tmp_path)
    commitment = documents.put("10 looms")
    (file,) = kept_files(tmp_path)
    whole = file.read_bytes()
    for changed in (whole[:-1] + b"S", whole[:20], b"", b"\x00" + whole[1:]):
        file.write_bytes(changed)
        with pytest.raises(DamagedDocument):
            documents.get(commitment)


def test_only_the_owner_can_read_a_document_and_nothing_stands_beside_it(tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    DocumentFolder(folder).put("a name")
    (file,) = kept_files(folder)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (file, file.parent, folder)] == [
        0o600,
        0o700,
        0o700,
    ]


def test_a_document_whose_writing_fails_is_not_there_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    documents = DocumentFolder(tmp_path)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr("adapters.whole_file.os.fsync", full)
        with pytest.raises(OSError, match="No space"):
            documents.put("a name")
    assert kept_files(tmp_path) == []
    assert documents.get(documents.put("a name")) == b"a name"


def test_the_same_seed_gives_the_same_commitments_in_any_order(tmp_path: Path) -> None:
    one, two = (DocumentFolder(tmp_path / name, seed=b"1405") for name in ("one", "two"))
    other = DocumentFolder(tmp_path / "other", seed=b"1406")
    values = ["a", "ب", "c"]
    assert sorted(map(one.put, values)) == sorted(map(two.put, reversed(values)))
    assert one.put("a") == two.put("a") != other.put("a")


def test_a_commitment_holds_for_its_value_and_salt_alone() -> None:
    commitment = commit("yes", b"s" * 32)
    assert is_committed("yes", b"s" * 32, commitment)
    assert not is_committed("no", b"s" * 32, commitment)
    assert not is_committed("yes", b"t" * 32, commitment)
    with pytest.raises(ValueError, match="32 bytes"):
        commit("yes", b"short")
