"""A sheet of clusters is opened whole or not at all, and whoever mends it sees every fault at once."""

from datetime import date
from pathlib import Path
from re import findall

import pytest

from cli.open import open_
from cli.reference import methodology, provinces
from client.directory_sheet import SheetRefused
from client.sheet import UNRECORDED, check, cluster_id, known_words
from i18n.text import words

KNOWN = known_words(methodology().methodology, methodology().words, provinces())
TODAY = date(2026, 11, 24)
GOOD = {"name_fa": "خوشه فرش قم", "name_en": "Qom carpet", "province_en": "Qom", "product": "carpet"}


def judged(*rows, heading=None):
    columns = tuple(heading or dict.fromkeys(key for row in rows for key in row))
    return check(columns, [(n, tuple(row.get(c, "") for c in columns)) for n, row in enumerate(rows, 2)], KNOWN, TODAY)


def faults(*rows, heading=None):
    with pytest.raises(SheetRefused) as refused:
        judged(*rows, heading=heading)
    return [(fault.row, fault.field, fault.code) for fault in refused.value.faults]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("name_fa", "", "missing_field"),
        ("name_fa", "   ", "missing_field"),
        ("name_fa", "\u200b\u200b", "missing_field"),
        ("product", "", "missing_field"),
        ("province_en", "", "missing_field"),
        ("province_en", "Atlantis", "unknown_province"),
        ("name_fa", "خوشه \u202eفرش", "invisible"),
        ("name_fa", "خوشه \u2066فرش\u2069 قم", "invisible"),
        ("name_fa", "فر\u200bش", "invisible"),
        ("name_en", "Qo\u00adm", "invisible"),
        ("name_en", "Qom\U000e0041", "invisible"),
        ("name_en", "\u200cQom", "invisible"),
        ("name_en", "Q\u200cm", "invisible"),
        ("name_en", "\x1b[31mQom", "invisible"),
        ("name_en", "Qom\x00", "invisible"),
        ("name_en", "Qom 🧶", "symbol"),
        ("name_en", "Q" + "\u0301" * 9, "combining"),
        ("name_en", "\ud800", "encoding"),
        ("name_fa", "ف" * 201, "too_long"),
        ("name_fa", "ف" * 1_000_000, "too_long"),
        ("source", "x" * 601, "too_long"),
        ("source", "a\x07b", "invisible"),
        ("id", "../etc", "invalid_field"),
        ("id", "Qom", "invalid_field"),
        ("id", "ab", "invalid_field"),
        ("id", "a" * 65, "too_long"),
        ("id", "qom\n", None),
        ("status", "flourishing", "unknown_status"),
        ("as_of", "1403-12-31", "date_day"),
        ("as_of", "1403-13-01", "date_month"),
        ("as_of", "1403-13", "date_month"),
        ("as_of", "0001", "date_year"),
        ("as_of", "9999-01-01", "date_year"),
        ("as_of", "1410", "in_the_future"),
        ("as_of", "2027-01-01", "in_the_future"),
        ("as_of", "about 1392", None),
        ("as_of", "۱۴۰۳/۰۱/۳۱", None),
    ],
)
def test_a_cell_is_refused_with_its_row_and_column(field, value, code):
    row = GOOD | {field: value}
    if code is None:
        assert len(judged(row).rows) == 1
    else:
        assert faults(GOOD | {"name_fa": "خوشه دیگر", "product": "rugs"}, row) == [(3, field, code)]


def test_every_fault_of_every_row_is_told():
    assert faults(GOOD | {"province_en": "Nowhere", "status": "?"}, GOOD | {"name_fa": ""}) == [
        (2, "province_en", "unknown_province"), (2, "status", "unknown_status"), (3, "name_fa", "missing_field"),
    ]  # fmt: skip


def test_the_last_row_of_ten_thousand_stops_them_all():
    rows = [GOOD | {"product": f"carpet {n}"} for n in range(9_999)]
    assert faults(*rows, GOOD | {"province_en": "Nowhere"}) == [(10_001, "province_en", "unknown_province")]


@pytest.mark.parametrize(
    ("heading", "found"),
    [
        (("name_fa", "name_fa", "province_en", "product"), [(1, "name_fa", "duplicate_column")]),
        (("name_fa", "نام", "province_en", "product"), [(1, "name_fa", "duplicate_column")]),
        (("name_fa", "province_en", "product", "colour"), [(1, "colour", "unknown_column")]),
        (("name_fa", "province_en"), [(1, "product", "missing_column")]),
        (("name_fa", "product"), [(1, "province_fa", "missing_column")]),
    ],
)
def test_a_heading_is_refused_with_what_differs(heading, found):
    assert faults(GOOD, heading=heading) == found


