"""Which agents fit a cluster, with the reasons shown: a person chooses, and must see why."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from domain.events import Candidate
from domain.jalali import add_months
from domain.values import Day, Frozen, PersonId

PRODUCT, RELATED_PRODUCT, PROVINCE, FREE_PLACES, LED_HERE, CERTIFICATE = 40, 20, 25, 20, 10, 5
"""The most points each reason can give; they sum to 100 without the related product."""

CERTIFICATE_MONTHS = 12
MOST_PROPOSED = 10


class Applicant(Frozen):
    """One agent of the registry. `load` counts the clusters led now; `led_here`: once led in this province.

    `conflicts` name a person, `province/…` or `cluster/…` the agent must not work with.
    """

    agent: PersonId
    capacity: int
    load: int
    home_province: str
    products: tuple[str, ...] = ()
    certificate_until: Day | None = None
    conflicts: tuple[str, ...] = ()
    led_here: bool = False


class Wanted(Frozen):
    """The cluster that needs an agent, and the persons who decide or supervise there."""

    cluster: str
    province: str
    product: str
    on: Day
    persons: tuple[PersonId, ...] = ()


def rank(applicants: Iterable[Applicant], wanted: Wanted, excluded: Collection[PersonId] = ()) -> tuple[Candidate, ...]:
    """Those who may be chosen, best first, equals by id; each reason is a code with its points.

    Left out: the excluded, who has no free place, a lapsed certificate or a conflict of interest.
    """
    fit = [_candidate(one, wanted) for one in applicants if one.agent not in excluded and may_lead(one, wanted)]
    return tuple(sorted(fit, key=lambda candidate: (-candidate.points, candidate.agent))[:MOST_PROPOSED])


def may_lead(applicant: Applicant, wanted: Wanted) -> bool:
    """True when nothing forbids this agent to lead the cluster."""
    forbidden = (f"cluster/{wanted.cluster}", f"province/{wanted.province}", *wanted.persons)
    return (
        applicant.load < applicant.capacity
        and not _is_lapsed(applicant.certificate_until, wanted.on)
        and not any(conflict in forbidden for conflict in applicant.conflicts)
    )


def _candidate(applicant: Applicant, wanted: Wanted) -> Candidate:
    until, well_into = applicant.certificate_until, add_months(wanted.on, CERTIFICATE_MONTHS)
    points = {
        "product_fit": _product_fit(applicant.products, wanted.product),
        "same_province": PROVINCE if applicant.home_province == wanted.province else 0,
        "free_places": FREE_PLACES * (applicant.capacity - applicant.load) // applicant.capacity,
        "led_here": LED_HERE if applicant.led_here else 0,
        "certificate_lasts": CERTIFICATE if until is not None and until >= well_into else 0,
    }
    reasons = {code: given for code, given in points.items() if given}
    return Candidate(agent=applicant.agent, points=sum(reasons.values()), reasons=reasons)


def _is_lapsed(until: date | None, on: date) -> bool:
    return until is not None and until < on


def _product_fit(products: Iterable[str], wanted: str) -> int:
    """Full points for the same product, half for one of the same kind ("carpet", "hand-woven carpet")."""
    kinds = [product.casefold().split() for product in products]
    searched = wanted.casefold().split()
    if searched in kinds:
        return PRODUCT
    # The last word of an English trade name says what it is; the words before it, of which sort.
    return RELATED_PRODUCT if any(kind[-1:] == searched[-1:] for kind in kinds) else 0
