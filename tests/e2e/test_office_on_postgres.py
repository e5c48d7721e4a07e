"""An office whose ledger is a database: started by its address, found by its folder, its password said nowhere."""

import json
import signal
import stat
import subprocess
import sys

import pytest
from typer.testing import CliRunner

import starter

pytestmark = pytest.mark.timeout(300)
WORD = "app-word"
SHEET = "name_fa,name_en,province_en,product\nخوشه فرش قم,Qom carpet,Qom,carpet\n"


class Line:
    """Commands in this process to the office in `data`; everything they say is kept."""

    def __init__(self, data):
        self.data, self.said = data, ""

    def __call__(self, *words, code=0):
        found = CliRunner().invoke(starter.app, [*map(str, words), "--data", str(self.data)])
        assert found.exit_code == code, (words, found.stdout, found.stderr, found.exception)
        self.said += found.stdout + found.stderr
        return found.stdout

    def json(self, *words, code=0):
        return json.loads(self(*words, "--json", code=code))


def test_an_office_lives_on_postgresql(server, tmp_path):
    data, sheet = tmp_path / "office", tmp_path / "one.csv"
    sheet.write_text(SHEET, encoding="utf-8")
    line = Line(data)
    place = server.database().writer
    up = subprocess.Popen(
        [sys.executable, "starter.py", "up", "--data", str(data), "--ledger", place, "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert up.stdout
        ready = up.stdout.readline()
        assert json.loads(ready)["ledger"] == place.replace(f":{WORD}", "")
        assert stat.S_IMODE((data / "run.json").stat().st_mode) == 0o600
        line("directory", "import", "reference/directory/demo.csv")
        assert line.json("open", sheet)["clusters"] == ["qom-carpet"]
        assert [cluster["id"] for cluster in line.json("board")["clusters"]] == ["qom-carpet"]
        line("show", "qom-carpet")
        checks = {check["name"]: check for check in line.json("doctor")["checks"]}
        assert (checks["database"]["state"], checks["directory"]["state"]) == ("ok", "ok")
        line("doctor", "--settings")
        server.stop()
        away = line.json("board", code=3)["error"]
        assert away["code"] == "ledger_unreachable"
        checks = {check["name"]: check for check in line.json("doctor", code=1)["checks"]}
        assert checks["database"]["state"] == "broken"
        assert "khoosheh.toml" in checks["database"]["mend"]
        server.start()
        line.json("board")
    finally:
        up.send_signal(signal.SIGINT)
        rest = "".join(up.communicate(timeout=60))
    assert up.returncode == 0
    assert WORD not in line.said + ready + rest
    assert not (data / "ledger.sqlite").exists()
    kept = [path for path in data.rglob("*") if path.is_file()]
    assert any(path.name == "worker.log" for path in kept)
    assert [path for path in kept if WORD.encode() in path.read_bytes()] == []


@pytest.mark.parametrize(
    "ledger",
    [
        ("postgresql://office:app-word@127.0.0.1:1/office", 3, "ledger_unreachable"),
        ("postgres://office:app-word@127.0.0.1:1/office", 2, "ledger_address"),
    ],
    ids=["away", "wrong"],
)
@pytest.mark.parametrize("lang", ["fa", "en"])
def test_an_office_that_cannot_use_its_ledger_says_what_to_do(tmp_path, monkeypatch, ledger, lang):
    place, code, key = ledger
    monkeypatch.setenv("KHOOSHEH_LEDGER", place)
    line = Line(tmp_path)
    for words in (("board",), ("up",)):
        assert line.json(*words, "--lang", lang, code=code)["error"]["code"] == key
        line(*words, "--lang", lang, code=code)
    line("doctor", "--lang", lang, code=1)
    line("doctor", "--settings", "--lang", lang)
    assert WORD not in line.said
    assert "KHOOSHEH_LEDGER" in line.said or code == 2


def test_without_the_driver_an_office_on_a_file_works_and_one_on_a_server_says_what_to_install(tmp_path):
    program = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from adapters.ledger_at import ledger_at, prepare_at\n"
        "from ledger.store import LedgerUnusable\n"
        "ledger_at(sys.argv[1], {}).close()\n"
        "for does in (ledger_at, prepare_at):\n"
        "    try: does('postgresql://a/b', {})\n"
        "    except LedgerUnusable as unusable: print(unusable.code)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "ledger.sqlite")], capture_output=True, text=True, check=True
    )
    assert ran.stdout.split() == ["ledger_driver", "ledger_driver"]
