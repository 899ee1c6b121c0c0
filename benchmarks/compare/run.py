"""What the sections of a comparison share."""

import dataclasses
import pathlib
import statistics
import sys

from peers import Failed, Peer, Runner, cpu_per_fetch


@dataclasses.dataclass
class Run:
    """One comparison under way."""

    runner: Runner
    build: pathlib.Path
    rounds: int
    requests: int
    missing: dict  # why a peer cannot be run, by name
    raw: dict = dataclasses.field(default_factory=dict)  # the figures behind the rows, for the pictures and the JSON

    @property
    def folder(self):
        """The folder of the results."""
        folder = self.build / "compare"
        folder.mkdir(exist_ok=True)
        return folder

    def medians(self, variants, measure, dispensable=False):
        """Measures all variants in turn, round by round, so that a slow phase of the machine affects all of them.

        `measure(variant)` gives a number or a tuple of them. Returns the medians by variant; without those that failed if they are dispensable.
        """
        seen = {variant: [] for variant in variants}
        for number in range(1, self.rounds + 1):
            for variant in list(seen):
                try:
                    figures = measure(variant)
                    seen[variant].append(figures if isinstance(figures, tuple) else (figures,))
                except Failed as failure:
                    if not dispensable:
                        raise
                    say(failure)
                    self.missing[variant] = "failed"
                    del seen[variant]
            say(f"  round {number}: " + ", ".join(f"{variant} {figures[-1][0]:.1f}" for variant, figures in seen.items()))
        middles = {variant: tuple(statistics.median(column) for column in zip(*figures)) for variant, figures in seen.items()}
        return {variant: middle if len(middle) > 1 else middle[0] for variant, middle in middles.items()}


def program(name):
    """A program that measures upsun in another situation."""
    return Peer(name, name, (f"{{bin}}/peer_{name}",))


def say(text):
    print(text, file=sys.stderr, flush=True)


__all__ = ["Run", "program", "say", "cpu_per_fetch"]
