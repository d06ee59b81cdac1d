"""Train the model that reads the day of issue.

    build/training/bin/python scripts/train_issue_dates.py --minutes 30 --into ocr/issue_date.onnx

It learns from strips that `samples/generate/date_strips.py` draws, each seen once, and never from a real paper. It runs
in an environment of its own, for nothing that serves needs these packages:

    python3 -m venv build/training
    build/training/bin/python -m pip install paddlepaddle paddle2onnx onnx opencv-python-headless pillow zxing-cpp
    apt-get install fonts-liberation fonts-noto-cjk fonts-arphic-uming fonts-arphic-ukai fonts-wqy-zenhei
"""

from __future__ import annotations

import argparse
import itertools
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import paddle
from paddle import nn

sys.path.insert(0, str(Path(__file__).parents[1]))

from ocr.issue_dates import ALPHABET, HEIGHT_PX, WIDTH_PX
from samples.generate.date_strips import Strip, strip

STEP_PX = 4
"""How far apart the places are at which the model looks."""
BATCH, HELD_OUT = 48, 1_000
LEAST_RATE = 2e-5


class Reader(nn.Layer):
    """`(N, 3, HEIGHT_PX, WIDTH_PX)` BGR from −1 to 1 in, `(N, WIDTH_PX / STEP_PX, 1 + len(ALPHABET))` chances out.

    Convolutions that halve the height until a row is left, then some that look along it: what is a digit of the year
    follows from its neighbours.
    """

    def __init__(self) -> None:
        super().__init__()
        down = [(3, 16, 2, 2), (16, 24, 2, 1), (24, 40, 2, 2), (40, 56, 2, 1)]
        self.down = nn.Sequential(*(_conv(*each) for each in down))
        self.flat = _conv(56, 96, padding=(0, 1))
        self.along = nn.LayerList([_conv(96, 96, kernel=(1, 5), padding=(0, 2 * d), dilation=(1, d)) for d in (1, 3)])
        self.out = nn.Linear(96, 1 + len(ALPHABET))

    def forward(self, strips: paddle.Tensor) -> paddle.Tensor:
        row = self.flat(self.down(strips))
        for layer in self.along:
            row = row + layer(row)
        return self.out(row.squeeze(2).transpose([0, 2, 1]))


def _conv(  # noqa: PLR0913
    given: int, makes: int, down: int = 1, along: int = 1, *, kernel: tuple[int, int] = (3, 3),
    padding: tuple[int, int] = (1, 1), dilation: tuple[int, int] = (1, 1),
) -> nn.Layer:  # fmt: skip
    conv = nn.Conv2D(given, makes, kernel, (down, along), padding, dilation, bias_attr=False)
    return nn.Sequential(conv, nn.BatchNorm2D(makes), nn.Hardswish())


class Strips(paddle.io.IterableDataset):
    def __init__(self, start: int) -> None:
        self._start = start

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        worker = paddle.io.get_worker_info()
        first, step = (0, 1) if worker is None else (worker.id, worker.num_workers)
        for number in itertools.count(self._start + first, step):
            yield as_sample(strip(random.Random(f"strip {number}")))


