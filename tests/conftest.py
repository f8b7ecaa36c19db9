"""What holds for all tests."""

from hypothesis import settings

# The same examples each time, and no limit on how long one takes: a run says something about the change, not the machine.
# `--hypothesis-profile=default` looks for new ones.
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.load_profile("repeatable")
