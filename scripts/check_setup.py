"""Says what the system lacks, with the names of the Debian packages, before anything fails in the middle of a page."""

from __future__ import annotations

import sys

NEEDED = "libgl1 libglib2.0-0"


def main() -> int:
    try:
        import cv2  # noqa: F401
    except ImportError as error:
        sys.stderr.write(
            f"OpenCV cannot be loaded: {error}\n"
            f"It needs the system's libGL and glib. On Debian and Ubuntu: sudo apt-get install {NEEDED}\n"
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
