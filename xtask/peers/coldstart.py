"""The cold start's data and peers, in one run on one machine.

    python3 -m venv target/peers/cold && target/peers/cold/bin/pip install -r xtask/peers/coldstart-requirements.txt
    apt-get download r-cran-bayesm && dpkg-deb -x r-cran-bayesm_*.deb target/peers/bayesm
    target/peers/cold/bin/python xtask/peers/coldstart.py \
        target/peers/bayesm/usr/lib/R/site-library/bayesm/data/orangeJuice.rda target/peers/coldstart

writes to the second path stores.csv (store and its attributes), weeks.csv (store, brand, week, units), folds.csv (seed,
store, fold) and peers.csv (seed, store, brand or `all`, forecast, low, high), and then has
`cargo xtask quality coldstart --data PATH` print ours beside them. Nothing of the data is part of the project.

Protocol: a store's level is the mean of its weekly units, of all brands or of one. Whole stores are held out, in 5 folds
x 6 seeds; a held-out store gives its attributes and nothing else. The peer is the mean, on the log scale, of ridge,
nearest neighbours, a Gaussian process and support vectors of scikit-learn, on standardised attributes; its interval is
cross-conformal: quantiles of the residuals of 5 inner folds of the training stores.
"""

import csv
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import rdata
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import KFold
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVR

SEEDS, FOLDS, INNER = 6, 5, 5


def members():
    """Their settings are what is usual for some dozens of rows, not tuned on these."""
    return [
        RidgeCV(np.logspace(-2, 3, 30)),
        KNeighborsRegressor(8, weights="distance"),
        GaussianProcessRegressor(ConstantKernel(1.0) * RBF(3.0) + WhiteKernel(0.1), normalize_y=True),
        SVR(C=0.3, epsilon=0.05, gamma="scale"),
    ]


def blend(x, logs, new):
    fits = [make_pipeline(StandardScaler(), member).fit(x, logs) for member in members()]
    return np.mean([fit.predict(new) for fit in fits], axis=0)


def forecast(x, logs, new, interval):
    """(forecast, low, high) of new stores, in units; low and high only where asked for."""
    centre = blend(x, logs, new)
    if not interval:
        return np.exp(centre), None, None
    residuals = np.zeros(len(x))
    for train, test in KFold(INNER, shuffle=True, random_state=0).split(x):
        residuals[test] = logs[test] - blend(x[train], logs[train], x[test])
    residuals.sort()
    # As in split conformal: a tenth of n + 1 outside at either end.
    rank = int(0.1 * (len(x) + 1))
    return np.exp(centre), np.exp(centre + residuals[rank - 1]), np.exp(centre + residuals[-rank])


def read(path):
    data = rdata.read_rda(path)["orangeJuice"]
    sales, stores = data["yx"], data["storedemo"]
    names = [name for name in stores.columns if str(name) != "STORE"]
    attributes = {int(row["STORE"]): [float(row[name]) for name in names] for _, row in stores.iterrows()}
    weeks = [
        (int(store), int(brand), int(week), float(np.exp(move)))
        for store, brand, week, move in zip(sales["store"], sales["brand"], sales["week"], sales["logmove"])
    ]
    return [str(name) for name in names], attributes, weeks


def write(path, header, rows):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def main(source, folder):
    warnings.filterwarnings("ignore")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    names, attributes, weeks = read(source)
    stores = sorted({row[0] for row in weeks})
    brands = sorted({row[1] for row in weeks})
    write(folder / "stores.csv", ["store", *names], [[store, *attributes[store]] for store in stores])
    write(folder / "weeks.csv", ["store", "brand", "week", "units"], weeks)
    x = np.array([attributes[store] for store in stores])
    level = {}
    for store in stores:
        mine = [row for row in weeks if row[0] == store]
        count = len({row[2] for row in mine})
        level[store, "all"] = sum(row[3] for row in mine) / count
        for brand in brands:
            units = [row[3] for row in mine if row[1] == brand]
            level[store, brand] = sum(units) / len(units)
    folds, peers = [], []
    for seed in range(SEEDS):
        for fold, (train, test) in enumerate(KFold(FOLDS, shuffle=True, random_state=seed).split(x)):
            folds += [(seed, stores[at], fold) for at in test]
            for brand in ["all", *brands]:
                logs = np.log([level[stores[at], brand] for at in train])
                centre, low, high = forecast(x[train], logs, x[test], brand == "all")
                for row, at in enumerate(test):
                    ends = (low[row], high[row]) if low is not None else ("", "")
                    peers.append((seed, stores[at], brand, centre[row], *ends))
    write(folder / "folds.csv", ["seed", "store", "fold"], folds)
    write(folder / "peers.csv", ["seed", "store", "brand", "forecast", "low", "high"], peers)
    subprocess.run(
        ["cargo", "xtask", "quality", "coldstart", "--data", str(folder)],
        check=True,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
