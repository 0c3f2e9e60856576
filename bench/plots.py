"""Plots as SVG, with nothing but text."""

import math
from xml.sax.saxutils import escape

WIDTH, ROW, LEFT = 820, 26, 260
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


def percentiles(title, series, unit):
    """One line a series over the percentiles, from the middle to the rarest; upwards by powers of ten, ours first."""
    height, bottom, top, right = 360, 310, 50, WIDTH - 300
    names = list(next(iter(series.values())))
    values = [value for points in series.values() for value in points.values()]
    floor, ceiling = (round_(math.log10(end)) for round_, end in ((math.floor, min(values)), (math.ceil, max(values))))

    def place(position, value):
        x = 70 + position / (len(names) - 1) * (right - 70)
        return x, bottom - (math.log10(value) - floor) / (ceiling - floor) * (bottom - top)

    body = f'<text class="title" x="10" y="22">{escape(title)}</text>'
    body += f'<path class="axis" d="M70 {top} V{bottom} H{right}" fill="none"/>'
    for power in range(floor, ceiling + 1):
        body += f'<text x="62" y="{place(0, 10**power)[1] + 4:.0f}" text-anchor="end">{10**power:g} {escape(unit)}</text>'
    for position, name in enumerate(names):
        body += f'<text x="{place(position, 10**floor)[0]:.0f}" y="{bottom + 18}" text-anchor="middle">{escape(name)}</text>'
    # Labels beside the ends of the lines, moved apart where those are close.
    ends = sorted(series, key=lambda name: place(0, series[name][names[-1]])[1])
    labels, lowest = {}, top - 20
    for name in ends:
        lowest = labels[name] = max(place(0, series[name][names[-1]])[1] + 4, lowest + 16)
    for index, (name, points) in enumerate(series.items()):
        path = " ".join(
            f"{'M' if position == 0 else 'L'}{x:.1f} {y:.1f}"
            for position, (x, y) in enumerate(place(position, points[label]) for position, label in enumerate(names)))
        body += f'<path class="{"line" if index == 0 else "other"}" d="{path}"/>'
        body += f'<text x="{right + 8}" y="{labels[name]:.0f}">{escape(name)}, {points[names[-1]]:.1f}</text>'
    return document(height, body)
