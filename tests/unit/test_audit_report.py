"""The audit report: who approved what is in it, each Latin run keeps its direction, and it fetches nothing."""

import io
import re
import socket
import subprocess
import sys
import zlib
from datetime import timedelta
from html import unescape

import pytest
import segno

from cli.reference import duty_title, province_name, title
from domain.exceptional import KINDS, concluded, noticed
from exports.report import document
from exports.report.decided import is_repeated, judged
from exports.report.document import Report, report
from exports.report.standing import Standing, Witnessed
from exports.wording import Wording
from i18n.dates import digits, number
from i18n.text import words
from ledger.entry import fact_of
from tests.ledger_facts import NINE
from tests.pango import needs_pango
from tests.unit.test_exported_tables import case_of
from tests.unit.test_three_years import START, identified

ISO = re.compile(r"\d{4}-\d\d-\d\d")
OWN_WAY = re.compile(r'<bdi dir="ltr"[^>]*>[^<]*</bdi>|<(p|pre)[^>]* dir="ltr">.*?</\1>|<style>.*?</style>', re.DOTALL)
NOTE = "khoosheh.example/qom\n4\na/XxiMlOXIqIEMg9/rsr0QSJHcCyszP8Z6YI1v2/YDc=\n\n— khoosheh.example/qom StT6\n"
GROUPS = ["00000", "04NCW", "JVJD5", "0W04P", "WPZ7V", "E9C6T", "ZS82S", "RBGPN"]
LANGS = pytest.mark.parametrize("lang", ["fa", "en"])


def wording(lang):
    return Wording(lang, title, duty_title, province_name)


@pytest.fixture(scope="module")
def life():
    life = identified()
    life.act()
    life.until(START + timedelta(days=900))
    return life


def standing(lang, checkpoint=None):
    role = wording(lang).title("role", "auditor")
    return Standing([wording(lang).say("report.scope_all")], NINE, "p-0009", role, 6_048, checkpoint)


def html_of(lang, *cases, checkpoint=None):
    made = Report(wording(lang), standing(lang, checkpoint), lambda _: None)
    for case in cases:
        made.add(case)
    return made.html()


def pdf_of(lang, *cases, checkpoint=None, told=lambda _: None):
    file = io.BytesIO()
    with report(file, wording(lang), standing(lang, checkpoint), told) as made:
        for case in cases:
            made.add(case)
    return file.getvalue()


def seen(html):
    """What is read of it: tags, style and what has its own direction taken away."""
    return unescape(re.sub(r"<[^>]+>", " ", OWN_WAY.sub(" ", html)))


@LANGS
def test_every_iso_date_id_and_seal_keeps_its_own_direction(life, lang):
    html = html_of(lang, case_of(life), checkpoint=Witnessed(4, NOTE, GROUPS))
    assert ISO.search(html)
    rest = seen(html) if lang == "fa" else ""
    assert ISO.findall(rest) == []
    assert re.findall(r"p-[a-z0-9-]+|svc:|sha256:", rest) == []


def test_a_persian_report_has_no_latin_digit_but_in_what_is_latin(life):
    case = case_of(life)
    assert re.findall(r"[0-9]", seen(html_of("fa", case)).replace(case.cluster.id, "")) == []


@LANGS
def test_who_approved_each_deliverable_is_said_with_both_dates_and_the_entry(life, lang):
    case = case_of(life)
    html = html_of(lang, case)
    approved = [one.judged for one in judged(case) if one.outcome == "approved" and not is_repeated(case, one)]
    assert len(approved) > 9
    for act in filter(None, approved):
        assert act.on.isoformat() in html
        assert all(f">{person}</bdi>" in html for person in act.persons)
        assert f"{words(lang)['report.entry']} {digits(str(act.seq), lang)}<" in html


def test_each_version_that_was_sent_is_judged_once_by_the_fact_that_judged_it(life):
    case = case_of(life)
    found = judged(case)
    facts = [one.entry for one in case.entries if one.entry["type"] in ("deliverable.approved", "deliverable.returned")]
    assert sorted(one.judged.seq for one in found if one.judged) == [entry["seq"] for entry in facts]
    assert {one.duty for one in found if one.judged is None} <= set(case.cluster.sent)


def test_a_body_is_named_by_everybody_who_voted(life):
    case = case_of(life)
    duty, act = next(
        (one.duty, one.judged) for one in judged(case)
        if one.outcome == "approved" and one.judged and one.judged.role == "steering_council"
    )  # fmt: skip
    voters = [
        entry["actor"]["id"] for entry, _ in case.entries
        if entry["type"] == "vote.cast" and entry["data"]["duty"].startswith(f"{duty}:")
    ]  # fmt: skip
    assert len(act.persons) > 1
    assert set(act.persons) <= set(voters)


