"""AUROC, AUPRC and bootstrap intervals by scikit-learn and NumPy.

Made with Python 3, scikit-learn 1.9.1, NumPy 2.4.6:
    python tests/golden/metrics.py            writes metrics.json and metrics-bootstrap.json beside this file
    python tests/golden/metrics.py score      reads [{"labels": [...], "scores": [...]}, ...] from standard input
                                              and prints [[auroc, auprc], ...]
"""

import json
import pathlib
import sys

import numpy as np
from sklearn.metrics import average_precision_score, roc_auc_score

HERE = pathlib.Path(__file__).parent
TASKS = ["MI", "STTC", "CD", "HYP"]


def both(labels, scores):
    return [float(roc_auc_score(labels, scores)), float(average_precision_score(labels, scores))]


def random_cases(rng):
    """Cases of 2 to 120 records; the fewer decimals, the more ties."""
    for case in range(50):
        n = int(rng.integers(2, 120))
        labels = (rng.random(n) < rng.uniform(0.1, 0.9)).astype(int)
        labels[:2] = [0, 1]
        scores = np.round(labels * rng.uniform(-1, 2) + rng.standard_normal(n), case % 4)
        auroc, auprc = both(labels, scores)
        yield {"labels": labels.tolist(), "scores": scores.tolist(), "auroc": auroc, "auprc": auprc}


def row(labels, scores):
    """The ten measures of a table's row."""
    pairs = [both(labels[task], scores[task]) for task in TASKS]
    measures = {f"auroc_{task.lower()}": pair[0] for task, pair in zip(TASKS, pairs)}
    measures |= {f"auprc_{task.lower()}": pair[1] for task, pair in zip(TASKS, pairs)}
    measures["mean_auroc"] = float(np.mean([pair[0] for pair in pairs]))
    measures["criteria"] = float(np.sum(pairs))
    return measures


def bootstrap(rng):
    """Two models on 80 records of 60 patients; each resample repeats the records of the patients that it drew."""
    records, patients, resamples = 80, 60, 100
    patient_of = np.concatenate([np.arange(patients), rng.integers(0, patients, records - patients)])
    labels = {task: (rng.random(records) < p).astype(int) for task, p in zip(TASKS, [0.4, 0.35, 0.3, 0.25])}
    models = [
        {task: np.round(labels[task] * gain + rng.standard_normal(records), 1) for task in TASKS} for gain in [1.2, 0.7]
    ]
    draws = rng.integers(0, patients, (resamples, patients))
    values = []
    for draw in draws:
        drawn = np.concatenate([np.flatnonzero(patient_of == patient) for patient in draw])
        resampled = {task: labels[task][drawn] for task in TASKS}
        values.append([row(resampled, {task: model[task][drawn] for task in TASKS}) for model in models])
    quantiles = lambda numbers: [float(q) for q in np.percentile(numbers, [2.5, 97.5])]
    measures = list(values[0][0])
    return {
        "patients": patient_of.tolist(),
        "labels": {task: labels[task].tolist() for task in TASKS},
        "models": [{task: model[task].tolist() for task in TASKS} for model in models],
        "draws": draws.tolist(),
        "values": [row(labels, model) for model in models],
        "intervals": [{m: quantiles([v[k][m] for v in values]) for m in measures} for k in range(2)],
        "differences": {m: quantiles([v[0][m] - v[1][m] for v in values]) for m in measures},
    }


if sys.argv[1:] == ["score"]:
    print(json.dumps([both(case["labels"], case["scores"]) for case in json.load(sys.stdin)]))
else:
    rng = np.random.default_rng(20240614)
    (HERE / "metrics.json").write_text(json.dumps(list(random_cases(rng))) + "\n")
    (HERE / "metrics-bootstrap.json").write_text(json.dumps(bootstrap(rng)) + "\n")
