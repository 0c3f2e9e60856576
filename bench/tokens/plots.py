"""Plots as SVG, with nothing but text."""

import statistics
from xml.sax.saxutils import escape

WIDTH, ROW, LEFT = 760, 26, 220
STYLE = """
    text { font: 13px system-ui, sans-serif; fill: #333 }
    .title { font-weight: 600; font-size: 15px }
    .bar { fill: #7d8ca3 } .own { fill: #0b7a5c } .line { stroke: #0b7a5c; fill: none; stroke-width: 2 }
    .other { stroke: #7d8ca3; fill: none; stroke-width: 2 } .axis { stroke: #999 }
    @media (prefers-color-scheme: dark) { text { fill: #ddd } }
"""


def document(height, body):
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">'
        f"<style>{STYLE}</style>{body}</svg>\n"
    )


def bars(title, values, unit, own):
    """Bars from the longest to the shortest; `own` are ours."""
    rows = sorted(values.items(), key=lambda item: -item[1])
    longest = rows[0][1]
    body = f'<text class="title" x="10" y="22">{escape(title)}</text>'
    for index, (name, value) in enumerate(rows):
        y = 36 + index * ROW
        width = max(1, value / longest * (WIDTH - LEFT - 110))
        body += f'<text x="{LEFT - 8}" y="{y + 15}" text-anchor="end">{escape(name)}</text>'
        body += f'<rect class="{"own" if name in own else "bar"}" x="{LEFT}" y="{y + 2}" width="{width:.1f}" height="18"/>'
        body += f'<text x="{LEFT + width + 6:.1f}" y="{y + 15}">{value:,.0f} {escape(unit)}</text>'
    return document(44 + len(rows) * ROW, body)


def lines(title, series, unit):
    """One line a series over the size in octets; ours first."""
    height, bottom, top = 320, 270, 50
    sizes = sorted({size for points in series.values() for size in points})
    highest = max(value for points in series.values() for value in points.values())

    def place(size, value):
        x = 70 + (size - sizes[0]) / (sizes[-1] - sizes[0]) * (WIDTH - 260)
        return x, bottom - value / highest * (bottom - top)

    body = f'<text class="title" x="10" y="22">{escape(title)}</text>'
    body += f'<path class="axis" d="M70 {top} V{bottom} H{WIDTH - 180}" fill="none"/>'
    for size in sizes:
        body += f'<text x="{place(size, 0)[0]:.0f}" y="{bottom + 18}" text-anchor="middle">{size} B</text>'
    for index, (name, points) in enumerate(series.items()):
        path = " ".join(
            f"{'M' if position == 0 else 'L'}{x:.1f} {y:.1f}"
            for position, (x, y) in enumerate(place(size, points[size]) for size in sizes))
        x, y = place(sizes[-1], points[sizes[-1]])
        body += f'<path class="{"line" if index == 0 else "other"}" d="{path}"/>'
        body += f'<text x="{x + 8:.0f}" y="{y + 4:.0f}">{escape(name)}, {points[sizes[-1]]:,.0f} {escape(unit)}</text>'
    return document(height, body)


def write(folder, times, lengths):
    middle = {name: statistics.median(values) for name, values in times.items()}
    for call in ("encode", "verify"):
        rates = {"symbolon": 1e9 / middle[call], "floor in C": 1e9 / middle[f"floor-evp-{call}"]}
        rates |= {name.split(":")[0]: 1e9 / value for name, value in middle.items() if name.endswith(f":{call}")}
        title = f"{call} of the same flow, one thread"
        (folder / f"{call}.svg").write_text(bars(title, rates, "/s", {"symbolon"}))
    (folder / "lengths.svg").write_text(bars("the same flow as a token", lengths, "characters", {"symbolon"}))
    for call in ("seal", "open"):
        series = {
            name: {size: middle[f"{prefix}{call}-{size}"] for size in (100, 200, 400)}
            for name, prefix in (("symbolon", ""), ("floor, EVP", "floor-evp-"), ("floor, SHA-256", "floor-sha256-"))
        }
        (folder / f"{call}.svg").write_text(lines(f"{call}: cost against the payload", series, "ns"))
    threads = {}
    for call in ("encode", "verify"):
        threads[f"{call}, one thread"] = 1e9 / middle[call]
        threads[f"{call}, two threads"] = 1e9 / middle[f"{call}-two-threads"]
    own = {name for name in threads if name.endswith("two threads")}
    (folder / "threads.svg").write_text(bars("scaling over threads", threads, "/s", own))
