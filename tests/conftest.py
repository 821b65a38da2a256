"""What holds for all tests. Properties are tried on the same examples each time, so that a run that was green stays
green; `TESTS=random` (make check-long) tries other ones, and more of them."""

import os

from hypothesis import settings

settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("random", deadline=None, print_blob=True)
settings.load_profile("random" if os.environ.get("TESTS") == "random" else "same")
