"""Whatever a fact says has words in both languages, and the words of others cannot turn or overwrite a line."""

import json
from types import UnionType
from typing import Literal, Union, get_args, get_origin

import pytest

from adapters.documents import DocumentFolder
from adapters.ledger_sqlite import SqliteLedger
from cli.diff_page import UNSAID, UNTOLD
from cli.office import Office
from cli.opened import Opener
from cli.output import Screen
from cli.reasons import why
from cli.reference import duty_title
from cli.telling import NOT_TOLD, TABLES, UNLABELLED, Teller
from domain import records
from domain.differences import FIELDS as FIELDS_OF_STATE
from domain.events import TYPES, DueReason, RecoveryReason
from domain.recording import Token
from domain.records import Effect
from domain.stages import Anchor, Cadence
from domain.values import Frozen
from i18n.text import LANGUAGES, words
from ledger.projections import PROJECTIONS
from tests.samples import sample
from tests.worlds import METHODOLOGY


def codes(annotation):
    """Every code a field may hold."""
    if get_origin(annotation) is Literal:
        return set(get_args(annotation))
    if get_origin(annotation) in (Union, UnionType):
        return set().union(*(codes(one) for one in get_args(annotation)))
    return set()


FIELDS = [(name, key, field) for name, cls in TYPES.items() for key, field in cls.model_fields.items()]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_field_of_every_fact_has_a_label(lang):
    labelled = {key for _, key, _ in FIELDS} - NOT_TOLD - set(UNLABELLED) - {"values", "kind"}
    assert [key for key in sorted(labelled) if f"told.{key}" not in words(lang)] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_code_that_is_told_has_words(lang):
    told = {
        (TABLES[key], code) for _, key, field in FIELDS if key in TABLES for code in codes(field.annotation) if code
    }
    told |= {("due_reason", code) for code in (*get_args(DueReason), *get_args(RecoveryReason), "collapsed")}
    told |= {("service", code) for code in get_args(Effect.model_fields["kind"].annotation)}
    told |= {("signed", code) for code in codes(Token.model_fields["authenticated_by"].annotation)}
    told |= {("anchor", code) for code in get_args(Anchor)}
    told |= {("cadence", code) for code in codes(Cadence.model_fields["every"].annotation)}
    assert [pair for pair in sorted(told) if ".".join(pair) not in words(lang)] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_place_of_a_state_has_a_name(lang):
    kinds = [one for one in vars(records).values() if isinstance(one, type) and issubclass(one, Frozen)]
    inside = {key for kind in kinds if kind not in (Frozen, Effect) for key in kind.model_fields} - set(UNSAID)
    known = words(lang)
    assert [key for key in sorted(inside - {"values", "product"}) if f"told.{key}" not in known] == []
    assert [key for key in FIELDS_OF_STATE if key not in UNTOLD and f"state_field.{key}" not in known] == []


@pytest.fixture
def teller(tmp_path):
    def made(lang="en"):
        office = Office(tmp_path, Screen(lang, json=False, quiet=False))
        ledger = SqliteLedger(tmp_path / "ledger.sqlite", PROJECTIONS)
        return Teller(office, Opener(office, ledger))

    return made


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", TYPES)
def test_every_fact_can_be_told_full_or_bare(teller, lang, name):
    for full in (True, False):
        data = TYPES[name].model_validate(sample(TYPES[name], full=full)).model_dump(mode="json", exclude_none=True)
        told = list(teller(lang).details(data))
        assert all(isinstance(label, str) and isinstance(value, str) for label, value in told)
        assert not any("{" in value or "hmac-" in value for _, value in told), told


def test_words_of_others_are_shown_on_one_line_and_cannot_turn_it(teller, tmp_path):
    seal = DocumentFolder(tmp_path / "documents").put("good\u202ereason\x1b[2J\nsecond " + "long " * 200)
    told = teller().value("reason", seal, {})
    assert told.startswith(r"“good\u202ereason\u001b[2J second long")
    assert told.endswith(" …”")
    assert len(told) < 300
    name = list(teller().details({"name_fa": "a\u2067b", "stage": "diagnostic"}))
    assert ("", r"a\u2067b") in name


def test_what_a_seal_holds_is_text_a_file_missing_damaged_or_not_here(teller, tmp_path):
    missing = "hmac-sha256:" + "0" * 64
    assert teller().value("reason", missing, {}) == "sealed; the documents are not here"
    assert not (tmp_path / "documents").exists(), "looking makes no folder"
    documents = DocumentFolder(tmp_path / "documents")
    file, text = documents.put(b"\xff\xfe\x00"), documents.put("kept")
    assert teller().value("reason", missing, {}) == "not in the store, and no entry says it was erased"
    assert teller().value("reason", file, {}) == "a file of 3 bytes"
    place = tmp_path / "documents" / text[12:14] / text[12:]
    place.write_bytes(place.read_bytes() + b"!")
    assert teller().value("reason", text, {}) == "damaged: it does not fit its seal"


@pytest.mark.parametrize(
    ("duty", "title"),
    [
        ("monthly_log.3", "Monthly log (3)"), ("monthly_log.3:approval", "Approval: Monthly log (3)"),
        ("g5:provincial_committee", "Gate decision: G5 Plan"), ("review:work_plan", "Stall review: Work plan"),
        ("body:steering_council", "Seating of a body: Steering council of the cluster"),
        ("milestone.2", "Milestone (2)"), ("effect:evaluate:final_evaluation", "Work of a service: Final evaluation"),
        ("unheard_of", "unheard_of"),
    ],
)  # fmt: skip
def test_a_duty_is_called_by_what_it_is_about_and_what_is_owed_of_it(duty, title):
    assert duty_title(duty, "", "en") == title


def entry(kind, ref, data):
    named = {"id": METHODOLOGY.id, "version": METHODOLOGY.version, "digest": "sha256:" + "0" * 64}
    return {"cause": {"kind": kind, "ref": ref}, "data": data, "methodology": named}


SCREEN = Screen("en", json=False, quiet=False)


def test_a_reminder_is_founded_on_its_rung_with_the_place_where_that_stands():
    found = why(SCREEN, entry("rung", "standard/pre7", {"duty": "monthly_log.3", "rung": "pre7"}))
    assert found.source["section"].endswith("1.0#ladders.standard.pre7")
    assert found.source["titles"][-1] == "One week before it is due"
    assert (found.source["code"], found.source["revision"]) == ("KH-M01", 0)


def test_a_due_date_is_founded_on_the_rule_of_its_deliverable():
    opened = {"duty": "work_plan", "reason": "stage_rule", "due_on": "2026-05-05"}
    source = why(SCREEN, entry("command", "DecideGate", opened)).source
    assert source["section"].endswith("#diagnostic.deliverables.work_plan")
    assert source["due_rule"] == "15 days after the start of the stage"
    assert "due_rule" not in why(SCREEN, entry("command", "DecideGate", {**opened, "reason": "rework"})).source


def test_what_names_no_rule_is_founded_on_that_of_its_command():
    decided = entry("command", "DecideGate", {"gate": "g1"})
    source = why(SCREEN, entry("command", "DecideGate", {"attempt": 1}), [decided]).source
    assert source["section"].endswith("#feasibility.gate")


def test_a_methodology_that_is_not_here_is_cited_by_its_name():
    other = entry("command", "DecideGate", {"gate": "g1"})
    other["methodology"] = {**other["methodology"], "version": "7.3"}
    source = why(SCREEN, other).source
    assert source["document"] == f"{METHODOLOGY.id} 7.3"
    assert "section" not in source
    assert json.dumps(source)
