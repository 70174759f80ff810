"""Vertex substitution [teitz1968]: from p sites by lot, the best exchange for each candidate in turn, until a whole
round brings none; the best of some starts. It proves nothing."""
import time

import numpy as np

from instances import Question

STARTS = 5

question = Question()
weight, p = question.weight, question.p
# Coverage is a p-median of costs 0 and 1.
cost = (~question.near()).astype(np.float32) if question.kind == "coverage" else question.cost
zones, sites = cost.shape
columns = np.ascontiguousarray(cost.T)
deadline = time.monotonic() + question.seconds


def nearest(opened):
    """Per zone the position of its nearest open site, and its two least costs."""
    rows = columns[opened]
    if len(opened) == 1:
        return np.zeros(zones, dtype=np.int64), rows[0], np.full(zones, np.inf)
    two = np.argpartition(rows, 1, axis=0)[:2]
    least = np.take_along_axis(rows, two, axis=0)
    swap = least[0] > least[1]
    two[:, swap], least[:, swap] = two[::-1, swap], least[::-1, swap]
    return two[0], least[0], least[1]


def improve(opened):
    one, first, second = nearest(opened)
    stale = 0
    candidate = 0
    while stale < sites and time.monotonic() < deadline:
        if candidate not in opened:
            new = columns[candidate]
            gain = weight @ np.maximum(first - new, 0)
            # Who loses the nearest site goes to the candidate or to the second nearest.
            lost = weight * (np.minimum(np.maximum(new, first), second) - first)
            loss = np.bincount(one, weights=lost, minlength=p)
            out = int(np.argmin(loss))
            if gain - loss[out] > 1e-9 * max(1.0, weight @ first):
                opened[out] = candidate
                one, first, second = nearest(opened)
                stale = 0
        stale += 1
        candidate = (candidate + 1) % sites
    return float(weight @ first), opened


best = None
for start in range(STARTS):
    lot = np.random.default_rng(start + 1).choice(sites, p, replace=False)
    found = improve([int(site) for site in lot])
    if best is None or found[0] < best[0]:
        best = (found[0], list(found[1]))
question.answer(best[1], False)
