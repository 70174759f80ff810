"""Looks for small coverage instances that HiGHS calls optimal at a wrong value.

    wrong.py COUNT FIRST_SEED KEEP [SHAPE]

Prints one line per instance found, as engine/tests/data/highs_1_14_wrong.txt holds them:
`sites p exact whole optimum claimed weights zone-masks`, masks in hexadecimal (bit j: site j covers the zone);
`exact` 1 if sum y = p (else <=), `whole` 1 if the z are binary. The optimum is by trying every open set.
"""
import sys
import numpy as np
import highspy


def instance(seed, shape):
    rng = np.random.default_rng(seed)
    sites = int(rng.integers(4, 15))
    zones = int(rng.integers(5, 60))
    p = int(rng.integers(1, max(2, sites // 2 + 1)))
    kind = shape if shape is not None else int(rng.integers(0, 5))
    if kind == 0:
        cover = rng.random((zones, sites)) < rng.uniform(0.05, 0.5)
    elif kind == 1:
        a, b = rng.random((zones, 2)), rng.random((sites, 2))
        cover = ((a[:, None] - b[None]) ** 2).sum(2) < rng.uniform(0.1, 0.5) ** 2
    elif kind == 2:
        a, b = rng.random(zones), rng.random(sites)
        cover = abs(a[:, None] - b[None]) < rng.uniform(0.02, 0.3)
    elif kind == 3:
        few = rng.random((int(rng.integers(2, 8)), sites)) < rng.uniform(0.1, 0.6)
        cover = few[rng.integers(0, len(few), zones)]
    else:
        cover = np.zeros((zones, sites), bool)
        for row in cover:
            row[rng.choice(sites, int(rng.integers(1, min(4, sites) + 1)), replace=False)] = True
    top = int(rng.choice([1, 2, 5, 10, 100, 10000]))
    weights = rng.integers(1 if rng.random() < 0.7 else 0, top + 1, zones)
    return cover, weights, p, bool(rng.random() < 0.6), bool(rng.random() < 0.3)


def brute(cover, weights, p, exact):
    sites = cover.shape[1]
    sets = np.arange(1 << sites)
    bits = (sets[:, None] >> np.arange(sites)) & 1
    count = bits.sum(1)
    bits = bits[count == p if exact else count <= p]
    return int(((bits @ cover.T.astype(int) > 0) @ weights).max())


def solve(cover, weights, p, exact, whole):
    zones, sites = cover.shape
    h = highspy.Highs()
    h.setOptionValue("output_flag", False)
    h.setOptionValue("threads", 1)
    lp = highspy.HighsLp()
    inf = highspy.kHighsInf
    lp.num_col_, lp.num_row_ = sites + zones, zones + 1
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.col_cost_ = np.concatenate([np.zeros(sites), weights.astype(float)])
    lp.col_lower_, lp.col_upper_ = np.zeros(sites + zones), np.ones(sites + zones)
    lp.row_lower_ = np.concatenate([np.full(zones, -inf), [p if exact else -inf]])
    lp.row_upper_ = np.concatenate([np.zeros(zones), [p]])
    starts, index, value = [0], [], []
    for zone in range(zones):
        own = np.flatnonzero(cover[zone])
        index += [sites + zone, *own.tolist()]
        value += [1.0] + [-1.0] * len(own)
        starts.append(len(index))
    index += list(range(sites))
    value += [1.0] * sites
    starts.append(len(index))
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.array(starts, dtype=np.int32)
    lp.a_matrix_.index_ = np.array(index, dtype=np.int32)
    lp.a_matrix_.value_ = np.array(value)
    integer, real = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
    lp.integrality_ = [integer] * sites + [integer if whole else real] * zones
    h.passModel(lp)
    h.run()
    return h.getModelStatus(), h.getObjectiveValue()


def main():
    count, seed, keep = (int(word) for word in sys.argv[1:4])
    shape = int(sys.argv[4]) if len(sys.argv) > 4 else None
    found = 0
    for at in range(seed, seed + count):
        cover, weights, p, exact, whole = instance(at, shape)
        status, claimed = solve(cover, weights, p, exact, whole)
        if status != highspy.HighsModelStatus.kOptimal:
            print(f"# seed {at}: {status}", file=sys.stderr)
            continue
        best = brute(cover, weights, p, exact)
        if abs(best - claimed) > 1e-3:
            masks = ",".join(f"{sum(1 << int(j) for j in np.flatnonzero(row)):x}" for row in cover)
            words = [cover.shape[1], p, int(exact), int(whole), best, f"{claimed:g}"]
            print(*words, ",".join(map(str, weights)), masks, flush=True)
            found += 1
            if found == keep:
                break
    print(f"# {highspy.Highs().version()}: {found} of {at - seed + 1}", file=sys.stderr)


main()
