from __future__ import annotations

from hypothesis import settings

# The first example loads the region table, and test machines are shared: time is no property of these rules.
settings.register_profile("without_deadline", deadline=None)
settings.load_profile("without_deadline")
