"""WFDB records to [record, 12, 2500] float32 with wfdb-python and SciPy, once for each line of work: FOLDER UP DOWN."""

import pathlib
import sys
import time

import numpy as np
import wfdb
from scipy.signal import resample_poly

ROOT = pathlib.Path(sys.argv[1])


def standardise(folder, up, down):
    standardised = []
    for header in sorted((ROOT / folder).glob("*/*.hea")):
        try:
            signal, _ = wfdb.rdsamp(str(header.with_suffix("")))
        except ValueError:  # cut short on purpose
            continue
        if signal.shape[1] == 12:
            standardised.append(resample_poly(signal, up, down, axis=0).T.astype(np.float32))
    np.save(ROOT / "peer.npy", np.stack(standardised))


print("ready", flush=True)
for line in sys.stdin:
    folder, up, down = line.split()
    start = time.perf_counter()
    standardise(folder, int(up), int(down))
    print(time.perf_counter() - start, flush=True)
