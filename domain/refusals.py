"""Every "no", as a code with the field and the rule; the words in both languages are in i18n."""

from __future__ import annotations

from domain.values import Frozen

RETRYABLE = ("closing", "busy")
CODES = (
    "not_found", "already_open", "not_open", "unknown_command", "invalid_field", "missing_field", "unknown_field",
    "too_large", "too_many", "in_the_future", "too_long_ago", "stale", "role_may_not", "out_of_scope", "not_the_owner",
    "not_seated", "own_work", "already_voted", "not_owed", "not_awaited", "wrong_answer", "gate_closed",
    "condition_holds", "approval_blocked", "check_failed", "rounds_exhausted", "reason_needed", "not_proposed",
    "already_scored", "no_moderation", "not_open_finding", "finding_blocks", "term_runs",
    "extension_too_long", "before_the_file", "no_extension", "already_approved", "conflict_of_interest", "year_missing",
    "signature_missing", "signature_unknown_key", "signature_expired", "signature_wrong",
    "id_reused", "too_old", "frozen",
    "unknown_person", "unknown_document", "kept_by_law", *RETRYABLE,
)  # fmt: skip
"""Stable: a code is never renamed, and never used for another rule."""


class Refused(Exception):
    """The command is refused whole. `field` is what was wrong, `rule` names the limit, `allowed` what would do."""

    def __init__(self, code: str, field: str = "", rule: str = "", allowed: tuple[str, ...] = ()) -> None:
        super().__init__(code)
        self.code, self.field, self.rule, self.allowed = code, field, rule, allowed

    def told(self) -> Refusal:
        """The refusal as it travels and is recorded."""
        return Refusal(code=self.code, field=self.field, rule=self.rule, allowed=self.allowed)


class Refusal(Frozen):
    code: str
    field: str = ""
    rule: str = ""
    allowed: tuple[str, ...] = ()
