"""What deployment files say is what the program reads, asks for and allows; no container engine is needed."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from settings import Settings
from workflows.attributes import KEYS

ROOT = Path(__file__).parents[2]
DATA = "KHOOSHEH_DATA"
"""Read by the command line; the worker and the scripts are given the folder."""
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
ENVCONFIG = {"TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE"}
ATTRIBUTES = {f"{key.name}={key.indexed_value_type.name.title()}" for key in KEYS}
RETENTION = f"{Settings.model_fields['retention_days'].default}d"

HARDENING = {
    "NoNewPrivileges": "yes", "ProtectSystem": "strict", "ProtectHome": "yes", "PrivateTmp": "yes",
    "PrivateDevices": "yes", "ProtectKernelTunables": "yes", "ProtectKernelModules": "yes",
    "ProtectControlGroups": "yes", "RestrictNamespaces": "yes", "LockPersonality": "yes",
    "MemoryDenyWriteExecute": "yes", "RestrictSUIDSGID": "yes", "CapabilityBoundingSet": "",
    "IPAddressDeny": "any", "IPAddressAllow": "localhost", "SystemCallArchitectures": "native",
    "ReadWritePaths": "/var/lib/khoosheh", "User": "khoosheh", "UMask": "0077", "Restart": "always",
}  # fmt: skip


def lines_of(unit: Path) -> list[tuple[str, str]]:
    """The assignments of a unit file, in order, continued lines joined."""
    text = "\n".join(line for line in unit.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return [
        (name, value.strip())
        for line in text.replace("\\\n", " ").splitlines()
        if "=" in line
        for name, _, value in [line.partition("=")]
    ]


def environment_of(service: dict[str, Any]) -> dict[str, str]:
    return dict(service.get("environment", {}))


def set_in_units() -> dict[str, str]:
    return dict(value.split("=", 1) for unit in UNITS for name, value in lines_of(unit) if name == "Environment")


def test_every_setting_named_is_one_the_program_reads():
    named = {
        match
        for path in DEPLOY.rglob("*")
        if path.is_file()
        for match in re.findall(r"\b(?:KHOOSHEH|TEMPORAL)_[A-Z_]+[A-Z]\b", path.read_text(encoding="utf-8"))
    }
    ours = {f"KHOOSHEH_{name.upper()}" for name in Settings.model_fields}
    assert named - ours - ENVCONFIG == set()
    assert {"KHOOSHEH_TEMPORAL", "KHOOSHEH_NAMESPACE"} <= named


@pytest.mark.parametrize("given", [set_in_units(), *(environment_of(service) for service in SERVICES.values())])
def test_the_values_given_are_accepted(given, tmp_path, monkeypatch):
    ours = {name: value for name, value in given.items() if name.startswith("KHOOSHEH_") and name != DATA}
    for name, value in ours.items():
        monkeypatch.setenv(name, value)
    settings = Settings.read(tmp_path)
    for name, value in ours.items():
        field = name.removeprefix("KHOOSHEH_").lower()
        assert str(getattr(settings, field)) == value
        assert settings.origin(field) == "environment"


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_is_hardened(unit):
    lines = dict(lines_of(unit))
    assert {name: lines.get(name) for name in HARDENING} == HARDENING
    assert "MemoryMax" in lines
    assert ("SystemCallFilter", "@system-service") in lines_of(unit)
    assert set(lines["RestrictAddressFamilies"].split()) <= {"AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK"}


def test_the_engine_listens_on_loopback_only():
    start = next(value for name, value in lines_of(DEPLOY / "systemd/khoosheh-engine.service") if name == "ExecStart")
    assert "--ip 127.0.0.1" in start
    assert "--headless" in start
    assert set_in_units()["KHOOSHEH_TEMPORAL"] == set_in_units()["TEMPORAL_ADDRESS"] == "127.0.0.1:7233"


def test_the_engines_have_the_attributes_and_the_retention_the_worker_asks_for():
    unit = (DEPLOY / "systemd/khoosheh-engine.service").read_text(encoding="utf-8")
    script = (DEPLOY / "temporal/namespace.sh").read_text(encoding="utf-8")
    for text in (unit, script):
        assert set(re.findall(r"\bKh\w+=\w+", text)) == ATTRIBUTES
        assert set(re.findall(r"--retention (\S+)", text)) == {RETENTION}


def test_the_engine_keeps_its_file_where_the_program_looks_for_it():
    unit = (DEPLOY / "systemd/khoosheh-engine.service").read_text(encoding="utf-8")
    assert f"--db-filename {Settings(data=Path('/var/lib/khoosheh')).engine_path}" in unit


def test_systemd_accepts_the_units(tmp_path):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is missing: the units are checked by the other tests only")
    for unit in (DEPLOY / "systemd").iterdir():
        text = unit.read_text(encoding="utf-8").replace("/opt/khoosheh/.venv/bin", str(Path(sys.executable).parent))
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    found = subprocess.run(
        ["systemd-analyze", "verify", *map(str, sorted(tmp_path.iterdir()))],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (found.returncode, found.stderr) == (0, "")


def test_compose_has_the_services_of_the_document():
    readme = (DEPLOY / "README.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `(\w+)` \| ", readme, re.MULTILINE))
    assert told == set(SERVICES) == {
        "postgres", "database", "schema", "temporal", "namespace", "key", "ledger", "worker", "sealing", "office",
    }  # fmt: skip
    for service in SERVICES.values():
        assert set(service.get("depends_on", {})) <= set(SERVICES)
        assert set(service["networks"]) <= set(COMPOSE["networks"])


def test_the_worker_waits_for_a_namespace_that_waits_for_the_schema():
    order = {name: service.get("depends_on", {}) for name, service in SERVICES.items()}
    done = {"condition": "service_completed_successfully"}
    assert order["worker"] == {"namespace": done, "key": done, "ledger": done}
    assert order["ledger"] == {"database": done}
    assert order["database"] == {"postgres": {"condition": "service_healthy"}}
    assert order["namespace"] == {"temporal": {"condition": "service_healthy"}}
    assert order["temporal"] == {"schema": done}
    assert order["schema"] == {"postgres": {"condition": "service_healthy"}}


def test_images_are_pinned_to_a_full_version():
    bases = re.findall(r"^FROM (\S+)", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    images = [*bases, *(service["image"] for service in SERVICES.values())]
    assert [image for image in images if not re.search(r":\d+\.\d+(\.\d+)?(-[\w.-]+)?$", image)] == []
    assert SERVICES["temporal"]["image"].split(":")[1] == SERVICES["schema"]["image"].split(":")[1]


def test_ports_are_published_on_loopback_only_and_the_database_not_at_all():
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)
    assert set(published) == {"temporal"}
    assert COMPOSE["networks"]["database"] == {"internal": True}
    assert "engine" not in SERVICES["postgres"]["networks"]


def test_what_compose_mounts_is_there():
    mounts = [mount for service in SERVICES.values() for mount in service.get("volumes", [])]
    for source, *_ in (mount.split(":") for mount in mounts):
        assert (DEPLOY / source).exists() if source.startswith(".") else source in COMPOSE["volumes"]


def test_no_secret_is_written_down():
    for service in SERVICES.values():
        for name, value in environment_of(service).items():
            assert "PASSWORD" not in name or value.startswith("${"), name
    assert ".env" in (DEPLOY / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_the_image_runs_as_nobody_special_from_hashed_packages():
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    assert "--require-hashes -r /runtime.lock" in text
    assert re.search(r"^USER khoosheh$", text, re.MULTILINE)
    assert re.search(r"^HEALTHCHECK ", text, re.MULTILINE)
    assert all((DEPLOY / script).exists() for script in ("key.py", "ledger.py", "polling.py"))
    kept = {line.removeprefix("!") for line in (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()}
    rooms = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "bench"}
    assert rooms <= kept


@pytest.mark.parametrize("script", sorted(DEPLOY.glob("*/*.sh")), ids=lambda script: script.stem)
def test_a_script_is_a_shell_script(script):
    assert script.stat().st_mode & 0o111
    subprocess.run(["sh", "-n", str(script)], check=True)
