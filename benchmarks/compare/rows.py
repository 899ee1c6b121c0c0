"""A row of the table: a measurement and its target."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Row:
    what: str
    measured: float | None  # None: could not be measured, see note
    target: float | None = None  # at most this much; None: only reported
    unit: str = "x"  # x: a ratio
    note: str = ""
    headline: bool = False  # also in the README

    @property
    def met(self):
        return None if self.target is None or self.measured is None else self.measured <= self.target

    @property
    def verdict(self):
        return {None: "", True: "met", False: "**not met**"}[self.met]

    def text(self, number):
        if number is None:
            return ""
        figure = f"{number:.2f}" if self.unit == "x" else f"{number:,.0f}" if abs(number) >= 100 else f"{number:.1f}"
        return figure + {"x": "x", "": "", "%": " %"}.get(self.unit, f" {self.unit}")
