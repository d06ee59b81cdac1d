"""`python -m samples.generate [FOLDER]` writes the sample set."""

from __future__ import annotations

import argparse
from pathlib import Path

from samples.generate import sample_set


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m samples.generate", description="Write the synthetic sample set.")
    parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).parent.parent)
    folder: Path = parser.parse_args().folder
    for file in sample_set.write(folder):
        print(file)


if __name__ == "__main__":
    main()
