"""AUROC and AUPRC by scikit-learn, once for each line of work: "score" or "bootstrap" (1,000 resamples of patients)."""

import sys
import time

import numpy as np
from sklearn.metrics import average_precision_score, roc_auc_score

labels = np.fromfile(sys.argv[1] + "/labels", np.uint8)
scores = np.fromfile(sys.argv[1] + "/scores", np.float64)
patients = np.fromfile(sys.argv[1] + "/patients", np.uint32)
rng = np.random.default_rng(0)


def bootstrap():
    """A resample with one class only has a probability of 1e-270 here."""
    areas = []
    records, count = np.arange(len(labels)), patients.max() + 1
    for _ in range(1000):
        times_drawn = np.bincount(rng.integers(0, count, count), minlength=count)
        drawn = np.repeat(records, times_drawn[patients])
        y, s = labels[drawn], scores[drawn]
        areas.append([roc_auc_score(y, s), average_precision_score(y, s)])
    return np.percentile(areas, [2.5, 97.5], axis=0)


def score():
    for _ in range(100):
        roc_auc_score(labels, scores), average_precision_score(labels, scores)


print("ready", flush=True)
for line in sys.stdin:
    start = time.perf_counter()
    {"bootstrap": bootstrap, "score": score}[line.strip()]()
    print(time.perf_counter() - start, flush=True)
