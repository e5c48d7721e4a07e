"""What things cost, each beside a stated floor measured in the same run: `python -m bench [names] [--json]`."""
