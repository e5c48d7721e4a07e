"""What every archive store must do, in a folder and on a real S3 server."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from adapters.objects_at import objects_at
from adapters.objects_folder import ObjectFolder
from adapters.objects_s3 import ObjectBucket
from ledger.objects import ObjectDiffers, Objects, ObjectsUnusable
from tests.s3 import environment, new_bucket, s3_server


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with s3_server() as address:
        yield address


@pytest.fixture(params=["folder", "s3", "s3 with a prefix"])
def objects(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Objects:
    if request.param == "folder":
        return objects_at(tmp_path / "archive")
    server = request.getfixturevalue("server")
    for name, value in environment(server).items():
        monkeypatch.setenv(name, value)
    prefix = "/office/archive" if "prefix" in request.param else ""
    return objects_at(f"s3://{new_bucket(server)}{prefix}")


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
    assert list(objects.names("a/1")) == ["a/1", "a/10"]
    assert list(objects.names("a")) == ["a/1", "a/10", "ab"]
    assert list(objects.names("c/")) == []


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


def test_a_bucket_is_opened_again_and_what_was_put_is_there(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment(server).items():
        monkeypatch.setenv(name, value)
    address = f"s3://{new_bucket(server)}/a"
    objects_at(address).put("b", b"kept")
    assert objects_at(address).get("b") == b"kept"
    assert list(objects_at(address).names()) == ["b"]


def test_a_bucket_that_is_not_there_is_refused_at_opening(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment(server).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ObjectsUnusable) as refused:
        objects_at("s3://nobody-made-this-one")
    assert refused.value.code == "unreachable"


class Careless(BaseHTTPRequestHandler):
    """An S3 server as old ones are: it takes every object, whatever `If-None-Match` says."""

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200)
        self.send_header("ETag", '"0"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


def test_a_bucket_that_would_overwrite_is_refused_at_opening() -> None:
    with HTTPServer(("127.0.0.1", 0), Careless) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            with pytest.raises(ObjectsUnusable) as refused:
                ObjectBucket(
                    "s3://careless/archive", endpoint=f"http://127.0.0.1:{server.server_port}", region="here",
                    access_key_id="a", secret_access_key="b",
                )  # fmt: skip
        finally:
            server.shutdown()
    assert (refused.value.code, refused.value.detail) == ("not_write_once", "s3://careless/archive")
