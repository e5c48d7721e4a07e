"""Which projection folds which stream: found by the longest prefix of the stream's name."""

from __future__ import annotations

from ledger import agents, archive, directory, erasure, exports, licences, projection, refusals, repairs
from ledger.store import Projection

PROJECTIONS: dict[str, Projection] = {
    projection.PREFIX: projection.cluster_projection,
    directory.STREAM: directory.project,
    erasure.STREAM: erasure.project,
    agents.STREAM: agents.project,
    licences.STREAM: licences.project,
    exports.STREAM: exports.project,
    archive.STREAM: archive.project,
    refusals.STREAM: refusals.refusals_projection,
    repairs.STREAM: repairs.project,
}
