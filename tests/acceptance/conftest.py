from __future__ import annotations

from tests.archives import bench, bench_settings  # noqa: F401
