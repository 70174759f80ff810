#!/usr/bin/env python3
"""Writes outlines.txt: simplified outlines of countries for the report's maps.

    npm pack us-atlas world-atlas i18n-iso-countries       # and unpack each
    python3 make_outlines.py STATES-10M.JSON COUNTRIES-50M.JSON CODES.JSON > outlines.txt

The arguments are us-atlas/states-10m.json, world-atlas/countries-50m.json and
i18n-iso-countries/codes.json. Nothing else is read, and the same files give the same bytes.

Each country is simplified by Visvalingam's rule against its own size, because it is drawn on a map
of its own: a country of any size keeps a like number of points. Islands far from the main land and
specks are left out, so that a map is filled by the land where shops are. The United States come in
three pieces (lower 48, Alaska, Hawaii), each drawn in its own projection, with state lines.

A line of the output is `codes TAB name TAB rings [TAB lines]`. Rings and lines are separated by
spaces, and each is a run of (longitude, latitude) steps in hundredths of a degree, zigzag coded in
5-bit groups as printable characters from `?` on (the encoding known from polylines on web maps).
"""

import heapq
import json
import math
import sys

STEP = 0.01  # degrees: about 1 km, finer than a pixel on a map of any country
DETAIL = {"US": 150, "GB": 210}  # side of the country's box over side of the smallest detail
DETAIL_DEFAULT = 95
SPECK = 0.0015  # islands smaller than this part of the largest piece are left out
NEAR = 0.45  # a piece belongs to the main land within this part of its diagonal


def decode_arcs(topology):
    sx, sy = topology["transform"]["scale"]
    tx, ty = topology["transform"]["translate"]
    arcs = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((x * sx + tx, y * sy + ty))
        arcs.append(points)
    return arcs


def join(arcs, indices):
    points = []
    for index in indices:
        part = arcs[index] if index >= 0 else arcs[~index][::-1]
        points.extend(part if not points else part[1:])
    return points


def outer_rings(arcs, geometry):
    kinds = {"Polygon": lambda g: [g["arcs"]], "MultiPolygon": lambda g: g["arcs"]}
    return [join(arcs, polygon[0]) for polygon in kinds.get(geometry["type"], lambda g: [])(geometry)]


def unwrap(ring):
    """Longitudes east of 180 continue, so that a country over the date line is in one piece."""
    if max(x for x, _ in ring) > 170 and min(x for x, _ in ring) < -170:
        return [(x + 360 if x < 0 else x, y) for x, y in ring]
    return ring


def area(ring):
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:] + ring[:1]))) / 2


def box(points):
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return min(xs), min(ys), max(xs), max(ys)


def gap(a, b):
    """Distance between two boxes."""
    dx = max(0, a[0] - b[2], b[0] - a[2])
    dy = max(0, a[1] - b[3], b[1] - a[3])
    return math.hypot(dx, dy)


def main_land(rings):
    """The largest piece and what lies near it, piece by piece."""
    rings = sorted((unwrap(r) for r in rings), key=area, reverse=True)
    largest = rings[0]
    # A date-line neighbour of an unwrapped main land follows it east.
    if max(x for x, _ in largest) > 180:
        rings = [[(x + 360 if x < -100 else x, y) for x, y in r] for r in rings]
        largest = rings[0]
    x0, y0, x1, y1 = box(largest)
    reach = NEAR * math.hypot(x1 - x0, y1 - y0)
    kept, waiting, grown = [largest], rings[1:], True
    while grown:
        grown = False
        for ring in list(waiting):
            if area(ring) >= SPECK * area(largest) and any(gap(box(ring), box(k)) <= reach for k in kept):
                kept.append(ring)
                waiting.remove(ring)
                grown = True
    return kept


def visvalingam(points, limit, closed):
    """Drops the point whose triangle with its neighbours is smallest, until none is below `limit`."""
    if closed and points[0] == points[-1]:
        points = points[:-1]
    n = len(points)
    if n < 4:
        return points
    before = [(i - 1) % n for i in range(n)]
    after = [(i + 1) % n for i in range(n)]
    alive = [True] * n
    fixed = set() if closed else {0, n - 1}

    def triangle(i):
        (ax, ay), (bx, by), (cx, cy) = points[before[i]], points[i], points[after[i]]
        return abs((bx - ax) * (cy - ay) - (cx - ax) * (by - ay)) / 2

    size = [triangle(i) for i in range(n)]
    heap = [(size[i], i) for i in range(n) if i not in fixed]
    heapq.heapify(heap)
    left = n
    while heap and left > (4 if closed else 2):
        s, i = heapq.heappop(heap)
        if not alive[i] or s != size[i]:
            continue
        if s >= limit:
            break
        alive[i] = False
        left -= 1
        a, c = before[i], after[i]
        after[a], before[c] = c, a
        for k in (a, c):
            if k not in fixed:
                size[k] = max(triangle(k), s)
                heapq.heappush(heap, (size[k], k))
    return [p for p, keep in zip(points, alive) if keep]


