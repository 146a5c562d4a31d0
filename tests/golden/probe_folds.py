"""The tuned probe's search by folds, by scikit-learn's LogisticRegressionCV.

Made with Python 3, scikit-learn 1.9.1, NumPy 2.4.6:
    python tests/golden/probe_folds.py        writes probe-folds.json beside this file

Five groups and five folds: each group is a fold, whichever way they are dealt.
"""

import json
import pathlib

import numpy as np
from sklearn.linear_model import LogisticRegressionCV
from sklearn.model_selection import LeaveOneGroupOut
from sklearn.preprocessing import StandardScaler

CS = [1e-4, 1e-3, 1e-2, 1e-1, 1, 10]
rng = np.random.default_rng(5)
rows, columns = 250, 12
x = (rng.standard_normal((rows, columns)) * rng.uniform(0.5, 4, columns)).astype(np.float32).round(3)
labels = [(x[:, t] / x[:, t].std() + 2 * rng.standard_normal(rows) > 1).astype(int) for t in range(3)]
groups = rng.integers(0, 5, rows)
scaled = StandardScaler().fit_transform(x).astype(np.float32).astype(np.float64)  # ours are float32 too
tasks = []
for y in labels:
    folds = list(LeaveOneGroupOut().split(scaled, y, groups))
    model = LogisticRegressionCV(Cs=CS, cv=folds, scoring="roc_auc", tol=1e-10, max_iter=10000).fit(scaled, y)
    scores = np.asarray(model.scores_[1] if isinstance(model.scores_, dict) else model.scores_).reshape(5, len(CS))
    scale = x.astype(np.float64).std(axis=0)
    tasks.append({
        "C": float(np.ravel(model.C_)[0]),
        "aurocs": scores.T.tolist(),  # [C][fold]
        "weights": (np.ravel(model.coef_) / scale).tolist(),
    })
golden = {
    "columns": columns,
    "x": x.ravel().astype(float).tolist(),
    "labels": [y.tolist() for y in labels],
    "groups": groups.tolist(),
    "Cs": CS,
    "tasks": tasks,
}
(pathlib.Path(__file__).parent / "probe-folds.json").write_text(json.dumps(golden) + "\n")
