"""Progress: documents, bytes, rate and what is left. A bar on a terminal, quiet lines elsewhere."""

import sys
import time
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

# Without a terminal, at most one line in this time: a nightly log stays readable.
_QUIET_LINE_S = 10

# Below this a stage is over before its first line is read.
_WORTH_A_LINE_BYTES = 1_000_000


class Progress:
    """Tells how a run goes. Written to standard error, so that results can be piped."""

    def __init__(self, *, silent: bool = False) -> None:
        self._console = Console(stderr=True, quiet=silent, highlight=False)
        self._bar: Bar | None = None
        self._label = ""
        self._units = self._done = 0
        self._documents = self._bytes = 0
        self._began = self._last_line = 0.0

    def begin(self, label: str, *, units: int, done: int, left_bytes: int) -> None:
        """Start a stage of which some units are done already."""
        self._label, self._units, self._done = label, units, done
        self._documents = self._bytes = 0
        self._began = self._last_line = time.monotonic()
        if done == units:
            return
        reused = f", {done:,} more done already" if done else ""
        if left_bytes >= _WORTH_A_LINE_BYTES or reused:
            self._say(f"{label}: {units - done:,} units, {left_bytes / 1e6:,.1f} MB{reused}")
        if self._console.is_terminal:
            columns = [TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[told]}")]
            self._bar = Bar(*columns, TimeRemainingColumn(), console=self._console, transient=True)
            self._bar.add_task(label, total=units - done, told="")
            self._bar.start()

    def ray_started(self, seconds: float) -> None:
        """Tell how long Ray took to start, apart from the work that waited for it."""
        self._began = self._last_line = time.monotonic()
        self._say(f"Ray started in {seconds:.1f} s")

    def advance(self, facts: dict[str, Any]) -> None:
        """Count one unit's commit."""
        self._done += 1
        self._documents += facts.get("rows_in", 0)
        self._bytes += facts.get("bytes_in", 0)
        if self._bar:
            self._bar.update(self._bar.task_ids[0], advance=1, told=self._told())
        elif time.monotonic() - self._last_line > _QUIET_LINE_S:
            self._last_line = time.monotonic()
            self._say(f"{self._label}: {self._told()}, {self._units - self._done:,} units left")

    def end(self) -> None:
        """Finish a stage."""
        if self._bar:
            self._bar.stop()
            self._bar = None
        if self._documents:
            self._say(f"{self._label}: {self._told()} in {time.monotonic() - self._began:.1f} s")

    def warn(self, message: str) -> None:
        """Say something that needs attention."""
        self._console.print(f"warning: {message}", markup=False)

    def _told(self) -> str:
        seconds = max(time.monotonic() - self._began, 1e-3)
        rate = f", {self._bytes / 1e6:,.1f} MB of text, {self._bytes / 1e6 / seconds:,.1f} MB/s" if self._bytes else ""
        return f"{self._documents:,} documents{rate}"

    def _say(self, line: str) -> None:
        self._console.print(line, markup=False, soft_wrap=True)
        sys.stderr.flush()
