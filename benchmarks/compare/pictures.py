"""The pictures, drawn by gnuplot as SVG."""

import shutil
import subprocess

STYLE = """
set terminal svg size 760,{height} noenhanced font 'sans-serif,13' background 'white'
set output '{file}'
set border 3 lc rgb '#888888'
set tics nomirror
set grid {grid} lc rgb '#dddddd'
"""

BARS = """
set title '{title}'
set style fill solid
set yrange [{count}-0.4:-0.6]
set xrange [0:{most}]
unset key
plot $data using ($2/2):0:($2/2):(0.35):(stringcolumn(1) eq '{ours}' ? 0x2f6f4f : 0x8fa8bf):ytic(1) with boxxyerror lc rgb variable, \\
     $data using 2:0:(sprintf('  %.{digits}f', $2)) with labels left
"""

LINES = """
set title 'By concurrent calls, 64 connections at most'
set logscale x 2
set logscale y
set xlabel 'concurrent calls'
set ylabel 'microseconds'
set key top left
plot $data using 1:2 with linespoints lw 2 lc rgb '#2f6f4f' title 'CPU per fetch', \\
     $data using 1:3 with linespoints lw 2 lc rgb '#4f6faf' title 'latency, p50', \\
     $data using 1:4 with linespoints lw 2 lc rgb '#af6f4f' title 'latency, p99'
"""


def draw(raw, folder):
    """Draws the pictures that have figures into `folder`; returns the files. None without gnuplot."""
    if not shutil.which("gnuplot"):
        return []
    files = []
    for name, title, digits in (("cpu_us_per_fetch", "Client CPU per fetch, microseconds", 1), ("instructions_per_fetch", "User-space instructions per fetch", 0)):
        bars = sorted(((peer, figure) for peer, figure in raw.get(name, {}).items() if figure), key=lambda bar: bar[1])
        if bars:
            data = "".join(f'"{peer}" {figure}\n' for peer, figure in bars)
            script = BARS.format(title=title, count=len(bars), most=1.12 * bars[-1][1], ours="upsun", digits=digits)
            files.append(plot(folder / f"{name}.svg", data, script, "x", 80 + 36 * len(bars)))
    if lines := raw.get("by_concurrency"):
        data = "".join(f"{callers} {seen['cpu_us']} {seen['p50_us']} {seen['p99_us']}\n" for callers, seen in lines.items())
        files.append(plot(folder / "by_concurrency.svg", data, LINES, "y", 380))
    return files


def plot(file, data, script, grid, height):
    text = STYLE.format(file=file, grid=grid, height=height) + f"$data << END\n{data}END\n" + script
    subprocess.run(["gnuplot"], input=text, text=True, check=True)
    return file
