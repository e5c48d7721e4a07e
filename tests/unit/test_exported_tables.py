"""Tables that are taken out: no cell runs as a formula, every day stands in both calendars, nothing is lost unsaid."""

import csv
import datetime as dt
import io
import json

import openpyxl
import pytest
import python_calamine

from cli.reference import duty_title, province_name, title
from domain.recording import Head
from exports.case import Case, Sealed
from exports.comma_separated import comma_separated, safe
from exports.ocel import event_log
from exports.owed import owed
from exports.tables import CLUSTERS, DUTIES, FACTS, TABLES
from exports.wording import Wording
from exports.workbook import MOST_LETTERS, workbook
from ledger.entry import entry_in, seal
from tests.ledger_facts import NINE
from tests.unit.test_three_years import START, identified

NASTY = ['=HYPERLINK("http://x","y")', "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1", "\r=1", " =1+1", "＝1+1"]
EN, FA = (Wording(lang, title, duty_title, province_name) for lang in ("en", "fa"))


@pytest.fixture(scope="module")
def life():
    """Two years of one cluster, in the pure core."""
    life = identified()
    life.act()
    life.until(START + dt.timedelta(days=700))
    return life


@pytest.fixture(scope="module")
def lived(life):
    return case_of(life)


def case_of(life, name=None):
    leaves = [seal(f"cluster/{life.cluster.id}", "", fact) for fact in life.facts]
    cluster = life.cluster
    if name is not None:
        named = {"name_fa": name, "name_en": name, "county": name, "product": name}
        cluster = cluster.model_copy(update={"profile": cluster.profile.model_copy(update=named)})
    sealed = [Sealed(entry_in(leaf.raw), leaf.digest) for leaf in leaves]
    head = Head(seq=len(leaves), digest=leaves[-1].digest)
    return Case(cluster, sealed, head, cluster.calendar.day_of(life.now), leaves)


def read_csv(table, *cases, wording=EN):
    file = io.BytesIO()
    with comma_separated(file, table, wording) as made:
        for case in cases:
            made.add(case)
    assert file.getvalue().startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(file.getvalue().decode("utf-8-sig"), newline="")))


def written(*cases, wording=EN):
    file = io.BytesIO()
    with workbook(file, wording, NINE) as made:
        for case in cases:
            made.add(case)
    return file


@pytest.mark.parametrize("cell", NASTY)
def test_a_cell_that_a_spreadsheet_would_run_is_disarmed(cell):
    assert safe(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["-12", "-12.50", "0", "", "خوشه", "a=b", "p-0001", "1-2", "'quoted"])
def test_what_runs_nothing_stays_as_it_is_negative_numbers_too(cell):
    assert safe(cell) == cell


@pytest.mark.parametrize("name", NASTY)
def test_a_name_that_would_run_is_disarmed_in_csv_and_a_text_in_a_workbook(life, name):
    case = case_of(life, name)
    row = read_csv(CLUSTERS, case)[0]
    assert {row[key] for key in ("name_fa", "name_en", "county", "product")} == {f"'{name}"}
    raw = written(case)
    sheet = openpyxl.load_workbook(raw)["Clusters"]
    cells = [cell for line in sheet.iter_rows() for cell in line]
    assert [cell for cell in cells if cell.data_type == "f"] == []
    assert sheet["B2"].value.endswith(name.strip())  # a control character stands as _x000D_


def test_no_cell_of_a_workbook_is_a_formula(lived):
    book = openpyxl.load_workbook(written(lived))
    assert {cell.data_type for sheet in book for line in sheet.iter_rows() for cell in line} <= {
        "s",
        "n",
        "d",
        "inlineStr",
    }


@pytest.mark.parametrize(("wording", "sheets", "turned"), [(EN, ["Clusters", "Facts", "Duties"], False),
                                                           (FA, ["خوشه‌ها", "رویدادها", "تکلیف‌ها"], True)])  # fmt: skip
def test_a_sheet_runs_as_its_language_does_with_its_heading_fixed_and_filtered(lived, wording, sheets, turned):
    raw = written(lived, wording=wording)
    book = openpyxl.load_workbook(raw)
    assert book.sheetnames == sheets
    for sheet, table in zip(book, TABLES, strict=True):
        assert bool(sheet.sheet_view.rightToLeft) == turned
        assert sheet.freeze_panes == "B2"
        assert sheet.auto_filter.ref == sheet.dimensions
        titles = [cell.value for cell in sheet[1]]
        assert len(set(titles)) == len(titles)
        assert not set(titles) & {column.key for column in table.columns}, "a key instead of words"


def test_both_readers_find_in_the_workbook_what_the_csv_says(lived):
    raw = written(lived)
    for place, table in enumerate(TABLES):
        rows = read_csv(table, lived)
        found = python_calamine.load_workbook(io.BytesIO(raw.getvalue())).get_sheet_by_index(place).to_python()[1:]
        opened = list(openpyxl.load_workbook(raw).worksheets[place].iter_rows(min_row=2, values_only=True))
        for one in (found, opened):
            assert [[shown(cell) for cell in row] for row in one] == [list(row.values()) for row in rows]


def shown(cell):
    if isinstance(cell, dt.datetime):
        cell = cell.date()
    return "" if cell is None else f"{cell:.0f}" if isinstance(cell, float) else str(cell)


