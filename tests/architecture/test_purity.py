import pytest

from tests.architecture.purity import faults
from tests.architecture.tree import PURE, ROOT, tracked


def test_the_core_reads_no_clock_chance_machine_or_order_of_a_set():
    core = tracked(*(f"{room}/*.py" for room in PURE))
    found = [
        f"{path}:{fault.line}: {fault.what}"
        for path in core
        for fault in faults((ROOT / path).read_text(encoding="utf-8"))
    ]
    assert core
    assert found == []


@pytest.mark.parametrize(
    ("snippet", "what"),
    [
        ("datetime.now(UTC)", "datetime.now"),
        ("datetime.datetime.utcnow()", "datetime.utcnow"),
        ("at: datetime = Field(default_factory=datetime.now)", "datetime.now"),
        ("date.today()", "date.today"),
        ("datetime.today()", "datetime.today"),
        ("import time", "import time"),
        ("from time import monotonic", "import time"),
        ("import random", "import random"),
        ("from random import choice", "import random"),
        ("import os.path", "import os"),
        ("from os import environ", "import os"),
        ("import secrets", "import secrets"),
        ("from uuid import uuid4", "uuid4"),
        ("uuid.uuid4()", "uuid4"),
        ("uuid.uuid1()", "uuid1"),
        ("hash(cluster_id)", "hash()"),
        ("from domain.events import *", "star import"),
        ("for x in {1, 2}: pass", "order of a set"),
        ("for x in set(rows): pass", "order of a set"),
        ("[x for x in frozenset(rows)]", "order of a set"),
        ("{x: 1 for x in {row.id for row in rows}}", "order of a set"),
        ("list(set(rows))", "order of a set"),
        ("tuple({a, b})", "order of a set"),
        ("','.join(set(rows))", "order of a set"),
        ("','.join(x for x in set(rows))", "order of a set"),
        ("dict.fromkeys(set(rows))", "order of a set"),
        ("next(iter(set(rows)))", "order of a set"),
        ("set(rows).pop()", "order of a set"),
        ("(*set(rows),)", "order of a set"),
        ("a, b = {1, 2}", "order of a set"),
        ("for x in set(a) - set(b): pass", "order of a set"),
        ("for x in set(a).union(b): pass", "order of a set"),
        ("ROLES = frozenset({1, 2})\nfor role in ROLES: pass", "order of a set"),
        ("def f(ids: frozenset[str]): return tuple(ids)", "order of a set"),
    ],
)
def test_an_impure_snippet_is_found(snippet, what):
    assert [fault.what for fault in faults(snippet)] == [what]


@pytest.mark.parametrize(
    "snippet",
    [
        "from datetime import UTC, date, datetime, time",
        "decide(cluster, command, now)",
        "uuid.uuid5(namespace, name)",
        "def __hash__(self): return 1",
        "for x in sorted({1, 2}): pass",
        "sorted(x.id for x in set(rows))",
        "any(x in rows for x in {1, 2})",
        "{x + 1 for x in {1, 2}}",
        "if role in {1, 2}: pass",
        "len(set(rows))",
        "ROLES = frozenset({1, 2})\nif role in ROLES: pass",
        "missing = set(a)\nmissing = sorted(missing)\nfor x in missing: pass",
        "for x in rows: pass",
        "queue.pop()",
    ],
)
def test_a_pure_snippet_passes(snippet):
    assert faults(snippet) == []
