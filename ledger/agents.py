"""The registry of cluster development agents: who may lead how many clusters of what kind, and leads which."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated

from pydantic import Field

from domain.recording import Fact
from domain.values import ClusterId, Day, Digest, Frozen, PersonId
from ledger.store import Prior, Projected, Row

STREAM = "agents"

Conflict = Annotated[str, Field(pattern=r"^(p-[a-z0-9-]{1,48}|province/[a-z0-9-]{1,40}|cluster/[a-z0-9-]{3,64})$")]


class AgentRegistered(Frozen):
    """What is known of an agent, whole; registering again replaces it and leaves the load as it is."""

    agent: PersonId
    capacity: int = Field(ge=0, le=20)
    home_province: str = Field(pattern=r"^[a-z][a-z0-9-]{1,39}$")
    products: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    certificate_until: Day | None = None
    conflicts: tuple[Conflict, ...] = ()


class ClusterTaken(Frozen):
    """The cluster counts into the load of the agent."""

    effect: str
    cluster: ClusterId
    agent: PersonId


class ClusterLeft(Frozen):
    """The cluster counts into the agent's load no longer."""

    effect: str
    cluster: ClusterId
    agent: PersonId


TYPES: dict[str, type[Frozen]] = {
    "agent.registered": AgentRegistered,
    "agent.assigned": ClusterTaken,
    "agent.released": ClusterLeft,
}
NAMES: dict[type[Frozen], str] = {cls: name for name, cls in TYPES.items()}


class OnRegister(Frozen):
    """An agent, and the effect by which each cluster came into the load."""

    known: AgentRegistered
    load: dict[ClusterId, str] = Field(default_factory=dict)

    def has_place_for(self, cluster: str) -> bool:
        """True when the cluster would not, or does not, go beyond the capacity."""
        return cluster in self.load or len(self.load) < self.known.capacity


class Register(Frozen):
    agents: dict[PersonId, OnRegister] = Field(default_factory=dict)


def project(stream: str, prior: Prior, facts: Sequence[Fact], text: Callable[[Digest], bytes]) -> Projected:
    """`ledger.store.Projection` of this stream: the state is Register, the rows are of `agents` and `assignments`."""
    del stream, text
    state = prior.parsed or (Register.model_validate_json(prior.state_json) if prior.state_json else Register())
    agents: dict[PersonId, OnRegister] = dict(state.agents)
    rows: list[Row] = []
    for fact in facts:
        event = TYPES[fact.type].model_validate(fact.data)
        rows += _folded(agents, event, fact.seq)
    after = Register(agents=agents)
    return Projected(after.model_dump_json().encode(), tuple(rows), after)


def _folded(agents: dict[PersonId, OnRegister], event: Frozen, seq: int) -> list[Row]:
    """The rows that the event changes; `agents` is as of the event."""
    match event:
        case AgentRegistered(agent=agent):
            before = agents.get(agent)
            agents[agent] = before.model_copy(update={"known": event}) if before else OnRegister(known=event)
            return [_agent_row(agents[agent], seq)]
        case ClusterTaken(agent=agent) if agent in agents:
            before = agents[agent]
            load = {**before.load, event.cluster: event.effect}
            agents[agent] = before.model_copy(update={"load": load})
            row = _assignment_row(event.effect, event, "assigned", seq)
            return [_agent_row(agents[agent], seq), row]
        case ClusterLeft(agent=agent) if agent in agents and event.cluster in agents[agent].load:
            before = agents[agent]
            load = {cluster: effect for cluster, effect in before.load.items() if cluster != event.cluster}
            agents[agent] = before.model_copy(update={"load": load})
            taken_by = before.load[event.cluster]
            row = _assignment_row(taken_by, event, "released", seq, {"released_by": event.effect})
            return [_agent_row(agents[agent], seq), row]
    return []


def _agent_row(agent: OnRegister, seq: int) -> Row:
    known = agent.known
    return Row("agents", {"agent": known.agent}, {
        "capacity": known.capacity, "province": known.home_province, "products": list(known.products),
        "languages": list(known.languages), "conflicts": list(known.conflicts), "load": sorted(agent.load),
        "certificate_until": known.certificate_until.isoformat() if known.certificate_until else None, "seq": seq,
    })  # fmt: skip


def _assignment_row(
    effect: str, event: ClusterTaken | ClusterLeft, state: str, seq: int, detail: dict[str, str] | None = None
) -> Row:
    columns = {"cluster_id": event.cluster, "agent": event.agent, "state": state, "seq": seq, "detail": detail}
    return Row("assignments", {"effect": effect}, columns)
