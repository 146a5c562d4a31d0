"""What wfdb-python reads from records: headers as they are, samples as hashes.

    python tests/io/wfdb_samples_peer.py < REQUESTS
REQUESTS is JSON: [{"path", "start", "end", "headerOnly", "digital"}]; the answer is a list in the same order.
The hashes are SHA-256 of [lead, sample]: ADC units as int32, invalid ones -2^31, and physical units as float32, NaN as
0x7fc00000, little-endian.
"""

import hashlib
import json
import sys

import numpy as np
import wfdb


def sha(array):
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def header(path):
    h = wfdb.rdheader(path)
    return {
        "fs": h.fs,
        "samples": h.sig_len or None,
        "leads": h.sig_name,
        "units": h.units,
        "gains": h.adc_gain,
        "baselines": h.baseline,
        "comments": h.comments,
        "files": h.file_name,
        "formats": [int(f) for f in h.fmt],
        "perFrame": [v or 1 for v in h.samps_per_frame],
        "skew": [v or 0 for v in h.skew],
        "byteOffset": [v or 0 for v in h.byte_offset],
        "adcZero": [v or 0 for v in h.adc_zero],
        "initial": h.init_value,
        "checksum": h.checksum,
    }


def expanded_digital(path, part):
    """ADC units, each signal at its own rate; read frame by frame where it can be, for format 61 fails otherwise."""
    several = any((n or 1) > 1 for n in wfdb.rdheader(path).samps_per_frame)
    digital = wfdb.rdrecord(path, physical=False, smooth_frames=not several, **part)
    if not several:
        digital.e_d_signal = list(digital.d_signal.T)
    return digital


def samples(request):
    """As rdsamp gives them: of a signal with several samples a frame their mean, or invalid if any is.

    (wfdb-python's own smoothing takes the marks of invalid samples for values.)
    """
    part = {"sampfrom": request.get("start", 0), "sampto": request.get("end")}
    record = wfdb.rdrecord(request["path"], smooth_frames=False, **part)
    digital = expanded_digital(request["path"], part) if request.get("digital", True) else None
    adc, physical = [], []
    for i, p in enumerate(record.e_p_signal):
        nan = np.isnan(p)
        if digital is not None:
            per_frame = len(p) // record.sig_len if record.sig_len else 1
            nan = nan.reshape(-1, per_frame).any(1)
            frames = digital.e_d_signal[i].astype("i8").reshape(-1, per_frame)
            d = np.trunc(frames.sum(1) / per_frame).astype("i8")
            p = (d - digital.baseline[i]) / digital.adc_gain[i]
            d[nan] = -(2**31)
            adc.append(d.astype("<i4"))
        bits = p.astype("<f4").view("<u4")
        bits[nan] = 0x7FC00000
        physical.append(bits)
    answer = {
        "fs": record.fs,
        "samples": record.sig_len,
        "leads": record.sig_name,
        "units": record.units,
        "comments": record.comments,
        "invalid": int(sum((bits == 0x7FC00000).sum() for bits in physical)),
        "physical": sha(physical),
    }
    if digital is not None:
        answer["adc"] = sha(adc)
        answer["gains"] = digital.adc_gain
        answer["baselines"] = digital.baseline
    return answer


requests = json.load(sys.stdin)
print(json.dumps([header(r["path"]) if r.get("headerOnly") else samples(r) for r in requests]))