def simplify(rings, detail, closed=True, size_of=None):
    """Visvalingam on a plane where a degree of longitude is as long as it is in the middle."""
    x0, y0, x1, y1 = box([p for r in (size_of or rings) for p in r])
    squeeze = max(0.2, math.cos(math.radians((y0 + y1) / 2)))
    side = math.sqrt((x1 - x0) * squeeze * (y1 - y0))
    limit = (side / detail) ** 2
    out = []
    for ring in rings:
        flat = visvalingam([(x * squeeze, y) for x, y in ring], limit, closed)
        points = [(round(x / squeeze / STEP), round(y / STEP)) for x, y in flat]
        points = [p for i, p in enumerate(points) if i == 0 or p != points[i - 1]]
        if len(points) >= (3 if closed else 2) and (not closed or area(points) * STEP * STEP * squeeze > limit * 2):
            out.append(points)
    return out


def encode(points):
    text, last = [], (0, 0)
    for point in points:
        for now, before in zip(point, last):
            value = now - before
            value = ~(value << 1) if value < 0 else value << 1
            while value >= 32:
                text.append(chr(63 + (32 | value & 31)))
                value >>= 5
            text.append(chr(63 + value))
        last = point
    return "".join(text)


def row(codes, name, rings, lines=()):
    fields = [codes, name, " ".join(map(encode, rings))]
    if lines:
        fields.append(" ".join(map(encode, lines)))
    print("\t".join(fields))
    return sum(map(len, rings)) + sum(map(len, lines))


def united_states(path):
    topology = json.load(open(path, encoding="utf-8"))
    arcs = decode_arcs(topology)
    rings = [r for g in topology["objects"]["nation"]["geometries"] for r in outer_rings(arcs, g)]
    uses = {}
    for state in topology["objects"]["states"]["geometries"]:
        polygons = state["arcs"] if state["type"] == "MultiPolygon" else [state["arcs"]]
        for index in {a if a >= 0 else ~a for polygon in polygons for ring in polygon for a in ring}:
            uses.setdefault(index, set()).add(state["id"])
    inner = [arcs[i] for i in sorted(uses) if len(uses[i]) > 1]

    def piece(x0, y0, x1, y1):
        return [r for r in rings if x0 < sum(p[0] for p in r) / len(r) < x1 and y0 < sum(p[1] for p in r) / len(r) < y1]

    lower = main_land(piece(-130, 24, -60, 50))
    pieces = [
        ("US USA", "United States of America", lower, DETAIL["US"], inner),
        ("US-AK", "Alaska", main_land(piece(-180, 50, -125, 75)), 45, []),
        ("US-HI", "Hawaii", main_land(piece(-161, 18, -154, 23)), 40, []),
    ]
    count = 0
    for codes, name, land, detail, lines in pieces:
        lines = simplify(lines, detail * 0.8, closed=False, size_of=land) if lines else []
        count += row(codes, name, simplify(land, detail), lines)
    return count


def main():
    states, countries, codes = sys.argv[1:4]
    by_number = {number: (two, three) for two, three, number, *_ in json.load(open(codes, encoding="utf-8"))}
    print("# Country outlines, simplified and re-encoded by make_outlines.py (which describes the format).")
    print("# Source: us-atlas 3.0.1 (US Census Bureau) and world-atlas 2.0.2 (Natural Earth, public domain),")
    print("# both Copyright 2013-2019 Michael Bostock, under the ISC licence:")
    print("# Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee")
    print("# is hereby granted, provided that the above copyright notice and this permission notice appear in all copies.")
    count = united_states(states)
    topology = json.load(open(countries, encoding="utf-8"))
    arcs = decode_arcs(topology)
    found = {}
    for geometry in topology["objects"]["countries"]["geometries"]:
        pair = by_number.get(geometry.get("id", ""))
        if pair and pair[0] not in ("US", "AQ") and geometry["type"]:
            name, rings = found.setdefault(pair, (geometry["properties"]["name"], []))
            rings.extend(outer_rings(arcs, geometry))
    for (two, three), (name, rings) in sorted(found.items()):
        land = simplify(main_land(rings), DETAIL.get(two, DETAIL_DEFAULT))
        if land:
            count += row(f"{two} {three}", name, land)
    print(f"{len(found)} countries, {count} points", file=sys.stderr)


main()
