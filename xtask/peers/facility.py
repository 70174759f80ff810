"""spopt, as its documentation shows it, with its default solver (CBC through PuLP)."""
import numpy as np
import pulp
from spopt.locate import MCLP, PMedian

from instances import Question

question = Question()
solver = pulp.PULP_CBC_CMD(msg=False, timeLimit=question.seconds)
if question.kind == "coverage":
    model = MCLP.from_cost_matrix(question.cost, question.weight, question.radius, p_facilities=question.p)
else:
    model = PMedian.from_cost_matrix(question.cost, question.weight, p_facilities=question.p)
try:
    model = model.solve(solver)
except RuntimeError:
    # What spopt raises when its solver ended at the limit without a plan.
    question.answer(None, False)
    raise SystemExit
shares = np.array([variable.value() or 0.0 for variable in model.fac_vars])
proven = model.problem.sol_status == pulp.LpSolutionOptimal
question.answer(np.flatnonzero(shares > 0.5), proven)
