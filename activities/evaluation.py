"""An evaluation computed from the record alone: what the raters wrote, and who works with whom."""

from __future__ import annotations

from temporalio import activity

from activities.trust_network import before_and_after
from domain.cluster import new_cluster
from domain.commands import ReportEvaluation
from domain.effects import Evaluate, place_of
from domain.evolution import evolve_all
from domain.recording import Fact
from domain.records import Evaluation
from domain.rubric import combine
from domain.rulebook import read
from ledger.entry import fact_of
from ledger.store import Entries


class EvaluationActivities:
    """Run in an executor of threads: the ledger blocks."""

    def __init__(self, ledger: Entries) -> None:
        self._ledger = ledger

    @activity.defn
    def evaluate(self, asked: Evaluate) -> ReportEvaluation:
        """The judgement as the record stood when it was asked for; the same whenever it is asked again."""
        facts = self._facts(asked)
        named = facts[-1].methodology
        if named is None:
            raise LookupError(f"{asked.effect} was decided under no methodology")
        rulebook = read(self._ledger.text(named.digest))
        cluster = evolve_all(new_cluster(asked.cluster, rulebook), facts)
        evaluation = cluster.evaluations.get(asked.duty, Evaluation())
        marks = combine(evaluation.sheets, evaluation.moderated, rulebook.methodology.rubric)
        before, after = before_and_after(facts)
        return ReportEvaluation(
            effect=asked.effect,
            duty=asked.duty,
            **marks.model_dump(),
            network_before=before,
            network_after=after,
        )

    def _facts(self, asked: Evaluate) -> list[Fact]:
        """All facts up to the one that asked. LookupError while it is not sealed: try again."""
        cluster, seq = place_of(asked.effect)
        leaves = self._ledger.entries(f"cluster/{cluster}", limit=seq)
        if len(leaves) < seq:
            raise LookupError(asked.effect)
        return [fact_of(leaf) for leaf in leaves]
