"""WFDB records to [record, 12, 2500] float32 in one .npy, once for each line of work: READER FOLDER UP DOWN.

READER is `wfdb` (wfdb.rdsamp), or `numpy`: numpy.fromfile of the .dat and the few header fields that are needed, no checks.
Both resample with scipy.signal.resample_poly.
"""

import pathlib
import re
import sys
import time

import numpy as np
import wfdb
from scipy.signal import resample_poly

ROOT = pathlib.Path(sys.argv[1])
GAIN = re.compile(r"([\d.eE+-]+)(?:\((-?\d+)\))?")


def with_wfdb(header):
    return wfdb.rdsamp(str(header.with_suffix("")))[0].T


def with_numpy(header):
    lines = [line.split() for line in header.read_text().splitlines() if line and line[0] != "#"]
    leads = int(lines[0][1])
    gains = [GAIN.match(line[2]) for line in lines[1 : 1 + leads]]
    gain = np.array([float(match[1]) for match in gains])
    baseline = np.array([float(match[2] or 0) for match in gains])
    stored = np.fromfile(header.with_name(lines[1][0]), "<i2").reshape(-1, leads)
    return (stored.T - baseline[:, None]) / gain[:, None]


def standardise(reader, folder, up, down):
    standardised = []
    for header in sorted((ROOT / folder).glob("*/*.hea")):
        try:
            signal = reader(header)
        except ValueError:  # cut short on purpose
            continue
        if len(signal) == 12:
            standardised.append(resample_poly(signal, up, down, axis=1).astype(np.float32))
    np.save(ROOT / "peer.npy", np.stack([ecg for ecg in standardised if ecg.shape[1] == 2500]))


print("ready", flush=True)
for line in sys.stdin:
    reader, folder, up, down = line.split()
    start = time.perf_counter()
    standardise({"wfdb": with_wfdb, "numpy": with_numpy}[reader], folder, int(up), int(down))
    print(time.perf_counter() - start, flush=True)
