"""The signer of the log as a process of its own: one request, one answer, each a JSON object.

`python -m adapters.signer init|key|sign|rotate|epoch --folder FOLDER`. `sign` reads from standard input
`{"origin","size","root","proof":[…],"keys":[…]}`, hashes in hex. Ends with 0 and the answer, 1 and `refused` with what
stands signed, 2 and `unusable`.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from adapters.signer_folder import SignerFolder, SignerUnusable, Standing
from ledger.checkpoint import Checkpoint
from ledger.succession import NotSigned

WAITS = 60.0


class AskedSigner:
    """The signer, asked through a process of its own; `command` may run it as another user or on another machine."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command

    def standing(self, verb: str = "key", *options: str) -> Standing:
        """What the signer says of itself after `verb` (key, init, rotate, epoch). Raises SignerUnusable."""
        return _standing_in(self._asked([verb, *options], b""))

    def sign(self, asked: Checkpoint, proof: Sequence[bytes], by: Sequence[str]) -> bytes:
        """The note. Raises NotSigned, SignerUnusable."""
        request = _form(asked) | {"proof": [each.hex() for each in proof], "keys": list(by)}
        answer = self._asked(["sign"], json.dumps(request).encode())
        if "refused" in answer:
            raise NotSigned(answer["refused"], _head_in(answer["last"]) if answer["last"] else None)
        return str(answer["note"]).encode()

    def _asked(self, arguments: Sequence[str], request: bytes) -> dict[str, Any]:
        try:
            done = subprocess.run(
                [*self._command, *arguments], input=request, capture_output=True, timeout=WAITS, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as fault:
            raise SignerUnusable("signer_failed", str(fault)) from None
        try:
            answer: dict[str, Any] = json.loads(done.stdout)
        except ValueError:
            raise SignerUnusable("signer_failed", done.stderr.decode(errors="replace")[-400:]) from None
        if "unusable" in answer:
            raise SignerUnusable(answer["unusable"], answer["detail"])
        return answer


def own_signer(folder: Path) -> AskedSigner:
    """The signer whose folder this user may read."""
    root = Path(__file__).resolve().parent.parent
    # By its file and not as a module: the current folder must not choose what runs with the key.
    start = f"import sys; sys.path.insert(0, {str(root)!r}); from adapters.signer import main; sys.exit(main())"
    return AskedSigner([sys.executable, "-I", "-c", start, "--folder", str(folder)])


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m adapters.signer", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument(
        "--origin", default="", help="for init and epoch: the name of the log, such as example.ir/clusters"
    )
    parser.add_argument("verb", choices=("init", "key", "sign", "rotate", "epoch"))
    given = parser.parse_args(arguments)
    try:
        answer, code = _answer(given.verb, SignerFolder(given.folder), given.origin), 0
    except NotSigned as no:
        answer, code = {"refused": no.code, "last": _form(no.last) if no.last else None}, 1
    except (SignerUnusable, OSError) as fault:
        unusable = fault if isinstance(fault, SignerUnusable) else SignerUnusable("signer_failed", str(fault))
        answer, code = {"unusable": unusable.code, "detail": unusable.detail}, 2
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
    return code


def _answer(verb: str, folder: SignerFolder, origin: str) -> dict[str, Any]:
    match verb:
        case "sign":
            return _signed(folder, sys.stdin.buffer.read())
        case "init":
            standing = folder.begin(origin)
        case "rotate":
            standing = folder.rotate()
        case "epoch":
            standing = folder.begin_epoch(origin)
        case _:
            standing = folder.standing()
    last = _form(standing.last) if standing.last else None
    return {"origin": standing.origin, "keys": list(standing.keys), "last": last, "note": standing.note.decode()}


def _signed(folder: SignerFolder, request: bytes) -> dict[str, Any]:
    try:
        form = json.loads(request)
        asked, by = _head_in(form), [str(key) for key in form["keys"]]
        proof = [bytes.fromhex(each) for each in form["proof"]]
    except (ValueError, KeyError, TypeError) as fault:
        raise SignerUnusable("signer_request", f"{type(fault).__name__}: {fault}") from None
    return {"note": folder.sign(asked, proof, by).decode()}


def _standing_in(answer: dict[str, Any]) -> Standing:
    last = _head_in(answer["last"]) if answer["last"] else None
    return Standing(answer["origin"], tuple(answer["keys"]), last, answer["note"].encode())


def _form(head: Checkpoint) -> dict[str, Any]:
    return {"origin": head.origin, "size": head.size, "root": head.root.hex()}


def _head_in(form: Any) -> Checkpoint:
    return Checkpoint(str(form["origin"]), int(form["size"]), bytes.fromhex(form["root"]))


if __name__ == "__main__":
    sys.exit(main())
