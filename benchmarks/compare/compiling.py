"""The cost of compiling a file that uses upsun, and the size of a program."""

import os
import pathlib
import re
import subprocess
import tempfile

from rows import Row

COMPILE_COST = pathlib.Path(__file__).parent.parent / "compile_cost"


def compiling(run):
    output = subprocess.run([COMPILE_COST], capture_output=True, text=True, check=True, env={**os.environ, "CCACHE_DISABLE": "1"})
    cost = {name: (float(seconds), int(kilobytes)) for name, seconds, kilobytes in re.findall(r"(\w+): ([\d.]+) s, (\d+) KB", output.stdout + output.stderr)}
    (ours, our_memory), (theirs, their_memory) = cost["upsun"], cost["beast"]
    yield Row("Compile time of a file that awaits one call, against Beast and asio/ssl included", ours / theirs, 0.5, note=f"{ours:.1f} against {theirs:.1f} s")
    yield Row("Memory of the compiler, likewise", our_memory / their_memory, 0.5, note=f"{our_memory / 1024:.0f} against {their_memory / 1024:.0f} MiB")
    ours, theirs = (stripped_kib(run.build / "bin" / f"peer_{name}") for name in ("upsun", "beast_tutorial"))
    yield Row("Size of a stripped program, upsun linked statically", ours, None, "KiB", f"{theirs:,.0f} KiB for Beast as tutorials write it")


def stripped_kib(program):
    with tempfile.TemporaryDirectory() as folder:
        stripped = pathlib.Path(folder) / "stripped"
        subprocess.run(["strip", "-o", stripped, program], check=True)
        return stripped.stat().st_size / 1024
