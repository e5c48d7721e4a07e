"""What every store of views must answer, whatever it is kept in: the class is run once per implementation."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from domain.recording import Fact
from ledger.store import Prior, Projected, Row
from tests.ledger_facts import facts


class ViewsSuite:
    """Subclasses give `reopen`, as those of LedgerSuite do."""

    def test_views_are_filtered_where_they_are_kept(self, reopen: Any) -> None:
        ledger = reopen({"": shown})
        ledger.append("directory", 0, facts(1, 1))
        assert ids(ledger.portfolio(), "cluster_id") == ["a", "b", "c"]
        assert ids(ledger.portfolio(provinces=["07"]), "cluster_id") == ["a", "b"]
        assert ids(ledger.portfolio(provinces=[]), "cluster_id") == []
        assert ids(ledger.portfolio(clusters=["b", "c"], rehearsal=False), "cluster_id") == ["b"]
        assert ids(ledger.portfolio(agent="p-1", role="cda"), "cluster_id") == ["a"]
        assert ids(ledger.portfolio(due_before=date(2026, 12, 2)), "cluster_id") == ["a"]
        assert ids(ledger.portfolio(limit=1, offset=1), "cluster_id") == ["b"]
        assert ids(ledger.duties(), "duty_id") == ["x", "y"]
        assert ids(ledger.duties(overdue_on=date(2026, 12, 1)), "duty_id") == []
        assert ids(ledger.duties(until=date(2026, 12, 1)), "duty_id") == ["x"]
        assert ids(ledger.duties(role="cda"), "duty_id") == ["x", "y"]
        assert ids(ledger.duties(person="p-1", provinces=["07"]), "duty_id") == ["x"]
        assert ids(ledger.notices(role="cda"), "n") == [2, 1]
        assert ids(ledger.notices(since="2026-12-02", limit=1), "n") == [2]
        assert ids(ledger.people(on=date(2026, 6, 30)), "person") == ["p-1", "p-2"]
        assert ids(ledger.people(on=date(2026, 7, 1), role="cda"), "person") == ["p-2"]
        assert ids(ledger.agents(province="07"), "products") == [["carpet"]]
        assert ids(ledger.bodies(body="council"), "member") == ["p-2"]
        assert ids(ledger.assignments(agent="p-1"), "effect") == ["cluster/a/4/1"]
        assert ids(ledger.refusals(cluster="a", limit=1), "seq") == [9]


def ids(rows: Sequence[Mapping[str, Any]], column: str) -> list[Any]:
    return [row[column] for row in rows]


def shown(stream: str, prior: Prior, facts: Sequence[Fact], text: Any) -> Projected:
    """A projection that shows a little of everything."""
    rows: list[Row] = []

    def row(table: str, key: dict[str, Any], **columns: Any) -> None:
        rows.append(Row(table, key, columns))

    for name, province, due in (("a", "07", "2026-12-01"), ("b", "07", "2026-12-02"), ("c", "09", None)):
        row(
            "portfolio", {"stream": f"cluster/{name}"}, cluster_id=name, province=province, agent="p-1",
            waits_for_role="cda" if name == "a" else "council", next_due=due, rehearsal=name == "c",
        )  # fmt: skip
    row(
        "duties",
        {"stream": "cluster/a", "duty_id": "x"},
        owner_role="cda",
        owner_person="p-1",
        due_on="2026-12-01",
    )
    row("duties", {"stream": "cluster/c", "duty_id": "y"}, waits_for_role="cda", due_on="2026-12-02")
    for n in (1, 2):
        key = {"stream": "cluster/a", "seq": 4, "n": n}
        row("notices", key, recipient_role="cda", created_at=f"2026-12-0{n}T00:00:00.000000Z")
    for person, until in (("p-1", "2026-06-30"), ("p-2", None)):
        key = {"person": person, "role": "cda", "scope": "nation", "from_on": "2026-01-01"}
        row("people", key, until_on=until)
    row("agents", {"agent": "p-1"}, province="07", products=["carpet"])
    row("bodies", {"body": "council", "scope": "nation", "member": "p-2", "from_on": "2026-01-01"})
    row("assignments", {"effect": "cluster/a/4/1"}, cluster_id="a", agent="p-1")
    for seq in (8, 9):
        row("refusals", {"seq": seq}, cluster_id="a", code="gate_closed")
    return Projected(b"{}", tuple(rows))
