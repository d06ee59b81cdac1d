"""The people of the demonstration at work: everything they do goes through the API, as pages would."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx

from records.errors import WrongState

Json = dict[str, Any]

WIRE_TIMEOUT_S = 120.0


class Person:
    """Somebody logged in."""

    def __init__(self, address: str, name: str, password: str) -> None:
        self.name = name
        self._http = httpx.Client(
            base_url=f"{address}/api/v1",
            headers={"X-Requested-With": "guidang-demo"},
            timeout=WIRE_TIMEOUT_S,
            trust_env=False,
        )
        self.post("/sessions", {"name": name, "password": password})

    def get(self, path: str, **query: str | int) -> Json:
        return self._answer(self._http.get(path, params=query))

    def post(self, path: str, body: Mapping[str, object] | None = None) -> Json:
        return self._answer(self._http.post(path, json=body))

    def all(self, path: str, **query: str | int) -> Iterator[Json]:
        """Every item of a list, page by page."""
        cursor: str | None = None
        while True:
            answer = self.get(path, **query, limit=100, **({"cursor": cursor} if cursor else {}))
            yield from answer["items"]
            cursor = answer["next_cursor"]
            if cursor is None:
                return

    def close(self) -> None:
        self._http.close()

    @staticmethod
    def _answer(response: httpx.Response) -> Json:
        if not response.is_success:
            problem = response.json() if "json" in response.headers.get("content-type", "") else {}
            raise WrongState(f"The API refuses: {problem.get('detail', '')}", status=response.status_code)
        answer: Json = response.json() if response.content else {}
        return answer


class Truth:
    """What the samples say, for a clerk who looks at them."""

    def __init__(self, samples: Path) -> None:
        self._samples = samples

    @cached_property
    def _documents(self) -> dict[str, list[Json]]:
        with (self._samples / "truth.jsonl").open(encoding="utf-8") as lines:
            return {row["file"]: row["documents"] for row in map(json.loads, lines)}

    def knows(self, file: str, parts: list[Json]) -> bool:
        """Whether the file's documents were told apart as they are, so that fields can be compared part by part."""
        return [part["kind"] for part in parts] == [truth["kind"] for truth in self._documents.get(file, [])]

    def value(self, file: str, part_no: int, name: str) -> str | None:
        value: str | None = self._documents[file][part_no - 1]["fields"].get(name)
        return value


def decision_on(field: Json, printed: str | None) -> Json:
    """What a careful clerk says of a doubtful field whose paper shows `printed`."""
    if printed is None:
        return {"state": "not_printed", "version": field["version"]}
    if printed == field["value"]:
        return {"state": "confirmed", "as_printed": True, "version": field["version"]}
    return {"state": "corrected", "value": printed, "as_printed": True, "version": field["version"]}
