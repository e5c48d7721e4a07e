"""What the engine asks of the services beside its loop; each is answered by the report that names its effect.

The key of an effect, `cluster/seq/kind`, names the fact that asked for it: an activity that runs again
finds by it what it did before. `at` is the workflow's time, so that what a service records is the same in
every rehearsal.
"""

from __future__ import annotations

from pydantic import Field

from domain.values import ClusterId, Day, Frozen, Moment, PersonId


class ProposeAgent(Frozen):
    """Rank the agents of the registry for a cluster; `excluded` are not to be proposed."""

    effect: str
    cluster: ClusterId
    province: str
    product: str
    excluded: tuple[PersonId, ...] = ()
    at: Moment


class AssignAgent(Frozen):
    """Count the cluster into the load of the agent."""

    effect: str
    cluster: ClusterId
    agent: PersonId
    at: Moment


class ReleaseAgent(Frozen):
    """Count the cluster out of the load of the agent."""

    effect: str
    cluster: ClusterId
    agent: PersonId
    at: Moment


class Evaluate(Frozen):
    """Combine the sheets of the raters of one duty, and measure the trust network before and after."""

    effect: str
    cluster: ClusterId
    duty: str
    at: Moment


class IssueLicence(Frozen):
    """Give the completion licence a number, a code, and a term of `months` Jalali months from `issued_on`."""

    effect: str
    cluster: ClusterId
    province: str
    months: int
    issued_on: Day
    at: Moment


class ArchiveRun(Frozen):
    """Keep the history of a run of the cluster that has ended, for good."""

    cluster: ClusterId
    run: str = Field(min_length=1, max_length=64)


def place_of(effect: str) -> tuple[str, int]:
    """The cluster and the seq of the fact that asked for this effect."""
    cluster, seq, _ = effect.split("/")
    return cluster, int(seq)
