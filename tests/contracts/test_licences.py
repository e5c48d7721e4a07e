"""The register of licences: one number a licence, no gap, no licence twice."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date
from pathlib import Path
from threading import Barrier

import pytest

from activities.handover import HandoverActivities
from adapters.ledger_sql import SqlLedger
from adapters.licences import LicenceRegister
from domain.effects import IssueLicence
from tests.ledger_facts import fact
from tests.office import NINE, opened, types_in

IN_1405, IN_1406 = date(2026, 11, 24), date(2027, 3, 21)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqlLedger]:
    with closing(opened(tmp_path)) as ledger:
        yield ledger


@pytest.fixture
def register(ledger: SqlLedger) -> LicenceRegister:
    return LicenceRegister(ledger, "b1")


def asking(ledger: SqlLedger, cluster: str, issued_on: date = IN_1405, **data: str) -> IssueLicence:
    """The question of a cluster whose first fact asks for the licence, as sealed."""
    ledger.append(f"cluster/{cluster}", 0, [fact(1, **data)])
    return IssueLicence(
        effect=f"{cluster}/1/issue_licence", cluster=cluster, province="yazd", months=36, issued_on=issued_on, at=NINE
    )


def test_numbers_follow_each_other_and_begin_anew_with_the_jalali_year(ledger, register):
    years = [IN_1405, IN_1405, IN_1406, IN_1405]
    numbers = [register.issue(asking(ledger, f"c-{n}", year)).number for n, year in enumerate(years)]
    assert numbers == ["KH-1405-0001", "KH-1405-0002", "KH-1406-0001", "KH-1405-0003"]


def test_the_term_is_counted_in_jalali_months(ledger, register):
    # 3 Azar 1405 and 36 months is 3 Azar 1408, a Gregorian day earlier than 36 Gregorian months.
    assert register.issue(asking(ledger, "c-1")).valid_until == date(2029, 11, 23)


def test_the_same_effect_twice_is_one_licence(ledger, register):
    asked = asking(ledger, "c-1")
    assert register.issue(asked) == register.issue(asked)
    assert types_in(ledger, "licences") == ["licence.issued"]


def test_asked_again_on_a_later_day_it_is_still_the_first_licence(ledger, register):
    asked = asking(ledger, "c-1")
    first = register.issue(asked)
    register.issue(asking(ledger, "c-2"))
    assert register.issue(asked.model_copy(update={"issued_on": IN_1406})) == first


def test_many_at_once_leave_no_gap_and_no_number_twice(ledger, register):
    asked = [asking(ledger, f"c-{n}") for n in range(8)]
    together = Barrier(len(asked))

    def _issue(one):
        together.wait()
        return register.issue(one).number

    with ThreadPoolExecutor(len(asked)) as threads:
        numbers = list(threads.map(_issue, asked))
    assert sorted(numbers) == [f"KH-1405-{n:04}" for n in range(1, 9)]


def test_the_code_is_the_same_in_every_rehearsal_whatever_number_it_got(ledger, register, tmp_path):
    register.issue(asking(ledger, "c-0"))
    licence = register.issue(asking(ledger, "c-1"))
    (tmp_path / "again").mkdir()
    with closing(opened(tmp_path / "again")) as other:
        again = LicenceRegister(other, "b1").issue(asking(other, "c-1"))
    assert again.code == licence.code
    assert again.number != licence.number


def test_the_code_cannot_be_worked_out_without_the_clusters_record(ledger, register, tmp_path):
    licence = register.issue(asking(ledger, "c-1"))
    (tmp_path / "other").mkdir()
    with closing(opened(tmp_path / "other")) as other:
        guess = LicenceRegister(other, "b1").issue(asking(other, "c-1", reason="hmac-sha256:" + "0" * 64))
    assert guess.effect == licence.effect
    assert guess.code != licence.code


def test_nothing_is_issued_before_the_asking_is_sealed(ledger, register):
    early = asking(ledger, "c-1").model_copy(update={"effect": "c-1/2/issue_licence"})
    with pytest.raises(LookupError):
        register.issue(early)
    assert types_in(ledger, "licences") == []


def test_the_activity_reports_what_the_register_holds(ledger, register):
    asked = asking(ledger, "c-1")
    report = HandoverActivities(register).issue_licence(asked)
    assert report.effect == asked.effect
    assert report.number == "KH-1405-0001"
    assert report.code == register.issue(asked).code
