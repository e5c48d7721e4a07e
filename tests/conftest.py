"""No test sees how the machine it runs on is configured."""

import os

for name in [name for name in os.environ if name.startswith(("TEMPORAL_", "KHOOSHEH_"))]:
    del os.environ[name]
