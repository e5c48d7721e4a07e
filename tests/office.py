"""A small office for tests: its ledger in a file, three agents, and the actor who keeps the directory."""

from datetime import UTC, datetime
from pathlib import Path

from adapters.agents import AgentRegistry
from adapters.ledger_sql import SqlLedger
from adapters.ledger_sqlite import SqliteLedger
from adapters.office_stream import Stamp
from client.directory_sheet import Known
from domain.effects import AssignAgent, ReleaseAgent
from domain.provisions import Role
from domain.recording import Actor, Cause
from ledger import agents, directory, licences
from ledger.agents import AgentRegistered
from ledger.entry import entry_in
from ledger.views import Views

KNOWN = Known(
    roles={
        role.key: role
        for role in (
            Role(key="cda", scope="cluster"),
            Role(key="technical_supervisor", scope="cluster"),
            Role(key="provincial_coordinator", scope="province"),
            Role(key="provincial_ceo", scope="province"),
            Role(key="provincial_committee", scope="province", body=True),
            Role(key="national_office", scope="nation"),
            Role(key="senior_supervisor", scope="nation"),
            Role(key="evaluator", scope="nation"),
            Role(key="auditor", scope="nation", writes=False),
        )
    },
    provinces=("isfahan", "yazd"),
)
PROJECTIONS = {
    agents.STREAM: agents.project,
    directory.STREAM: directory.project,
    licences.STREAM: licences.project,
}
NINE = datetime(2026, 11, 24, 5, 30, tzinfo=UTC)
OFFICE = Actor(person="p-0001", role="national_office", scope="nation")
ONE_PLACE, TWO_PLACES = "p-0270", "p-0271"


def opened(path: Path) -> SqlLedger:
    return SqliteLedger(path / "ledger.sqlite", PROJECTIONS)


def registry_on(ledger: SqlLedger) -> AgentRegistry:
    return AgentRegistry(ledger, "b1")


def register_agents(ledger: SqlLedger) -> None:
    """One agent with one place, one with two."""
    places = {ONE_PLACE: 1, TWO_PLACES: 2}
    known = [
        AgentRegistered(agent=agent, capacity=capacity, home_province="isfahan", products=("carpet",))
        for agent, capacity in places.items()
    ]
    by_hand = Stamp(OFFICE, Cause(kind="import", ref="directory"), NINE, "local_key")
    registry_on(ledger).change(lambda _: known, by_hand)


def assigning(cluster: str, agent: str = ONE_PLACE, seq: int = 7) -> AssignAgent:
    return AssignAgent(effect=f"{cluster}/{seq}/assign_agent", cluster=cluster, agent=agent, at=NINE)


def releasing(cluster: str, agent: str = ONE_PLACE, seq: int = 9) -> ReleaseAgent:
    return ReleaseAgent(effect=f"{cluster}/{seq}/release_agent", cluster=cluster, agent=agent, at=NINE)


def load_of(ledger: Views, agent: str) -> list[str]:
    return list(ledger.agents(agent=agent)[0]["load"])


def types_in(ledger: SqlLedger, stream: str) -> list[str]:
    return [entry_in(leaf.raw)["type"] for leaf in ledger.entries(stream)]
