"""Synthetic documents with their truth.

`generate(kind, seed, noise)` makes one page; `python -m samples.generate` writes the sample set.
"""

from __future__ import annotations

from samples.generate.damage import Damage
from samples.generate.hard import HARD
from samples.generate.volume import KINDS, generate

__all__ = ["HARD", "KINDS", "Damage", "generate"]
