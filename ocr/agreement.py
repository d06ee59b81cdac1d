"""Two readings of one line by different models, or in different light, and what they say together.

Each model errs in its own way more often than not, so that two which agree are far more likely right than either
alone; two which differ leave the line in doubt, whatever each thinks of itself.
"""

from __future__ import annotations

from dataclasses import replace

from ocr.fields.parsed import chinese_punctuation
from records.readings import Line

AGREED = 0.25
"""What is left of the doubt of the surer reading when the other says the same."""
DIFFERENT = 0.9
"""A line that two readings differ on is trusted no more than this."""


def together(first: Line, second: Line) -> Line:
    """The surer of two readings of a line, in the place of the first."""
    chosen = second if second.confidence >= first.confidence else first
    agree = chinese_punctuation(first.text) == chinese_punctuation(second.text)
    confidence = 1 - AGREED * (1 - chosen.confidence) if agree else min(chosen.confidence, DIFFERENT)
    return replace(chosen, box=first.box, confidence=confidence, looks=first.looks + second.looks)
