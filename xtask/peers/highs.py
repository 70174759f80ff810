"""HiGHS on the textbook formulations, through highspy, with its own defaults but for the gap."""
import highspy
import numpy as np

from instances import Question

question = Question()
cost, weight, p = question.cost, question.weight, question.p
zones, sites = cost.shape
inf = highspy.kHighsInf
lp = highspy.HighsLp()
integer, real = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
if question.kind == "coverage":
    # z_i <= sum of y_j over J(i)
    near = question.near()
    columns = sites + zones
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.col_cost_ = np.concatenate([np.zeros(sites), weight])
    each = near.sum(axis=1)
    starts = np.concatenate([[0], np.cumsum(each + 1)])
    index = np.empty(starts[-1], dtype=np.int32)
    value = np.full(starts[-1], -1.0)
    first = starts[:-1]
    index[first], value[first] = sites + np.arange(zones), 1.0
    rest = np.ones(starts[-1], dtype=bool)
    rest[first] = False
    index[rest] = np.nonzero(near)[1]
    low, high = np.full(zones, -inf), np.zeros(zones)
else:
    # sum of x_ij over j = 1; x_ij <= y_j
    columns = sites + zones * sites
    lp.col_cost_ = np.concatenate([np.zeros(sites), (cost * weight[:, None]).ravel()])
    pairs = np.arange(zones * sites, dtype=np.int32)
    linked = np.column_stack([sites + pairs, pairs % sites]).ravel()
    index = np.concatenate([sites + pairs, linked])
    value = np.concatenate([np.ones(zones * sites), np.tile([1.0, -1.0], zones * sites)])
    starts = np.concatenate([np.arange(zones) * sites, zones * sites + 2 * np.arange(zones * sites + 1)])
    low = np.concatenate([np.ones(zones), np.full(zones * sites, -inf)])
    high = np.concatenate([np.ones(zones), np.zeros(zones * sites)])
lp.num_col_, lp.num_row_ = columns, len(low) + 1
lp.col_lower_, lp.col_upper_ = np.zeros(columns), np.ones(columns)
lp.row_lower_, lp.row_upper_ = np.append(low, p), np.append(high, p)
lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
lp.a_matrix_.start_ = np.append(starts, starts[-1] + sites).astype(np.int32)
lp.a_matrix_.index_ = np.concatenate([index, np.arange(sites)]).astype(np.int32)
lp.a_matrix_.value_ = np.concatenate([value, np.ones(sites)])
lp.integrality_ = [integer] * sites + [real] * (columns - sites)
highs = highspy.Highs()
highs.setOptionValue("output_flag", False)
highs.setOptionValue("mip_rel_gap", 0.0)
highs.setOptionValue("mip_abs_gap", 0.5)
highs.setOptionValue("time_limit", question.seconds)
highs.passModel(lp)
highs.run()
info = highs.getInfo()
opened = None
if info.primal_solution_status == 2:
    shares = np.array(highs.getSolution().col_value[:sites])
    opened = np.flatnonzero(shares > 0.5)
question.answer(opened, highs.getModelStatus() == highspy.HighsModelStatus.kOptimal, info.mip_dual_bound)
