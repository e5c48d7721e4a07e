"""Every "no" is said by somebody, and every "no" of the core is provoked by a test."""

import re

from domain.refusals import CODES, RETRYABLE
from tests.architecture.tree import ROOT, tracked

RAISED = re.compile(r'Refused\(\s*"([a-z_]+)"')
CHOSEN = re.compile(r'(?:yield \(?\s*|else |in_the_future" if .* else |: )"([a-z_]+)"')
"""A code that is picked first and raised a line later."""
ELSEWHERE = {
    "closing": "the workflow's door, while a chapter ends",
    "busy": "the workflow's door, when its queue is full",
    "frozen": "the workflow's door, when the ledger holds other facts",
    "id_reused": "the workflow's door",
    "too_old": "the workflow's door",
    "too_large": "the workflow's door",
    "year_missing": "adopting a calendar, which is still to come",
    "signature_missing": "the signatures", "signature_unknown_key": "the signatures",
    "signature_expired": "the signatures", "signature_wrong": "the signatures",
    "unknown_person": "forgetting", "unknown_document": "forgetting", "kept_by_law": "forgetting: what must stay",
}  # fmt: skip
"""Codes the core does not raise, and who does or will."""


def raised_in(room: str) -> set[str]:
    sources = [(ROOT / path).read_text(encoding="utf-8") for path in tracked(f"{room}/*.py")]
    raised = {code for source in sources for code in RAISED.findall(source)}
    return raised | {code for source in sources for code in CHOSEN.findall(source) if code in CODES}


def test_the_core_raises_known_codes_only():
    assert raised_in("domain") - set(CODES) == set()


def test_every_code_is_raised_by_the_core_or_by_somebody_named():
    assert set(CODES) - raised_in("domain") == set(ELSEWHERE) - (raised_in("domain") & set(ELSEWHERE))
    assert set(RETRYABLE) <= set(ELSEWHERE)
    assert len(CODES) == len(set(CODES))


def test_every_code_of_the_core_is_provoked_by_a_test():
    tests = "\n".join((ROOT / path).read_text(encoding="utf-8") for path in tracked("tests/unit/test_*.py"))
    provoked = set(re.findall(r'(?:refused\(|match=|, )"([a-z_]+)"', tests))
    assert raised_in("domain") - provoked == set()
