"""The registry of agents on the ledger: no place is given twice, no effect done twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import tzinfo

from adapters.directory import DirectoryStream
from adapters.office_stream import IRAN, OfficeLedger, OfficeStream, Stamp, by_service, day_of
from domain.effects import AssignAgent, ProposeAgent, ReleaseAgent
from domain.events import Candidate
from domain.ranking import Applicant, Wanted, rank
from domain.recording import Fact
from domain.values import Frozen
from ledger.agents import NAMES, STREAM, ClusterLeft, ClusterTaken, OnRegister, Register

SERVICE = "agents"


class Unavailable(Exception):
    """The agent cannot take the cluster; `code` is `unknown_agent` or `no_place`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class AgentRegistry:
    """`activities.agents.Registry`: assignments, and with each the agent's role in its cluster.

    Every call may be repeated after an interruption: what an effect has done it does not do again.
    """

    def __init__(self, ledger: OfficeLedger, build: str, *, role: str = "cda", zone: tzinfo = IRAN) -> None:
        self._ledger, self._role, self._zone = ledger, role, zone
        self._stream = OfficeStream(ledger, STREAM, NAMES, Register(), build)
        self._directory = DirectoryStream(ledger, build, zone)

    def register(self) -> Register:
        return self._stream.state()

    def change(self, decide: Callable[[Register], Sequence[Frozen]], stamp: Stamp) -> list[Fact]:
        """What `decide` makes of the register is recorded, in one append."""
        return self._stream.record(decide, stamp)

    def propose(self, asked: ProposeAgent) -> tuple[Candidate, ...]:
        """The agents who may lead the cluster, best first; who ever led it is not proposed again."""
        on = day_of(asked.at, self._zone)
        persons = self._directory.persons_over(asked.cluster, asked.province, on)
        wanted = Wanted(cluster=asked.cluster, province=asked.province, product=asked.product, on=on, persons=persons)
        here = {row["cluster_id"] for row in self._ledger.portfolio(provinces=[asked.province])}
        led_here = {row["agent"] for row in self._ledger.assignments() if row["cluster_id"] in here}
        led_it = {row["agent"] for row in self._ledger.assignments(cluster=asked.cluster)}
        applicants = [_applicant(agent, led_here=key in led_here) for key, agent in self.register().agents.items()]
        return rank(applicants, wanted, led_it.union(asked.excluded))

    def assign(self, asked: AssignAgent) -> str | None:
        """None when the cluster is in the agent's load and the agent has the role in it; otherwise why not."""
        stamp = by_service(SERVICE, asked.effect, asked.at)

        def _taking(register: Register) -> list[Frozen]:
            known = register.agents.get(asked.agent)
            if known is None:
                raise Unavailable("unknown_agent")
            if not known.has_place_for(asked.cluster):
                raise Unavailable("no_place")
            return [ClusterTaken(effect=asked.effect, cluster=asked.cluster, agent=asked.agent)]

        try:
            self._stream.record(_taking, stamp)
        except Unavailable as refused:
            return refused.code
        self._directory.grant(asked.agent, self._role, f"cluster/{asked.cluster}", stamp)
        return None

    def release(self, asked: ReleaseAgent) -> None:
        """The cluster is not in the agent's load and the agent has no role in it."""
        stamp = by_service(SERVICE, asked.effect, asked.at)

        def _leaving(register: Register) -> list[Frozen]:
            known = register.agents.get(asked.agent)
            leads = known is not None and asked.cluster in known.load
            return [ClusterLeft(effect=asked.effect, cluster=asked.cluster, agent=asked.agent)] if leads else []

        self._stream.record(_leaving, stamp)
        self._directory.end(asked.agent, self._role, f"cluster/{asked.cluster}", stamp)


def _applicant(agent: OnRegister, *, led_here: bool) -> Applicant:
    known = agent.known
    return Applicant(
        agent=known.agent,
        capacity=known.capacity,
        load=len(agent.load),
        home_province=known.home_province,
        products=known.products,
        certificate_until=known.certificate_until,
        conflicts=known.conflicts,
        led_here=led_here,
    )