def test_every_fact_is_a_row_with_its_seal_and_both_calendars(lived):
    rows = read_csv(FACTS, lived)
    assert [row["digest"] for row in rows] == [one.digest for one in lived.entries]
    first = rows[0]
    assert (first["recorded_at"], first["recorded_at_jalali"]) == ("2024-03-30T11:30:00Z", "1403/01/11")
    assert json.loads(first["content"]) == lived.entries[0].entry["data"]


def test_a_day_is_that_of_iran_where_it_is_already_tomorrow(lived):
    late = Sealed({**lived.entries[0].entry, "recorded_at": "2024-03-30T20:31:00.000000Z"}, "")
    row = read_csv(FACTS, lived._replace(entries=[late]))[0]
    assert row["recorded_at_jalali"] == "1403/01/12"


def test_the_duties_that_are_open_are_those_of_the_state(lived):
    rows = read_csv(DUTIES, lived)
    assert {row["duty"] for row in rows if not row["closed_on"]} == set(lived.cluster.duties)
    for row in (row for row in rows if not row["closed_on"]):
        duty = lived.cluster.duties[row["duty"]]
        assert row["due_on"] == (duty.due_on.isoformat() if duty.due_on else "")
        assert int(row["days_late"]) == (max((lived.today - duty.due_on).days, 0) if duty.due_on else 0)
    assert len(rows) == sum(one.entry["type"] == "duty.opened" for one in lived.entries)
    assert sum(int(row["reminders"]) for row in rows) == sum(e.entry["type"] == "rung.fired" for e in lived.entries)


def test_a_duty_that_opens_again_under_its_id_stands_twice(lived):
    opened = next(one for one in lived.entries if one.entry["type"] == "duty.opened")
    duty = opened.entry["data"]["duty"]
    closed = Sealed({**opened.entry, "type": "duty.closed", "data": {"duty": duty, "outcome": "returned"}}, "")
    first, second = owed(lived.cluster, [opened, closed, opened])
    assert (first.outcome, second.outcome, second.closed_on) == ("returned", "", None)


def test_a_text_too_long_for_a_cell_is_cut_and_says_so(lived):
    long = Sealed({**lived.entries[0].entry, "data": {"x": "y" * 40_000}}, "d")
    cells = next(
        openpyxl.load_workbook(written(lived._replace(entries=[long])))["Facts"].iter_rows(min_row=2, values_only=True)
    )
    cut = max((cell for cell in cells if isinstance(cell, str)), key=len)
    assert (len(cut), cut[-1]) == (MOST_LETTERS, "…")


def test_a_number_longer_than_a_spreadsheet_keeps_is_a_text(lived):
    milestone = next(iter(lived.cluster.milestones.values()))
    rich = lived.cluster.model_copy(update={"milestones": {1: milestone.model_copy(update={"budget": 2**53 - 1})}})
    sheet = openpyxl.load_workbook(written(lived._replace(cluster=rich)))["Clusters"]
    assert str(2**53 - 1) in [cell.value for cell in sheet[2]]


# ---------------------------------------------------------------- OCEL 2.0


def log_of(*cases):
    file = io.BytesIO()
    with event_log(file, EN) as made:
        for case in cases:
            made.add(case)
    return json.loads(file.getvalue())


def test_every_fact_is_an_event_and_names_objects_that_are_there_and_of_types_that_are_declared(lived):
    log = log_of(lived)
    assert set(log) == {"events", "objects", "eventTypes", "objectTypes"}
    assert [event["time"] for event in log["events"]] == [one.entry["recorded_at"] for one in lived.entries]
    assert [event["id"] for event in log["events"]] == sorted({event["id"] for event in log["events"]})
    objects = {one["id"]: one for one in log["objects"]}
    assert len(objects) == len(log["objects"])
    related = [link for one in [*log["events"], *log["objects"]] for link in one["relationships"]]
    assert {link["objectId"] for link in related} <= set(objects)
    assert all(link["qualifier"] for link in related)
    declared = {one["name"]: {a["name"] for a in one["attributes"]} for one in log["objectTypes"]}
    assert all({a["name"] for a in one["attributes"]} == declared[one["type"]] for one in log["objects"])
    told = {one["name"]: {a["name"] for a in one["attributes"]} for one in log["eventTypes"]}
    assert all({a["name"] for a in one["attributes"]} == told[one["type"]] for one in log["events"])


def test_an_approval_names_who_approved_what_in_which_cluster(lived):
    event = next(one for one in log_of(lived)["events"] if one["type"] == "deliverable.approved")
    parts = {link["qualifier"]: link["objectId"] for link in event["relationships"]}
    assert parts["cluster"] == "cluster/qom-footwear"
    assert parts["province"] == "province/qom"
    assert parts["actor"].startswith("p-")
    assert parts["duty"].startswith("qom-footwear/duty/")


def test_people_gates_plans_milestones_tranches_are_objects_of_their_cluster(lived):
    objects = log_of(lived)["objects"]
    kinds = {one["type"] for one in objects}
    assert kinds >= {"cluster", "province", "person", "duty", "deliverable", "gate", "stage", "plan", "milestone",
                     "tranche", "body"}  # fmt: skip
    plan = next(one for one in objects if one["type"] == "plan")
    assert plan["relationships"] == [{"objectId": "cluster/qom-footwear", "qualifier": "of"}]


def test_an_object_named_by_two_clusters_stands_once(lived):
    other = lived._replace(cluster=lived.cluster.model_copy(update={"id": "qom-other"}))
    ids = [one["id"] for one in log_of(lived, other)["objects"]]
    assert len(ids) == len(set(ids))
