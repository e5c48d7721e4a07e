"""The directory: a sheet is taken whole or not at all, and no fact tells who somebody is."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import xlsxwriter

from adapters.documents import DocumentFolder
from adapters.ledger_sql import SqlLedger
from client.directory import Directory
from client.directory_sheet import Known, SheetRefused
from domain.recording import Actor
from domain.refusals import Refused
from tests.office import KNOWN, NINE, OFFICE, assigning, opened, registry_on, types_in

DEMO = Path(__file__).parents[2] / "reference" / "directory"
PEOPLE = """\
person,role,scope,until,name_fa,name_en,contact
p-1,national_office,nation,,لیلا نمونه,Leila Sample,p-1@example.invalid
p-2,provincial_coordinator,province/isfahan,1406/12/29,سارا نمونه,Sara Sample,p-2@example.invalid
p-2,provincial_committee,province/isfahan,,,,
p-3,provincial_coordinator,province/yazd,,,,
"""
AGENTS = """\
agent,capacity,home_province,products,languages,certificate_until,conflicts,name_fa,name_en,contact
p-9,2,isfahan,carpet;bricks,fa;en,2029-03-22,p-2,آرش نمونه,Arash Sample,p-9@example.invalid
"""


class Clock:
    """Stands where the test puts it."""

    def __init__(self) -> None:
        self.at = NINE

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqlLedger]:
    with closing(opened(tmp_path)) as ledger:
        yield ledger


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def documents(tmp_path: Path) -> DocumentFolder:
    return DocumentFolder(tmp_path / "documents")


@pytest.fixture
def directory(ledger, documents, clock) -> Directory:
    return Directory(ledger, documents, KNOWN, build="b1", clock=clock)


@pytest.fixture
def take(directory, tmp_path):
    """Imports a sheet with this text."""

    def _take(text: str, name: str = "sheet.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return directory.import_file(path, OFFICE)

    return _take


# ---------------------------------------------------------------- sheets


def test_a_sheet_with_a_fault_changes_nothing(ledger, take):
    with pytest.raises(SheetRefused):
        take(PEOPLE + "p-4,king,nation,,,,\n")
    assert ledger.streams() == []


def test_the_same_file_twice_changes_nothing(ledger, take):
    for text in (PEOPLE, AGENTS):
        assert take(text).facts > 0
        heads = ledger.streams()
        assert take(text).facts == 0
        assert ledger.streams() == heads


def test_only_what_changed_is_recorded(ledger, take):
    take(PEOPLE)
    before = len(types_in(ledger, "directory"))
    assert take(PEOPLE.replace("1406/12/29", "1407/12/29").replace("Leila", "Layla")).facts == 2
    assert sorted(types_in(ledger, "directory")[before:]) == ["person.enrolled", "role.granted"]


def test_an_empty_cell_leaves_a_name_as_it_is(directory, take):
    take(PEOPLE)
    assert take("person,role,scope,name_en\np-1,national_office,nation,\n").facts == 0
    assert "Leila Sample" in directory.export()["directory.csv"]


def test_a_workbook_says_the_same_as_its_csv(ledger, directory, take, tmp_path):
    take(AGENTS)
    path = tmp_path / "agents.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        date_format = book.add_format({"num_format": "yyyy-mm-dd"})
        for row, line in enumerate(AGENTS.splitlines()):
            for column, cell in enumerate(line.split(",")):
                sheet.write(row, column, int(cell) if cell.isdecimal() else cell)
        sheet.write_datetime(1, 5, datetime(2029, 3, 22), date_format)  # noqa: DTZ001 — a day of a workbook has no zone
    assert directory.import_file(path, OFFICE).facts == 0


def test_an_import_that_was_killed_between_its_streams_is_mended_by_another(ledger, directory, take, monkeypatch):
    with monkeypatch.context() as killed:
        killed.setattr(directory._stream, "change", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            take(AGENTS)
    assert types_in(ledger, "directory") == []
    take(AGENTS)
    assert types_in(ledger, "agents") == ["agent.registered"]
    assert types_in(ledger, "directory") == ["person.enrolled"]


def test_the_demonstration_is_sound(ledger, documents):
    provinces = [line.split(",")[0] for line in (DEMO / "provinces.csv").read_text(encoding="utf-8").splitlines()[1:]]
    directory = Directory(ledger, documents, Known(KNOWN.roles, provinces), build="b1", clock=lambda: NINE)
    for name in ("demo.csv", "agents.csv"):
        assert directory.import_file(DEMO / name, OFFICE).rows > 0
    listed = directory.list()
    assert len(listed["agents"]) == 42
    assert listed["bodies"]


# ---------------------------------------------------------------- personal data


def test_no_entry_holds_a_name_or_a_contact(ledger, take):
    take(PEOPLE)
    take(AGENTS)
    sealed = b"".join(leaf.raw for stream, _ in ledger.streams() for leaf in ledger.entries(stream)).decode()
    assert "hmac-sha256:" in sealed
    for personal in ("Leila", "لیلا", "Sara", "Arash", "آرش", "Sample", "نمونه", "example.invalid"):
        assert personal not in sealed


def test_what_goes_out_comes_in_again(directory, take):
    take(PEOPLE)
    take(AGENTS)
    exported = directory.export()
    assert "سارا نمونه" in exported["directory.csv"]
    assert "p-9@example.invalid" in exported["agents.csv"]
    assert [take(text).facts for text in exported.values()] == [0, 0]


def test_a_forgotten_name_is_blank_and_the_rest_stays(ledger, directory, documents, take):
    take(PEOPLE)
    commitment = directory._stream.enrolled().people["p-1"].name
    assert commitment is not None
    documents.forget(commitment)
    exported = directory.export()["directory.csv"]
    assert "Leila" not in exported
    assert "p-1@example.invalid" in exported


# ---------------------------------------------------------------- who may, at this moment


def test_the_list_shows_people_bodies_and_agents_by_id(directory, take):
    take(PEOPLE)
    take(AGENTS)
    listed = directory.list()
    assert listed["people"][1] == {
        "id": "p-2",
        "roles": [
            {"role": "provincial_committee", "scope": "province/isfahan", "until": None},
            {"role": "provincial_coordinator", "scope": "province/isfahan", "until": "2028-03-19"},
        ],
    }
    seat = {"person": "p-2", "until": None}
    assert listed["bodies"] == [{"body": "provincial_committee", "scope": "province/isfahan", "members": [seat]}]
    assert [(agent["id"], agent["load"]) for agent in listed["agents"]] == [("p-9", [])]


def test_a_role_counts_where_its_scope_reaches(directory, take):
    take(PEOPLE)
    acts = directory.resolve("p-2", "isfahan-carpet", province="isfahan")
    assert acts == Actor(person="p-2", role="provincial_committee", scope="province/isfahan")
    with pytest.raises(Refused, match="out_of_scope"):
        directory.resolve("p-2", "yazd-tiles", province="yazd")
    with pytest.raises(Refused, match="role_may_not"):
        directory.resolve("p-99", "isfahan-carpet", province="isfahan")


def test_a_supervisor_of_a_province_acts_in_each_of_its_clusters(directory, take):
    take("person,role,scope\np-4,technical_supervisor,province/isfahan\n")
    assert directory.resolve("p-4", "isfahan-carpet", province="isfahan").scope == "cluster/isfahan-carpet"
    with pytest.raises(Refused, match="out_of_scope"):
        directory.resolve("p-4", "yazd-tiles", province="yazd")


def test_of_several_roles_the_command_takes_the_one_it_needs(directory, take):
    take(PEOPLE)
    wanted = ("national_office", "provincial_coordinator")
    assert directory.resolve("p-2", "isfahan-carpet", wanted, province="isfahan").role == "provincial_coordinator"


def test_an_appointment_lasts_to_the_end_of_its_last_day(directory, take):
    take(PEOPLE)
    last = datetime(2028, 3, 19, 20, 29, tzinfo=UTC)  # 23:59 in Tehran
    wanted = ("provincial_coordinator",)
    assert directory.resolve("p-2", "c-1", wanted, province="isfahan", at=last).role == "provincial_coordinator"
    after = last + timedelta(minutes=1)
    assert directory.resolve("p-2", "c-1", wanted, province="isfahan", at=after).role == "provincial_committee"


def test_an_agent_has_the_role_in_the_assigned_cluster_only(ledger, directory, take):
    take(AGENTS)
    registry_on(ledger).assign(assigning("isfahan-carpet", "p-9"))
    assert directory.resolve("p-9", "isfahan-carpet", province="isfahan").scope == "cluster/isfahan-carpet"
    with pytest.raises(Refused, match="out_of_scope"):
        directory.resolve("p-9", "isfahan-gold", province="isfahan")


def test_those_who_hold_a_role_are_found_by_place(ledger, directory, take):
    take(PEOPLE)
    take(AGENTS)
    registry_on(ledger).assign(assigning("isfahan-carpet", "p-9"))
    assert directory.who("provincial_coordinator", province="yazd") == ("p-3",)
    assert directory.who("national_office", province="yazd") == ("p-1",)
    assert directory.who("cda", cluster="isfahan-carpet") == ("p-9",)
    assert directory.who("cda", cluster="isfahan-gold") == ()


def test_a_new_end_of_an_appointment_replaces_the_old_one(ledger, directory, take, clock):
    take(PEOPLE)
    clock.at = NINE + timedelta(days=10)
    take(PEOPLE.replace("1406/12/29", ""))
    (row,) = ledger.people(person="p-2", role="provincial_coordinator")
    assert (row["from_on"], row["until_on"]) == ("2026-11-24", None)


# ---------------------------------------------------------------- who may take what out


def test_over_many_clusters_somebody_acts_in_the_role_that_reaches_all_of_them(directory, take):
    take(PEOPLE)
    assert directory.resolve_over("p-1", ["nation"]) == Actor(person="p-1", role="national_office", scope="nation")
    assert directory.resolve_over("p-2", ["province/isfahan"]).scope == "province/isfahan"
    for person, scopes in (("p-2", ["nation"]), ("p-2", ["province/yazd"]), ("p-2", ["cluster/carpet"]),
                           ("p-2", ["province/isfahan", "province/yazd"])):  # fmt: skip
        with pytest.raises(Refused, match="out_of_scope"):
            directory.resolve_over(person, scopes)
    with pytest.raises(Refused, match="role_may_not"):
        directory.resolve_over("p-9", ["nation"])
