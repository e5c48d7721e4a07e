"""Where a ledger is: an address is told from a file, a wrong one from a right one, and no password is shown."""

import pytest

from ledger.place import is_address, is_on_server, shown

SECRET = "s3cret"


@pytest.mark.parametrize(
    ("place", "seen"),
    [
        ("postgresql://office:s3cret@db.example:5432/khoosheh", "postgresql://office@db.example:5432/khoosheh"),
        ("postgresql://office:s3cret@[::1]:5432/khoosheh", "postgresql://office@[::1]:5432/khoosheh"),
        ("postgresql://office@db/khoosheh?password=s3cret&sslmode=verify-full", "postgresql://office@db/khoosheh"),
        ("postgresql:///khoosheh?host=/run/postgresql", "postgresql:///khoosheh"),
        ("postgresql://office:a%2Fs3cret@db/kh-1", "postgresql://office@db/kh-1"),
    ],
)
def test_an_address_is_shown_without_its_password(place, seen):
    assert is_on_server(place)
    assert is_address(place)
    assert shown(place) == seen


@pytest.mark.parametrize(
    "place",
    [
        "postgres://office:s3cret@db/khoosheh", "mysql://office:s3cret@db/khoosheh", "postgresql://office:s3cret@db",
        "postgresql://office:s3cret@db/", "postgresql://office:s3cret/x@db/khoosheh",
        "postgresql://office:s3cret@x@db/khoosheh", "postgresql://office:x:s3cret@db/khoosheh",
        "postgresql://office:s3cret?@db/khoosheh", "postgresql://office:s3cret #@db/khoosheh",
        "postgresql://office:1/k?s3cret@db/khoosheh", "postgresql://office:s3cret@[::1/khoosheh",
    ],
)  # fmt: skip
def test_of_a_wrong_address_nothing_is_shown(place):
    assert is_on_server(place)
    assert not is_address(place)
    assert SECRET not in shown(place)


def test_a_file_is_no_address():
    for place in ("ledger.sqlite", "/var/lib/khoosheh/ledger.sqlite", "postgresql"):
        assert not is_on_server(place)
        assert shown(place) == place
