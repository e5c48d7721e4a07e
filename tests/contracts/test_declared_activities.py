"""What the workflows declare and what the worker registers are the same activities."""

import inspect
from typing import cast

from temporalio import activity
from temporalio.client import Client

from adapters.ledger_sqlite import SqliteLedger
from client.office_work import office_activities
from ledger.projections import PROJECTIONS
from settings import Settings
from worker import activities_over
from workflows.outbound import DECLARED, OF_OFFICE

NO_ENGINE = cast("Client", None)
"""Nothing is asked of it: forms alone are compared."""


def form_of(function):
    """Its name on the wire, what it takes and what it gives."""
    definition = activity._Definition.must_from_callable(function)
    return definition.name, definition.arg_types, definition.ret_type


def test_every_declared_activity_is_registered_with_the_same_types(tmp_path):
    ledger = SqliteLedger(tmp_path / "ledger.sqlite", PROJECTIONS)
    of_clusters = [form_of(function) for function in activities_over(ledger, "test")]
    of_office = [form_of(function) for function in office_activities(NO_ENGINE, Settings.read(tmp_path), ledger)]
    ledger.close()
    assert sorted(of_clusters, key=str) == sorted(map(form_of, DECLARED), key=str)
    assert sorted(of_office, key=str) == sorted(map(form_of, OF_OFFICE), key=str)


def test_a_declaration_does_nothing_by_itself():
    assert all(inspect.getsource(one).rstrip().endswith("raise NotImplementedError") for one in (*DECLARED, *OF_OFFICE))
