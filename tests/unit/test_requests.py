"""What people send is checked against the command it names, and nothing is coerced into fitting."""

from typing import Any

import pytest

from domain.recording import Actor, Envelope
from domain.refusals import Refused
from domain.requests import request_of
from tests.scenario import DAY0, noon
from tests.scripted import TEXT

IDENTITY = {"name_fa": "کفش قم", "province": "qom", "product": "footwear"}


def envelope(type: str, data: dict[str, Any]) -> Envelope:
    return Envelope(id="00000000-0000-7000-8000-000000000000", cluster="qom-footwear", type=type, data=data,
                    occurred_at=noon(DAY0), actor=Actor(person="p-a", role="cda", scope="nation"))  # fmt: skip


def test_a_request_carries_what_the_envelope_says():
    request = request_of(envelope("IdentifyCluster", IDENTITY), "build-1")
    assert request.command.province == "qom"
    assert (request.build, request.authenticated_by, request.cause.kind) == ("build-1", "none", "command")
    assert request_of(envelope("ImportCluster", IDENTITY | {"status": "started"}), "b").cause.kind == "import"


@pytest.mark.parametrize(
    ("type", "data", "code", "field"),
    [
        ("PassTime", {"until": "2026-04-04T09:00:00Z"}, "unknown_command", "type"),
        ("IdentifyCluster", {"province": "qom", "product": "x"}, "missing_field", "name_fa"),
        ("IdentifyCluster", IDENTITY | {"colour": "red"}, "unknown_field", "colour"),
        ("IdentifyCluster", IDENTITY | {"name_fa": ""}, "invalid_field", "name_fa"),
        ("IdentifyCluster", IDENTITY | {"name_fa": "\ud800"}, "invalid_field", ""),
        ("AskExtension", {"months": "12", "reason": TEXT}, "invalid_field", "months"),
        ("AskExtension", {"months": True, "reason": TEXT}, "invalid_field", "months"),
        ("AskExtension", {"months": 12.0, "reason": TEXT}, "invalid_field", "months"),
        ("AskExtension", {"months": float("nan"), "reason": TEXT}, "invalid_field", "months"),
        ("ConfirmStart", {"started_on": 0}, "invalid_field", "started_on"),
        ("ConfirmStart", {"started_on": "2026-04-04T00:00:00"}, "invalid_field", "started_on"),
        ("WithdrawCluster", {"reason": "because"}, "invalid_field", "reason"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_field(type, data, code, field):
    with pytest.raises(Refused) as caught:
        request_of(envelope(type, data), "build-1")
    assert (caught.value.code, caught.value.field) == (code, field)
