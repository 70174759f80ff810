"""Reads the instances that all peers solve, and prints their answers.

    PEER.py pmed FILE P SECONDS
    PEER.py nearest FOLDER P SECONDS
    PEER.py coverage FOLDER P SECONDS RADIUS

A folder holds sites.csv (site,x,y) and zones.csv (zone,x,y,weight).
"""
import json
import os
import sys

import numpy as np


def table(path, columns):
    with open(path) as file:
        names = file.readline().strip().split(",")
        rows = [line.rstrip("\n").split(",") for line in file]
    return [np.array([float(row[names.index(column)]) for row in rows]) for column in columns]


def graph(path):
    """Shortest paths of an OR-Library graph; of a repeated edge the last counts."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import shortest_path

    with open(path) as file:
        words = file.read().split()
    count, edges = int(words[0]), int(words[1])
    length = {}
    for at in range(edges):
        one, other, far = (int(word) for word in words[3 + 3 * at : 6 + 3 * at])
        length[(min(one, other) - 1, max(one, other) - 1)] = far
    ends = np.array(list(length))
    far = csr_matrix((list(length.values()), (ends[:, 0], ends[:, 1])), shape=(count, count))
    return shortest_path(far, directed=False, method="D")


class Question:
    """kind, p, seconds; `cost` zones x sites and `weight` for a p-median, `near` zones x sites for coverage."""

    def __init__(self):
        self.kind, path = sys.argv[1], sys.argv[2]
        self.p, self.seconds = int(sys.argv[3]), float(sys.argv[4])
        if self.kind == "pmed":
            self.cost = graph(path)
            self.weight = np.ones(len(self.cost))
            return
        sx, sy = table(os.path.join(path, "sites.csv"), ["x", "y"])
        zx, zy, self.weight = table(os.path.join(path, "zones.csv"), ["x", "y", "weight"])
        self.cost = np.hypot(zx[:, None] - sx[None], zy[:, None] - sy[None])
        if self.kind == "coverage":
            self.radius = float(sys.argv[5])

    def near(self):
        return self.cost <= self.radius

    def value(self, opened):
        """The objective of open sites, by the definition."""
        least = self.cost[:, sorted(opened)].min(axis=1)
        if self.kind == "coverage":
            return float(self.weight[least <= self.radius].sum())
        return float(self.weight @ least)

    def answer(self, opened, proven, bound=None):
        """Prints the answer; none where no plan was found."""
        found = opened is not None and len(opened) > 0
        value = self.value(opened) if found else None
        print(json.dumps({"objective": value, "proven": bool(proven), "bound": bound}))
