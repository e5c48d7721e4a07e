"""Forgetting a person: gone from every file, the chain holds, and whoever reads is told under which entry."""

from datetime import date, timedelta

import pytest

from adapters.directory import DirectoryStream
from adapters.documents import DocumentFolder
from adapters.ledger_sqlite import SqliteLedger
from adapters.office_stream import Stamp
from client.forgetting import complete
from client.signatories import Signed, signed_by
from domain.recording import Cause
from domain.refusals import Refused
from ledger.erasure import erased_under
from ledger.retention import KEPT_FOR, MAY_CONFIRM, MAY_FORGET
from tests.forgetful import LATER, NAME, PHONE, SHEET, SIGNED, ZAHRA
from tests.office import NINE, OFFICE


def test_every_name_and_contact_a_person_ever_had_is_gone_from_every_file(retired):
    assert retired.found(NAME, "زهرا", PHONE) != []
    done = retired.forgetting.person("p-7", "request", SIGNED)
    assert (done.values, done.already) == (3, False)
    assert retired.found(NAME, "زهرا", PHONE) == []
    assert retired.is_sound()


def test_the_entry_says_who_signed_why_and_which_commitments(retired):
    names = [fact.data["name"] for fact in retired.facts("directory") if "name" in fact.data]
    done = retired.forgetting.person("p-7", "request", SIGNED)
    fact = retired.facts("directory")[-1]
    assert (fact.seq, fact.type, fact.actor.person) == (done.under.seq, "person.forgotten", "p-0001")
    assert fact.data["reason"] == "request"
    assert fact.data["second"] == "p-0002"
    assert set(names) < set(fact.data["commitments"])
    assert {erased_under(retired.ledger, one) for one in fact.data["commitments"]} == {done.under}


def test_forgetting_a_person_twice_records_it_once(retired):
    first = retired.forgetting.person("p-7", "request", SIGNED)
    heads = retired.ledger.streams()
    again = retired.forgetting.person("p-7", "mistake", SIGNED)
    assert (again.under, again.values, again.already) == (first.under, 0, True)
    assert retired.ledger.streams() == heads


def test_whoever_lists_people_reads_under_which_entry_one_was_erased(retired):
    done = retired.forgetting.person("p-7", "request", SIGNED)
    assert retired.directory.list()["people"] == [
        {"id": "p-7", "roles": [], "erased": {"stream": "directory", "seq": done.under.seq}}
    ]
    assert NAME not in retired.directory.export()["directory.csv"]


def test_an_old_sheet_does_not_bring_a_forgotten_person_back(retired):
    retired.forgetting.person("p-7", "request", SIGNED)
    assert retired.take(ZAHRA.format(name=NAME)).forgotten == ("p-7",)
    assert retired.found(NAME, PHONE) == []


def test_a_person_forgotten_while_a_sheet_is_read_does_not_come_back(retired, monkeypatch):
    """The import has put the new name into the store already, and must decide again."""
    extend = SqliteLedger.extend
    sheet = ZAHRA.format(name="زهرای دیگر")

    def _forgotten_meanwhile(ledger, stream, after, facts):
        monkeypatch.undo()
        assert retired.found("زهرای دیگر") != []
        retired.forgetting.person("p-7", "request", SIGNED)
        return extend(ledger, stream, after, facts)

    monkeypatch.setattr(SqliteLedger, "extend", _forgotten_meanwhile)
    assert retired.take(sheet).forgotten == ("p-7",)
    assert retired.found("زهرای دیگر", PHONE) == []


def test_two_people_with_the_same_name_are_forgotten_one_by_one(office):
    row = "{},provincial_ceo,province/yazd,2026-11-25,{},,\n"
    office.take(SHEET + row.format("p-7", NAME) + row.format("p-8", NAME))
    office.at = LATER
    office.forgetting.person("p-7", "request", SIGNED)
    assert len(office.found(NAME)) == 1
    assert NAME in office.directory._named(office.directory._stream.enrolled().people["p-8"])["name_fa"]


def test_who_holds_a_role_or_has_acted_is_kept_unless_a_court_orders_it(office):
    office.take(ZAHRA.format(name=NAME))
    with pytest.raises(Refused, match="kept_by_law") as held:
        office.forgetting.person("p-7", "request", SIGNED)
    assert held.value.rule == "holds a role today"
    office.at = LATER
    office.record("visit.recorded", {}, person="p-7", at=LATER)
    with pytest.raises(Refused, match="kept_by_law") as acted:
        office.forgetting.person("p-7", "request", SIGNED)
    assert acted.value.allowed == ("--reason court_order",)
    assert office.found(NAME) != []
    office.forgetting.person("p-7", "court_order", SIGNED)
    assert office.found(NAME) == []


def test_ten_years_after_the_last_act_a_name_need_not_be_kept(office):
    office.take(ZAHRA.format(name=NAME))
    office.record("visit.recorded", {}, person="p-7")
    office.at = NINE + KEPT_FOR - timedelta(seconds=1)
    with pytest.raises(Refused, match="kept_by_law"):
        office.forgetting.person("p-7", "expired", SIGNED)
    office.at = NINE + KEPT_FOR
    office.forgetting.person("p-7", "expired", SIGNED)
    assert office.found(NAME) == []


def test_nobody_unknown_is_forgotten_and_nobody_signs_for_themselves(retired):
    heads = retired.ledger.streams()
    with pytest.raises(Refused, match="unknown_person"):
        retired.forgetting.person("p-99", "request", SIGNED)
    with pytest.raises(Refused, match="own_work"):
        retired.forgetting.person("p-7", "request", SIGNED._replace(second="p-7"))
    assert retired.ledger.streams() == heads


def test_two_different_people_of_the_nation_must_sign(office):
    stream = DirectoryStream(office.ledger, "b1")
    stamp = Stamp(OFFICE, Cause(kind="import", ref="x"), NINE, "local_key")
    for person, role, scope in (
        ("p-1", "national_office", "nation"), ("p-2", "senior_supervisor", "nation"), ("p-3", "evaluator", "nation"),
    ):  # fmt: skip
        stream.grant(person, role, scope, stamp)
    may = {"may": MAY_FORGET, "may_confirm": MAY_CONFIRM}
    on = date(2026, 12, 1)
    assert signed_by(office.ledger, "p-1", "p-2", on, **may) == Signed(
        OFFICE.model_copy(update={"person": "p-1"}), "p-2"
    )
    refused = {("p-1", "p-1"): "own_work", ("p-2", "p-1"): "role_may_not", ("p-1", "p-3"): "role_may_not"}
    for (first, second), code in refused.items():
        with pytest.raises(Refused, match=code):
            signed_by(office.ledger, first, second, on, **may)


def test_a_kill_after_the_entry_is_made_good_by_whoever_looks_next(retired, monkeypatch):
    class Killed(BaseException):
        pass

    def _killed(*_):
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(DocumentFolder, "forget", _killed)
        with pytest.raises(Killed):
            retired.forgetting.person("p-7", "request", SIGNED)
    assert retired.facts("directory")[-1].type == "person.forgotten"
    assert retired.found(NAME) != []
    what = retired.ledger, DocumentFolder(retired.data / "documents"), retired.data / "sent"
    assert complete(*what) == 3
    assert retired.found(NAME, "زهرا", PHONE) == []
    assert complete(*what) == 0