def test_a_cell_beside_the_heading_is_refused():
    with pytest.raises(SheetRefused) as refused:
        check(("name_fa", "province_en", "product"), [(2, ("الف", "Qom", "x", "more"))], KNOWN, TODAY)
    assert [fault.code for fault in refused.value.faults] == ["extra_cell"]


@pytest.mark.parametrize("header", ["نام خوشه", " نام ", "Name_FA", "name fa", "نام‌ خوشه"])
def test_headings_are_read_in_both_languages_and_any_order(header):
    found = check(("محصول", "استان", header), [(2, ("فرش", "قم", "خوشه فرش"))], KNOWN, TODAY)
    assert found.rows[0].data["province"] == "qom"
    assert found.rows[0].data["name_fa"] == "خوشه فرش"


@pytest.mark.parametrize("province", ["Isfahan", "اصفهان", "isfahan", " ISFAHAN "])
def test_a_province_is_known_by_any_of_its_names(province):
    assert judged(GOOD | {"province_en": province}).rows[0].data["province"] == "isfahan"


def test_two_names_of_different_provinces_contradict_each_other():
    assert faults(GOOD | {"province_fa": "یزد"}) == [(2, "province_en", "contradicts")]


def test_names_are_kept_in_nfc_and_two_spellings_are_one_cluster():
    composed, apart = judged(GOOD | {"name_en": "Café"}), judged(GOOD | {"name_en": "Cafe\u0301"})
    assert composed.rows == apart.rows


def test_a_status_makes_it_an_import_and_identified_a_beginning():
    assert judged(GOOD).rows[0].type == "IdentifyCluster"
    assert judged(GOOD | {"status": "identified"}).rows[0].type == "IdentifyCluster"
    imported = judged(GOOD | {"status": "در حال توسعه", "as_of": "1401"}).rows[0]
    assert imported.type == "ImportCluster"
    assert (imported.data["status"], imported.data["as_of"]) == ("in_development", "1401")


def test_ids_are_readable_where_there_is_english_and_repeatable_otherwise():
    assert cluster_id("qom", "", "carpet", "Qom") == "qom-carpet"
    persian = cluster_id("qom", "", "فرش", "Qom")
    assert persian.startswith("c-")
    assert len(persian) == 12
    assert persian == cluster_id("qom", "", " فرش ", "") != cluster_id("qom", "جعفریه", "فرش", "")
    assert cluster_id("qom", "", "كفش", "") == cluster_id("qom", "", "کفش", "")


def test_the_same_row_twice_is_opened_once_and_told():
    found = judged(GOOD, GOOD)
    assert len(found.rows) == 1
    assert [(w.row, w.code) for w in found.warnings] == [(3, "same_row")]


def test_two_clusters_of_one_trade_are_told_and_kept_apart():
    found = judged(GOOD, GOOD | {"name_fa": "خوشه دیگر"})
    assert len({row.cluster for row in found.rows}) == 2
    assert [(w.row, w.field, w.code) for w in found.warnings] == [(3, "product", "same_trade")]


def test_one_id_for_two_clusters_is_refused():
    assert faults(GOOD | {"id": "qom-1"}, GOOD | {"id": "qom-1", "name_fa": "دیگر"}) == [(3, "id", "twice")]


def test_letters_of_two_scripts_in_one_word_are_told():
    found = judged(GOOD | {"name_en": "Q\u043em carpet"})
    assert [(w.field, w.code) for w in found.warnings] == [("name_en", "mixed_script")]


def test_a_date_nobody_can_read_is_kept_and_told():
    assert [w.code for w in judged(GOOD | {"as_of": "نامعلوم"}).warnings] == ["date_unread"]


def test_the_sheet_of_iran_is_sound():
    from adapters.tables import read_table
    from cli.reference import FOLDER

    table = read_table(FOLDER / "clusters" / "iran.csv")
    found = check(table.heading, table.rows, KNOWN, TODAY)
    assert len({row.cluster for row in found.rows}) == 139


@pytest.mark.parametrize("lang", ["fa", "en"])
def test_every_fault_has_words(lang):
    source = "".join(Path(f"client/{name}.py").read_text(encoding="utf-8") for name in ("sheet", "wording"))
    said = findall(r'SheetFault\([^"]*"(?:[a-z_]+)?", "([a-z_]+)"\)', source)
    named = {*said, *findall(r'return "([a-z_]+)"', source)}
    assert len(named) > 8
    assert [code for code in named if f"fault.{code}" not in words(lang) and f"warning.{code}" not in words(lang)] == []


def test_what_is_for_readers_of_the_sheet_alone_is_recorded_nowhere_and_said_to_be():
    told = judged(GOOD | dict.fromkeys(UNRECORDED, "Iran")).rows
    assert told == judged(GOOD).rows
    assert f"{' and '.join(UNRECORDED)} are for readers of the sheet" in (open_.__doc__ or "")
