"""A small office that forgets: its ledger, directory, documents and what was sent lately, in one data folder."""

import json
from datetime import datetime, timedelta
from pathlib import Path

from adapters.documents import DocumentFolder
from adapters.ledger_sqlite import SqliteLedger
from client.directory import Directory
from client.forgetting import Forgetting
from client.signatories import Signed
from domain.recording import Actor, Cause, CommandRef, Fact
from ledger.chain import verify_chain
from ledger.entry import fact_of
from tests.office import KNOWN, NINE, OFFICE

NAME, PHONE, WORDS = "زهرا نیک‌پندار", "09121234567", "از کارگاه خواهرش شکایت دارد"
SIGNED = Signed(OFFICE, "p-0002")
SHEET = "person,role,scope,until,name_fa,name_en,contact\n"
ZAHRA = f"{SHEET}p-7,provincial_ceo,province/yazd,2026-11-25,{{name}},,{PHONE}\n"
LATER = NINE + timedelta(days=30)


class Office:
    """A data folder with a directory, a document store and what was sent."""

    def __init__(self, data: Path, ledger: SqliteLedger) -> None:
        self.data, self.ledger, self.at = data, ledger, NINE
        self.documents = DocumentFolder(data / "documents")
        self.directory = Directory(ledger, self.documents, KNOWN, build="b1", clock=lambda: self.at)
        self.forgetting = Forgetting(ledger, self.documents, data / "sent", build="b1", clock=lambda: self.at)

    def take(self, text: str):
        (self.data.parent / "sheet.csv").write_text(text, encoding="utf-8")
        return self.directory.import_file(self.data.parent / "sheet.csv", OFFICE)

    def found(self, *planted: str) -> list[str]:
        """The files that hold one of these, in UTF-8, UTF-16 or as JSON escapes: free pages of a database too."""
        forms = [
            form for one in planted for form in (one.encode(), one.encode("utf-16-le"), json.dumps(one).encode()[1:-1])
        ]
        files = [file for file in self.data.rglob("*") if file.is_file()]
        return sorted(
            str(file.relative_to(self.data)) for file in files if any(form in file.read_bytes() for form in forms)
        )

    def record(self, type: str, data: dict, person: str = "p-1", at: datetime = NINE) -> None:
        """A fact in a stream that nobody folds."""
        head = self.ledger.head("notes")
        fact = Fact(
            seq=head.seq + 1, type=type, occurred_at=at, recorded_at=at,
            command=CommandRef(id=f"c{head.seq}", n=1, of=1), cause=Cause(kind="command", ref="x"),
            actor=Actor(person=person, role="evaluator", scope="nation"),
            authenticated_by="none", build="b1", data=data,
        )  # fmt: skip
        self.ledger.extend("notes", head.seq, [fact])

    def facts(self, stream: str) -> list[Fact]:
        return [fact_of(leaf) for leaf in self.ledger.entries(stream)]

    def is_sound(self) -> bool:
        return all(verify_chain(stream, self.ledger.entries(stream)) == head for stream, head in self.ledger.streams())
