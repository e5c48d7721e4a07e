"""What people write into fields arrives as the cluster wants it, and no free text arrives at all."""

from typing import Any

import pytest

from adapters.documents import DocumentFolder
from adapters.form_sheet import NotAForm, Wording, form_of, read_form
from cli.reference import methodology
from client.filling import filled, nested

METHODOLOGY = methodology().methodology
PROFILE = METHODOLOGY.deliverable_by_key["cluster_profile"][1]


@pytest.fixture
def documents(tmp_path):
    return DocumentFolder(tmp_path / "documents")


def test_dotted_keys_nest():
    assert nested([("duty", "x"), ("values.a", "1"), ("values.b.c", "2")]) == {
        "duty": "x", "values": {"a": "1", "b": {"c": "2"}},
    }  # fmt: skip


@pytest.mark.parametrize("pairs", [[("a", "1"), ("a.b", "2")], [("a", "1"), ("a", "2")]])
def test_a_key_cannot_be_two_things(pairs):
    with pytest.raises(ValueError, match="a"):
        nested(pairs)


@pytest.mark.parametrize("day", ["1403/01/31", "۱۴۰۳/۰۱/۳۱", "1403-1-31", "2024-04-19"])
def test_days_are_read_in_both_calendars_and_digits(documents, day):
    assert filled("ConfirmStart", {"started_on": day}, None, documents) == {"started_on": "2024-04-19"}


def test_a_day_that_is_none_is_left_for_the_cluster_to_refuse(documents):
    assert filled("ConfirmStart", {"started_on": "1403/13/01"}, None, documents) == {"started_on": "1403/13/01"}


def test_lists_and_figures(documents):
    data = filled("SeatBody", {"members": "p-1, p-2، p-3", "quorum": "۲"}, None, documents)
    assert data == {"members": ["p-1", "p-2", "p-3"], "quorum": 2}


@pytest.mark.parametrize(("written", "read"), [("1,500", 1500), ("۱٬۵۰۰", 1500), ("1.5", "1.5"), ("1e3", "1e3")])
def test_a_figure_is_read_when_it_is_plain(documents, written, read):
    assert filled("CompleteMilestone", {"spent": written}, None, documents) == {"spent": read}


def test_a_reason_goes_to_the_store_and_its_seal_travels(documents):
    reason = filled("EndProgramme", {"reason": "به درخواست استان"}, None, documents)["reason"]
    assert documents.get(reason).decode() == "به درخواست استان"
    assert filled("EndProgramme", {"reason": reason}, None, documents) == {"reason": reason}


def test_scores_may_be_written_shortly(documents):
    data = filled("ScoreEvaluation", {"scores": {"relevance": "80"}}, None, documents)
    assert data == {"scores": {"relevance": {"points": 80}}}


def test_a_form_comes_back_as_it_was_filled_in(documents, tmp_path):
    import openpyxl

    said = Wording("heading", "help", "required", "optional", "بله", "خیر")
    place = tmp_path / "form.xlsx"
    words = methodology().words
    place.write_bytes(form_of("qom-carpet", "cluster_profile", PROFILE, words=words, lang="fa", wording=said))
    book = openpyxl.load_workbook(place)
    assert book["form"].sheet_view.rightToLeft
    fill: dict[Any, Any] = {
        "product": "فرش", "counties": "قم", "est_firms": "۱۲۰", "est_workers": 1500, "main_market": "کشوری",
        "has_association": "بله", "source": "آمار رسمی", "counted_on": "1405/07/01",
    }  # fmt: skip
    for row in book["form"].iter_rows(min_row=6):
        if row[0].value in fill:
            row[2].value = fill[row[0].value]
    book.save(place)
    read = read_form(place.read_bytes(), METHODOLOGY)
    values = filled("SubmitDeliverable", read, PROFILE, documents)["values"]
    assert read["duty"] == "cluster_profile"
    assert read["values"].keys() == fill.keys() == values.keys()
    wanted = {"est_firms": 120, "est_workers": 1500, "main_market": "national", "has_association": True}
    assert values | wanted | {"counted_on": "2026-09-23"} == values


def test_any_other_workbook_is_no_form(tmp_path):
    import openpyxl

    place = tmp_path / "other.xlsx"
    openpyxl.Workbook().save(place)
    with pytest.raises(NotAForm):
        read_form(place.read_bytes(), METHODOLOGY)
