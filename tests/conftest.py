"""No test sees how the machine it runs on is configured."""

import os

import hypothesis

for name in [name for name in os.environ if name.startswith(("TEMPORAL_", "KHOOSHEH_"))]:
    del os.environ[name]

# How long an example takes says what else the machine does; whether it holds does not.
hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.load_profile("any machine")