def as_sample(drawn: Strip) -> tuple[np.ndarray, ...]:
    """The strip; its text and how long that is; what stands at each step."""
    classes = [1 + ALPHABET.index(char) for char in drawn.text]
    label, steps = np.zeros(12, np.int32), np.zeros(WIDTH_PX // STEP_PX, np.int64)
    label[: len(classes)] = classes
    for middle, each in zip(drawn.middles, classes, strict=True):
        steps[min(int(middle / STEP_PX), len(steps) - 1)] = each
    return as_input(drawn.image), label, np.array(len(classes), np.int64), steps


def as_input(image: np.ndarray) -> np.ndarray:
    return image.transpose(2, 0, 1).astype(np.float32) / np.float32(127.5) - np.float32(1)


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """`first`: the number of the first strip; `leads`: how much what stands where counts at the beginning, 0–1."""

    minutes: float
    workers: int
    first: int
    rate: float
    leads: float

    def rate_at(self, share: float, step: int) -> float:
        """Up within 300 steps, down along a cosine over the time given."""
        return min(1.0, step / 300) * self.rate * 0.5 * (1 + np.cos(np.pi * share)) + LEAST_RATE


BEGIN = {"rate": 3e-3, "leads": 1.0}
GO_ON = {"rate": 1e-3, "leads": 0.2}


def train(model: Reader, lesson: Lesson) -> None:
    begun = time.monotonic()
    optimiser = paddle.optimizer.AdamW(
        learning_rate=lesson.rate, parameters=model.parameters(), weight_decay=0.01,
        grad_clip=nn.ClipGradByGlobalNorm(5.0),
    )  # fmt: skip
    loader = paddle.io.DataLoader(Strips(lesson.first), batch_size=BATCH, num_workers=lesson.workers)
    weights = paddle.to_tensor([1.0] + [4.0] * len(ALPHABET))
    held_out = [strip(random.Random(f"strip {number}")) for number in range(HELD_OUT)]
    for step, (strips, labels, lengths, steps) in enumerate(loader):
        share = min(1.0, (time.monotonic() - begun) / (lesson.minutes * 60))
        leads = lesson.leads * (1 - share)
        optimiser.set_lr(lesson.rate_at(share, step))
        chances = model(strips)
        times = paddle.full([len(strips)], chances.shape[1], dtype="int64")
        loss = nn.functional.ctc_loss(chances.transpose([1, 0, 2]), labels, times, lengths, reduction="sum") / len(
            strips
        )
        # The text alone teaches nothing for a long time: what stands where leads the way, and fades.
        where = nn.functional.cross_entropy(chances, steps, weight=weights)
        (loss * (1 - 0.9 * leads) + where * 40 * leads).backward()
        optimiser.step()
        optimiser.clear_grad()
        if step % 200 == 0:
            say(f"{step} steps, {step * BATCH} strips, {share:.0%}: loss {float(loss):.3f} and {float(where):.3f}")
        if step % 1_000 == 999:
            say(f"right of {HELD_OUT} strips not learned from: {right(model, held_out)}")
        if share == 1:
            break
    say(f"{(step + 1) * BATCH} strips; right of {HELD_OUT} not learned from: {right(model, held_out)}")


def right(model: Reader, held_out: list[Strip]) -> int:
    model.eval()
    with paddle.no_grad():
        batches = (held_out[at : at + 100] for at in range(0, len(held_out), 100))
        seen = [
            np.argmax(model(paddle.to_tensor(np.stack([as_input(s.image) for s in batch]))).numpy(), 2)
            for batch in batches
        ]
    model.train()
    return sum(text_of(best) == drawn.text for best, drawn in zip(np.concatenate(seen), held_out, strict=True))


def text_of(best: np.ndarray) -> str:
    kept = [at for at, now in enumerate(best) if now and (at == 0 or now != best[at - 1])]
    return "".join(ALPHABET[best[at] - 1] for at in kept)


def go_on_from(model: Reader, earlier: list[Path]) -> None:
    """Take over the mean of the weights of models exported before: the graph keeps their names."""
    graphs = [onnx.load(str(path)).graph.initializer for path in earlier]
    weights = [{each.name: onnx.numpy_helper.to_array(each) for each in graph} for graph in graphs]
    for each in model.state_dict().values():
        each.set_value(np.mean([one[each.name] for one in weights], axis=0))


def export(model: Reader, into: Path) -> None:
    model.eval()
    with tempfile.TemporaryDirectory() as scratch:
        spec = paddle.static.InputSpec([1, 3, HEIGHT_PX, WIDTH_PX], "float32", "strip")
        whole = nn.Sequential(model, nn.Softmax(axis=2))
        paddle.onnx.export(
            whole, str(Path(scratch, "dates")), input_spec=[spec], opset_version=13, optimize_tool="None"
        )
        into.write_bytes(Path(scratch, "dates.onnx").read_bytes())


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--workers", type=int, default=1, help="processes that draw")
    parser.add_argument("--go-on", type=Path, nargs="+", help="from these models' mean, rather than from nothing")
    parser.add_argument("--first", type=int, default=HELD_OUT, help="number of the first strip; each is seen once")
    parser.add_argument("--into", type=Path, required=True)
    chosen = parser.parse_args()
    paddle.seed(1)
    model = Reader()
    if chosen.go_on:
        go_on_from(model, chosen.go_on)
    how = GO_ON if chosen.go_on else BEGIN
    train(model, Lesson(minutes=chosen.minutes, workers=chosen.workers, first=chosen.first, **how))
    export(model, chosen.into)


if __name__ == "__main__":
    main()