@LANGS
def test_what_to_look_at_first_stands_with_its_number_and_entries_over_all_and_in_its_cluster(life, lang):
    case = case_of(life)
    record = (case.cluster.id, [fact_of(leaf) for leaf in case.leaves], case.cluster.calendar)
    found = concluded(noticed(record, KINDS), KINDS)
    assert found
    rows = re.findall(r"<tr>(?:(?!</tr>).)*</tr>", html_of(lang, case), re.DOTALL)
    for kind in {one.kind for one in found}:
        entries = [one.fact.seq for one in found if one.kind == kind]
        told = [row for row in rows if unescape(words(lang)[f"exception.{kind}"]) in unescape(row)]
        assert len(told) == 2, "in the programme and in the cluster"
        assert all(f">{number(len(entries), lang)}</td>" in row for row in told)
        assert digits(str(entries[0]), lang) in told[1]


@LANGS
def test_every_word_it_asks_for_is_there(life, lang, monkeypatch):
    asked: set[str] = set()
    say = Wording.say

    def listening(self, key, **given):
        asked.add(key)
        return say(self, key, **given)

    monkeypatch.setattr(Wording, "say", listening)
    html_of(lang, case_of(life), checkpoint=Witnessed(4, NOTE, GROUPS))
    html_of(lang)
    assert asked - set(words(lang)) == set()
    named = set(re.findall(r'say\("(\w+)"', (document.FOLDER / "report.html").read_text(encoding="utf-8")))
    assert {f"report.{key}" for key in named if not key.endswith("_")} <= set(words(lang))


@LANGS
def test_the_checkpoint_stands_on_the_title_page_as_text_groups_and_picture_and_on_every_page(life, lang):
    html = html_of(lang, case_of(life), checkpoint=Witnessed(4, NOTE, GROUPS))
    front = html[html.index('class="front"') : html.index('class="programme"')]
    assert NOTE.strip() in unescape(front)
    assert " ".join(GROUPS) in re.sub(r"<br>", " ", front)
    assert segno.make(NOTE, error="m").svg_inline(border=2, omitsize=True) in front
    assert "<text" not in html
    assert " ".join(GROUPS) in html[html.index('id="foot"') : html.index('class="front"')]


@LANGS
def test_without_a_checkpoint_it_says_so(life, lang):
    html = html_of(lang, case_of(life))
    assert words(lang)["report.checkpoint_none"] in unescape(html)


@LANGS
def test_a_name_is_text_whatever_it_looks_like(life, lang):
    nasty = '<img src="http://example.invalid/x.png"> {{ 7 * 7 }} "><script>'
    html = html_of(lang, case_of(life, nasty))
    assert "<img" not in html
    assert "<script" not in html
    assert nasty in unescape(html)


@needs_pango
@LANGS
def test_it_is_set_in_the_font_it_carries_with_a_language_and_a_title(life, lang):
    case = case_of(life, "نام بسیار بلند خوشه‌ای که هیچ‌کس کوتاهش نکرد " * 4)
    pages: list[int] = []
    pdf = pdf_of(lang, case, case, checkpoint=Witnessed(4, NOTE, GROUPS), told=pages.append)
    assert pdf.startswith(b"%PDF-")
    assert max(pages) >= 6
    streams = re.findall(rb"FlateDecode[^>]*>>\nstream\n(.*?)\nendstream", pdf, re.DOTALL)
    inside = pdf + b"".join(zlib.decompress(stream) for stream in streams)
    fonts = set(re.findall(rb"/FontName /[A-Z]+\+([A-Za-z-]+)", inside))
    assert fonts == {b"Vazirmatn", b"Vazirmatn-Bold"}
    assert f"/Lang ({lang})".encode() in inside


@needs_pango
def test_the_same_record_makes_the_same_bytes(life):
    case = case_of(life)
    assert pdf_of("fa", case) == pdf_of("fa", case)


@needs_pango
def test_nothing_is_fetched_from_anywhere(life, monkeypatch):
    def refused(*_):
        raise AssertionError("a connection")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(document, "page_of", lambda *_: '<img src="http://127.0.0.1:9/x.png"><p>x</p>')
    with pytest.raises(document.ready().urls.FatalURLFetchingError):
        pdf_of("en", case_of(life))


@pytest.mark.parametrize(
    ("fault", "code"),
    [("ImportError('weasyprint')", "reports_missing"), ("OSError('libpango-1.0-0')", "pango_missing")],
)
def test_where_no_report_can_be_set_it_is_said_what_is_missing_before_anything_is_made(tmp_path, fault, code):
    """In a process of its own, in which WeasyPrint cannot be loaded."""
    program = f"""
import sys
class Missing:
    def find_spec(self, name, *_):
        if name == "weasyprint":
            raise {fault}
sys.meta_path.insert(0, Missing())
from adapters.ledger_sqlite import SqliteLedger
from ledger.projections import PROJECTIONS
SqliteLedger(__import__("pathlib").Path({str(tmp_path)!r}) / "ledger.sqlite", PROJECTIONS).close()
import starter
sys.argv = ["khoosheh", "audit", "export", "--out", {str(tmp_path / "out")!r}, "--format", "pdf",
            "--data", {str(tmp_path)!r}, "--json"]
starter.main()
"""
    found = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True)
    assert found.returncode == 2, found.stderr
    assert f'"code":"{code}"' in found.stdout
    assert code != "pango_missing" or "apt-get install libpango-1.0-0" in found.stdout
    assert not (tmp_path / "out").exists()
