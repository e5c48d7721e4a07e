"""What we write, judged by programs of others, in an environment of their own (`make oracles`).

Two halves that never meet in one process, as some oracles are GPL or AGPL: `samples.py` runs in our environment
and writes files; each `check_….py` runs in theirs, imports nothing of ours, and reads those files.
"""
