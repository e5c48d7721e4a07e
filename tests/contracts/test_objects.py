"""What every archive store must do."""

from pathlib import Path

import pytest

from adapters.objects_folder import ObjectFolder
from ledger.objects import ObjectDiffers, Objects


@pytest.fixture
def objects(tmp_path: Path) -> Objects:
    return ObjectFolder(tmp_path / "archive")


def test_what_is_put_is_got_back_byte_for_byte(objects: Objects) -> None:
    objects.put("tile/0/000", b"\x00\xff\n")
    assert objects.has("tile/0/000")
    assert objects.get("tile/0/000") == b"\x00\xff\n"


def test_putting_equal_content_again_changes_nothing(objects: Objects) -> None:
    objects.put("a", b"one")
    objects.put("a", b"one")
    assert objects.get("a") == b"one"


def test_other_content_under_a_known_name_is_refused_and_the_first_stays(objects: Objects) -> None:
    objects.put("a", b"one")
    with pytest.raises(ObjectDiffers):
        objects.put("a", b"two")
    assert objects.get("a") == b"one"


def test_an_object_never_put_is_not_found(objects: Objects) -> None:
    objects.put("a/b", b"")
    for name in ("b", "a", "a/b/c"):
        assert not objects.has(name)
        with pytest.raises(LookupError):
            objects.get(name)


def test_names_are_listed_in_order_by_prefix(objects: Objects) -> None:
    for name in ("b/2", "a/10", "a/1", "b/1", "ab"):
        objects.put(name, b"")
    assert list(objects.names()) == ["a/1", "a/10", "ab", "b/1", "b/2"]
    assert list(objects.names("a/")) == ["a/1", "a/10"]


@pytest.mark.parametrize("name", ["", "/a", "a/", "a//b", "../a", "a/../b", ".hidden", "a/.b", "A", "a b", "a\x00"])
def test_nothing_but_a_name_reaches_the_store(objects: Objects, name: str) -> None:
    for ask in (objects.get, objects.has, lambda named: objects.put(named, b"")):
        with pytest.raises(ValueError, match=r".*"):
            ask(name)


def test_an_object_half_written_is_not_seen(tmp_path: Path) -> None:
    store = ObjectFolder(tmp_path)
    store.put("a/b", b"whole")
    (tmp_path / "a" / ".c.0123456789abcdef").write_bytes(b"ha")
    assert list(store.names()) == ["a/b"]
    assert (tmp_path / "a" / "b").stat().st_mode & 0o077 == 0
