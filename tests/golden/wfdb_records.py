"""Small WFDB records of format 16 and what wfdb-python reads from them.

Made with Python 3, wfdb 4.3.1, NumPy 2.4.6:
    python tests/golden/wfdb_records.py            writes wfdb/*.hea, wfdb/*.dat and wfdb.json beside this file
    python tests/golden/wfdb_records.py read PATH...   prints {PATH: record} as JSON for records on disk
"""

import json
import math
import pathlib
import sys

import numpy as np
import wfdb

HERE = pathlib.Path(__file__).parent
FOLDER = HERE / "wfdb"


def read(path):
    """A record as wfdb-python sees it; null marks NaN."""
    digital = wfdb.rdrecord(str(path), physical=False)
    physical = wfdb.rdrecord(str(path))
    return {
        "name": digital.record_name,
        "fs": digital.fs,
        "samples": digital.sig_len,
        "leads": digital.sig_name,
        "units": digital.units,
        "gains": digital.adc_gain,
        "baselines": digital.baseline,
        "comments": digital.comments,
        "adc": digital.d_signal.T.tolist(),
        "physical": [[None if math.isnan(v) else v for v in lead] for lead in physical.p_signal.T.tolist()],
    }


def write(name, adc, leads, units, gains, baselines, files, comments=()):
    wfdb.Record(
        record_name=name,
        n_sig=len(leads),
        fs=500,
        sig_len=adc.shape[0],
        d_signal=adc,
        file_name=files,
        fmt=["16"] * len(leads),
        adc_gain=gains,
        baseline=baselines,
        units=units,
        adc_res=[16] * len(leads),
        adc_zero=[0] * len(leads),
        init_value=[int(v) for v in adc[0]],
        checksum=[int(c) for c in adc.sum(0) % 65536],
        block_size=[0] * len(leads),
        sig_name=leads,
        comments=list(comments),
    ).wrsamp(write_dir=str(FOLDER))


def main():
    FOLDER.mkdir(exist_ok=True)
    rng = np.random.default_rng(16)
    plain = rng.integers(-3000, 3000, (40, 3))
    write("plain", plain, ["I", "II", "V1"], ["mV"] * 3, [1000.0] * 3, [0] * 3, ["plain.dat"] * 3)
    varied = rng.integers(-32767, 32768, (25, 4))
    varied[[0, 7, 24], [1, 2, 3]] = -32768  # invalid samples
    write(
        "varied",
        varied,
        ["AVR", "ECG lead 2", "V5", "V6"],
        ["mV", "uV", "V", "mV"],
        [200.0, 4.88, 1234567.0, 0.5],
        [12, -7, 0, 1024],
        ["varied_a.dat", "varied_a.dat", "varied_b.dat", "varied_b.dat"],
        ["Age: 61", "Exam ID: 17"],
    )
    records = {name: read(FOLDER / name) for name in ["plain", "varied"]}
    (HERE / "wfdb.json").write_text(json.dumps(records) + "\n")


if sys.argv[1:2] == ["read"]:
    print(json.dumps({path: read(path) for path in sys.argv[2:]}))
else:
    main()
