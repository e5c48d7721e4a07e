"""What the workflows declare and what the worker registers are the same activities."""

import inspect

from temporalio import activity

from adapters.ledger_sqlite import SqliteLedger
from ledger.projections import PROJECTIONS
from worker import activities_over
from workflows.outbound import DECLARED


def form_of(function):
    """Its name on the wire, what it takes and what it gives."""
    definition = activity._Definition.must_from_callable(function)
    return definition.name, definition.arg_types, definition.ret_type


def test_every_declared_activity_is_registered_with_the_same_types(tmp_path):
    ledger = SqliteLedger(tmp_path / "ledger.sqlite", PROJECTIONS)
    registered = [form_of(function) for function in activities_over(ledger, "test")]
    ledger.close()
    assert sorted(registered, key=str) == sorted(map(form_of, DECLARED), key=str)


def test_a_declaration_does_nothing_by_itself():
    assert all(inspect.getsource(function).rstrip().endswith("raise NotImplementedError") for function in DECLARED)
