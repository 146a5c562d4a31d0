"""The probes and risks of the risk decomposition by NumPy and scikit-learn, on given subsets, splits and folds.

Made with Python 3, scikit-learn 1.9.1, NumPy 2.4.6:
    python tests/golden/risk.py            writes risk.json beside this file
"""

import json
import pathlib
import warnings

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score, zero_one_loss
from sklearn.preprocessing import StandardScaler

HERE = pathlib.Path(__file__).parent
CS = [1e-4, 1e-3, 1e-2, 0.1, 1, 10, 100]


def logits(x, y, c, *others):
    """Of the minimum of w'w / 2 + C sum log(1 + exp(-y z)), float64."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # at such a tolerance it may stop at the rounding error and say so
        model = LogisticRegression(C=c, solver="newton-cholesky", tol=1e-12, max_iter=1000).fit(x, y)
    return [model.decision_function(other) for other in others]


def balanced_risk(y, z):
    return 1 - balanced_accuracy_score(y, z >= 0)


def recipe(train, y, test, y_test, splits, folds, supervised, prior):
    scaler = StandardScaler().fit(train)
    x, x_test = [scaler.transform(part).astype(np.float32).astype(np.float64) for part in [train, test]]

    by_fold = np.empty((len(CS), len(y)))  # logits of the probe fitted without the record's fold
    for c, C in enumerate(CS):
        for fold in np.unique(folds):
            (by_fold[c, folds == fold],) = logits(x[folds != fold], y[folds != fold], C, x[folds == fold])

    def choose(rows):
        return CS[int(np.argmin([round(balanced_risk(y[rows], z[rows]), 12) for z in by_fold]))]

    C = choose(np.full(len(y), True))
    fitted, of_test = logits(x, y, C, x, x_test)
    held_out = np.empty(len(y))
    of_splits = []
    for split in range(splits.max() + 1):
        outside = splits != split
        of_splits.append(choose(outside))
        (held_out[~outside],) = logits(x[outside], y[outside], of_splits[-1], x[~outside])
    first = splits == 0
    return {
        "foldErrors": [int(zero_one_loss(y, z >= 0, normalize=False)) for z in by_fold],
        "C": C,
        "CsOfSplits": of_splits,
        "fitted": fitted.tolist(),
        "heldOut": held_out.tolist(),
        "test": of_test.tolist(),
        "robust": {
            "supervised": balanced_risk(y, supervised - prior),
            "approximated": balanced_risk(y, fitted),
            "heldOut": balanced_risk(y, held_out),
            "test": balanced_risk(y_test, of_test),
        },
        "paper": {
            "supervised": zero_one_loss(y, supervised >= 0),
            "approximated": zero_one_loss(y, fitted >= 0),
            "heldOut": zero_one_loss(y[first], held_out[first] >= 0),
            "test": zero_one_loss(y_test, of_test >= 0),
        },
    }


def problem(rng, positives, negatives, columns):
    """Features that are nearly collinear, and labels that depend on them and on noise."""
    mix = rng.standard_normal((3, columns))

    def draw(p, n):
        y = np.repeat([1, 0], [p, n])
        factors = rng.standard_normal((p + n, 3)) + np.outer(y, [1.2, -0.8, 0.1])
        x = factors @ mix + 0.3 * rng.standard_normal((p + n, columns))
        return np.round(10 * x + 3, 2).astype(np.float32).astype(np.float64), y

    (train, y), (test, y_test) = draw(positives, negatives), draw(60, 90)
    order = rng.permutation(len(y))
    train, y = train[order], y[order]
    splits, folds = [np.empty(len(y), int) for _ in range(2)]
    for parts, of in [(20, splits), (5, folds)]:
        for label in [0, 1]:
            rows = rng.permutation(np.flatnonzero(y == label))
            of[rows] = np.arange(len(rows)) % parts
    supervised = np.round(2 * (2 * y - 1) + 2 * rng.standard_normal(len(y)) - 1, 2)
    prior = -1.25
    result = recipe(train, y, test, y_test, splits, folds, supervised, prior)
    return {
        "columns": columns,
        "trainFeatures": train.ravel().tolist(),
        "labels": y.tolist(),
        "testFeatures": test.ravel().tolist(),
        "testLabels": y_test.tolist(),
        "splits": splits.tolist(),
        "folds": folds.tolist(),
        "supervised": supervised.tolist(),
        "priorLogOdds": prior,
        "Cs": CS,
        **result,
    }


rng = np.random.default_rng(20230206)
problems = [problem(rng, 100, 100, 6), problem(rng, 60, 140, 9)]
(HERE / "risk.json").write_text(json.dumps(problems) + "\n")
