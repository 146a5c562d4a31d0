"""The tuned probe by scikit-learn, once for each line of work: "folds" or "validation".

Features are float32, standardised by StandardScaler; 9 C with warm starts, chosen by the AUROC: its mean over five given
folds (LogisticRegressionCV at its defaults otherwise), or that on the validation set.
"""

import sys
import time
import warnings

import numpy as np
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import StandardScaler

folder, columns = sys.argv[1], int(sys.argv[2])
cs = [float(c) for c in sys.argv[3].split(",")]
load = lambda name: (
    np.fromfile(f"{folder}/{name}-features", np.float32).reshape(-1, columns),
    np.fromfile(f"{folder}/{name}-labels", np.uint8).reshape(4, -1),
)
(train, labels), (validation, validation_labels) = load("train"), load("validation")
fold_of = np.fromfile(f"{folder}/folds", np.uint8)
folds = [(np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)) for fold in range(5)]
warnings.simplefilter("ignore")


def by_folds():
    x = StandardScaler().fit_transform(train)
    return [LogisticRegressionCV(Cs=cs, cv=folds, scoring="roc_auc").fit(x, y).C_ for y in labels]


def on_validation():
    scaler = StandardScaler().fit(train)
    x, v = scaler.transform(train), scaler.transform(validation)
    chosen = []
    for y, vy in zip(labels, validation_labels):
        model = LogisticRegression(tol=1e-4, warm_start=True, max_iter=1000)
        chosen.append(max((roc_auc_score(vy, model.set_params(C=c).fit(x, y).decision_function(v)), -c) for c in cs))
    return chosen


print("ready", flush=True)
for line in sys.stdin:
    start = time.perf_counter()
    {"folds": by_folds, "validation": on_validation}[line.strip()]()
    print(time.perf_counter() - start, flush=True)
