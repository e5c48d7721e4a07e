"""Whether this machine can set a report. CI installs what that takes (`.ci/run`) and never skips."""

import os

import pytest

from exports.report.document import PACKAGES, ReportsUnusable, ready


def is_there() -> bool:
    try:
        ready()
    except ReportsUnusable:
        return False
    return True


needs_pango = pytest.mark.skipif(
    not is_there() and not os.environ.get("CI"), reason=f"missing: apt-get install {' '.join(PACKAGES)}"
)
