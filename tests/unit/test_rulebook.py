import base64
import zlib
from datetime import date
from pathlib import Path

import pytest

from adapters.reference_calendar import load_calendar
from adapters.reference_methodology import load
from domain.calendar import WorkingCalendar
from domain.rulebook import MOST_BYTES, carried, pack, unpack

REFERENCE = Path(__file__).parents[2] / "reference"
METHODOLOGY = load(REFERENCE / "methodology" / "isipo-unido-default" / "1.0").methodology
CALENDAR = WorkingCalendar(
    id="iran",
    version="test",
    holidays={1405: "0101 0102"},
    announced_until=date(2027, 3, 20),
    estimated_until=date(2027, 3, 20),
)


def test_what_is_packed_comes_back_equal() -> None:
    digest, text = carried(METHODOLOGY, CALENDAR)
    rulebook = unpack(text)
    assert (rulebook.methodology, rulebook.calendar, rulebook.digest) == (METHODOLOGY, CALENDAR, digest)


def test_the_same_rules_give_the_same_text_and_digest() -> None:
    again = METHODOLOGY.model_validate(METHODOLOGY.model_dump())
    assert carried(again, CALENDAR.model_copy()) == carried(METHODOLOGY, CALENDAR)


def test_a_changed_rule_or_day_off_changes_the_digest() -> None:
    term = METHODOLOGY.term.model_copy(update={"licence_months": 24})
    digests = {
        carried(METHODOLOGY, CALENDAR)[0],
        carried(METHODOLOGY.model_copy(update={"term": term}), CALENDAR)[0],
        carried(METHODOLOGY, CALENDAR.model_copy(update={"holidays": {1405: "0101"}}))[0],
    }
    assert len(digests) == 3


def test_a_value_left_at_its_default_and_one_never_written_are_the_same_rule() -> None:
    written = METHODOLOGY.model_copy(
        update={"roles": tuple(role.model_copy(update={"body": role.body}) for role in METHODOLOGY.roles)}
    )
    assert carried(written, CALENDAR) == carried(METHODOLOGY, CALENDAR)


def test_the_digest_does_not_depend_on_how_the_text_was_compressed() -> None:
    digest, text = carried(METHODOLOGY, CALENDAR)
    content = zlib.decompress(base64.b64decode(text))
    other = base64.b64encode(zlib.compress(content, 1)).decode()
    assert other != text
    assert unpack(other).digest == digest


def test_a_rulebook_is_parsed_once_a_process() -> None:
    text = pack(METHODOLOGY, CALENDAR)
    assert unpack(text) is unpack(text)


def test_the_default_with_the_calendar_of_iran_fits_into_16_kilobytes() -> None:
    assert len(pack(METHODOLOGY, load_calendar(REFERENCE / "calendar" / "iran"))) <= 16_000


def broken_texts() -> dict[str, str]:
    text = pack(METHODOLOGY, CALENDAR)
    return {
        "empty": "",
        "not base64": "؟" + text[1:],
        "cut short": text[: len(text) // 2 // 4 * 4],
        "something behind it": base64.b64encode(base64.b64decode(text) + b"more").decode(),
        "other content": base64.b64encode(zlib.compress(b'{"methodology":{}}')).decode(),
        "no rulebook": base64.b64encode(zlib.compress(b"[]")).decode(),
        "grows without end": base64.b64encode(zlib.compress(b" " * (MOST_BYTES + 1))).decode(),
    }


@pytest.mark.parametrize("text", broken_texts().values(), ids=broken_texts())
def test_a_text_that_is_no_rulebook_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="rulebook_unreadable"):
        unpack(text)


def test_rules_that_do_not_hang_together_are_refused_on_reading() -> None:
    broken = METHODOLOGY.model_copy(update={"roles": METHODOLOGY.roles[1:]})
    with pytest.raises(ValueError, match="unknown role cda"):
        unpack(pack(broken, CALENDAR))
