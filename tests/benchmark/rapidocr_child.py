"""RapidOCR as it comes, as a child of `tests.benchmark.engines`: a path a line in, a line of JSON out.

Runs in an environment that has RapidOCR and nothing of ours.
"""

from __future__ import annotations

import json
import os
import sys
import time


def main() -> None:
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever the library prints goes elsewhere
    from rapidocr import RapidOCR  # type: ignore[import-not-found]

    engine = RapidOCR(params={"Global.log_level": "error"})
    for line in sys.stdin:
        started, cpu = time.perf_counter(), time.process_time()
        read = engine(line.strip())
        answer = {
            "text": "\n".join(read.txts or ()),
            "cpu_s": time.process_time() - cpu,
            "wall_s": time.perf_counter() - started,
        }
        answers.write(json.dumps(answer, ensure_ascii=False) + "\n")
        answers.flush()


main()
