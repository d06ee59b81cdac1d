"""`guidang serve` with recognition stubbed: `python -m tests.crash.stub_service READY_FILE`, settings as variables."""

from __future__ import annotations

import sys
from pathlib import Path

from api.serving import Announcement, run_service
from api.settings import load_settings
from tests.crash.parts import pixel_text_opener


def main() -> None:
    settings = load_settings()
    run_service(settings, announce=_say, ready_file=Path(sys.argv[1]), opener=pixel_text_opener(settings))


def _say(said: Announcement) -> None:
    sys.stderr.write(f"answers at {said.address}\n")


if __name__ == "__main__":
    main()
