"""statsforecast on series of a file, one line of forecasts and interval bounds per series and method.

    forecasting.py SERIES

SERIES holds lines `set number horizon season values...`. Prints, with tabs, `method set number seconds forecasts`, the
forecasts followed by low and high bounds of the 80 and 95 % intervals of each period. Seconds are CPU time of this
process around the one call.
"""
import sys
import time
import warnings

import numpy as np
from statsforecast.models import AutoETS, DynamicOptimizedTheta, SeasonalNaive

warnings.simplefilter("ignore")


def methods(season):
    # A season above 24 is more than AutoETS takes; it is then not told of one, as its documentation advises.
    short = season if season <= 24 else 1
    return {
        "statsforecast AutoETS": AutoETS(season_length=short),
        "statsforecast DynamicOptimizedTheta": DynamicOptimizedTheta(season_length=season),
        "statsforecast SeasonalNaive": SeasonalNaive(season_length=season),
    }


LEVEL = [80, 95]


def run(model, values, horizon):
    start = time.process_time()
    try:
        answer = model.forecast(y=values, h=horizon, level=LEVEL)
        out = [float(value) for value in answer["mean"]]
        for h in range(horizon):
            for share in LEVEL:
                out += [float(answer[f"lo-{share}"][h]), float(answer[f"hi-{share}"][h])]
    except Exception:
        out = [float("nan")]
    return time.process_time() - start, out


warm = set()
with open(sys.argv[1]) as lines:
    for line in lines:
        at, number, horizon, season, *values = line.split(" ")
        values = np.array(values, dtype=float)
        for name, model in methods(int(season)).items():
            if (name, season) not in warm:
                warm.add((name, season))
                run(model, values, int(horizon))
            seconds, out = run(model, values, int(horizon))
            print(name, at, number, seconds, " ".join(map(repr, out)), sep="\t")
