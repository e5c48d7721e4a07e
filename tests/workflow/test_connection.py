"""What the engine must have before a worker polls, and how it is found."""

import asyncio
import sys
from contextlib import closing

import pytest
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from adapters.ledger_sqlite import SqliteLedger
from client.connection import EngineMissing, connect, lacking, program, start_local
from client.programme import Programme
from client.signing import create_key
from ledger.projections import PROJECTIONS
from tests.workflow.office import CLUSTER, COORDINATOR, IDENTITY, ROOT, RULEBOOK, Office


async def test_our_own_server_lacks_nothing():
    async with await start_local() as env:
        assert await lacking(env.client) == []


async def test_what_another_server_lacks_is_named_with_the_command_that_mends_it():
    async with await WorkflowEnvironment.start_local(
        data_converter=pydantic_data_converter, dev_server_existing_path=program("temporal"), ip="127.0.0.1",
        dev_server_log_level="error",
    ) as env:  # fmt: skip
        mends = await lacking(env.client)
        for mend in mends:
            address = env.client.service_client.config.target_host
            done = await asyncio.create_subprocess_exec(
                program("temporal"), *mend.split()[1:], "--address", address,
                stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
            )  # fmt: skip
            assert await done.wait() == 0, mend
        assert len(mends) == 8
        assert await lacking(env.client) == []


def test_a_program_that_is_nowhere_is_said_to_be_missing():
    with pytest.raises(EngineMissing):
        program("no-such-engine")


async def run_worker(folder):
    return await asyncio.create_subprocess_exec(
        sys.executable, "worker.py", "--data", str(folder), cwd=ROOT,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip


async def test_the_worker_serves_from_a_data_folder_and_stops_when_told(tmp_path):
    signer = create_key(tmp_path / "keys", "office")
    async with await start_local(tmp_path / "engine.sqlite") as env:
        address = env.client.service_client.config.target_host
        (tmp_path / "khoosheh.toml").write_text(f'temporal = "{address}"\n')
        with closing(SqliteLedger(tmp_path / "ledger.sqlite", PROJECTIONS)) as ledger:
            office = Office(env, ledger, rehearsal=False)
            worker = await run_worker(tmp_path)
            programme = Programme(await connect(address, "default"), ledger, signer)
            receipt = await programme.open(office.asks("IdentifyCluster", COORDINATOR, **IDENTITY), RULEBOOK)
            assert receipt.head == ledger.head(f"cluster/{CLUSTER}")
            worker.terminate()
            _, errors = await worker.communicate()
            assert worker.returncode == 0, errors.decode()
            office.check_record()


async def test_a_worker_does_not_poll_an_engine_that_is_not_ready(tmp_path):
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=program("temporal"), ip="127.0.0.1", dev_server_log_level="error"
    ) as env:
        address = env.client.service_client.config.target_host
        (tmp_path / "khoosheh.toml").write_text(f'temporal = "{address}"\n')
        worker = await run_worker(tmp_path)
        _, errors = await worker.communicate()
        assert worker.returncode == 1
        assert "temporal operator namespace update --namespace default --retention 90d" in errors.decode()
