"""Files as instruments write them, from what is published of their formats; nothing of the readers is used."""

import struct

import numpy as np

CHANNELS = ("Current (A)", "Phase (deg)")


def write_grid(path, values, *, places=None, sweep=(-1.0, 1.0), header=""):
    """A Nanonis .3ds file of values (channels, y, x, points), of which the first `places` pixels were measured."""
    _, height, width, points = values.shape
    names = ";".join(CHANNELS)
    lines = [
        f'Grid dim="{width} x {height}"',
        "Grid settings=1.0E-7;2.0E-7;4.0E-9;2.0E-9;0.0E+0",
        "Filetype=Linear",
        'Sweep Signal="Bias (V)"',
        'Fixed parameters="Sweep Start;Sweep End"',
        'Experiment parameters="X (m);Y (m);Z (m)"',
        "# Parameters (4 byte)=5",
        f"Experiment size (bytes)={4 * points * len(CHANNELS)}",
        f"Points={points}",
        f'Channels="{names}"',
        "Delay before measuring (s)=0.0E+0",
        'Experiment="Grid Spectroscopy"',
        'Start time="01.01.2026 00:00:00"',
        'End time="01.01.2026 01:00:00"',
        "User=",
        "Comment=",
        *([header] if header else []),
        ":HEADER_END:",
    ]
    pixels = [np.concatenate([[*sweep, 0.0, 0.0, 0.0], *values[:, y, x]]) for y in range(height) for x in range(width)]
    body = np.array(pixels[: len(pixels) if places is None else places], dtype=">f4").tobytes()
    path.write_bytes("\r\n".join(lines).encode() + b"\r\n" + body)
    return path


def write_scan(path, values, *, direction="down"):
    """A Nanonis .sxm file of values (channels, 2, y, x): forward and backward."""
    _, _, height, width = values.shape
    rows = "\n".join(
        f"\t{i}\t{name}\t{unit}\tboth\t1.0E+0\t0.0E+0" for i, (name, unit) in enumerate([("Z", "m"), ("Current", "A")])
    )
    tags = {
        "NANONIS_VERSION": "2",
        "SCANIT_TYPE": "              FLOAT            MSBFIRST",
        "REC_DATE": " 01.01.2026",
        "REC_TIME": "00:00:00",
        "REC_TEMP": "      290.0000000000",
        "ACQ_TIME": "       10.0",
        "SCAN_PIXELS": f"       {width}       {height}",
        "SCAN_FILE": path.name,
        "SCAN_TIME": "             1.0E+0             1.0E+0",
        "SCAN_RANGE": "           8.000000E-9           4.000000E-9",
        "SCAN_OFFSET": "             1.0E-7         2.0E-7",
        "SCAN_ANGLE": "            0.000E+0",
        "SCAN_DIR": direction,
        "BIAS": "            1.000E-1",
        "DATA_INFO": "\tChannel\tName\tUnit\tDirection\tCalibration\tOffset\n" + rows + "\n",
    }
    text = "".join(f":{name}:\n{value}\n" for name, value in tags.items()) + ":SCANIT_END:\n\n\n"
    path.write_bytes(text.encode() + b"\x1a\x04" + values.astype(">f4").tobytes())
    return path


def write_wave(path, values, *, units=("m", "m"), labels=(), note=b"ScanSize: 1e-6\rMode: AC\r"):
    """An Igor binary wave of version 5, of values in the order [x][y][layer]."""
    sizes = [*values.shape, 0, 0, 0, 0][:4]
    scales = [0.5 * (axis + 1) for axis in range(4)]
    name = b"wave0".ljust(32, b"\0")
    dimension = b"".join(unit.encode().ljust(4, b"\0") for unit in [*units, "", "", "", ""][:4])
    data = values.astype("<f4").tobytes(order="F")
    words = [b""] * 4
    if labels:
        words[2] = b"".join(text.encode().ljust(32, b"\0") for text in ["", *labels])
    header = struct.pack("<I", 0) + struct.pack("<II", 0, 0) + struct.pack("<iHh", values.size, 2, 0)
    header += struct.pack("<6sh", b"", 1) + name + struct.pack("<iI", 0, 0) + struct.pack("<4i", *sizes)
    header += struct.pack("<4d", *scales) + struct.pack("<4d", *(10.0, 20.0, 0.0, 0.0))
    header += b"A\0\0\0" + dimension + struct.pack("<hh", 0, 0) + struct.pack("<dd", 0.0, 0.0)
    header += struct.pack("<26I", *[0] * 26) + struct.pack("<hhh", 0, 0, 0) + b"\0\0" + struct.pack("<Ii", 0, 0)
    header += struct.pack("<hh", 0, 0) + struct.pack("<II", 0, 0)
    sizes_of = struct.pack("<i", 0) + struct.pack("<i", len(note)) + struct.pack("<i", 0)
    sizes_of += struct.pack("<4i", 0, 0, 0, 0) + struct.pack("<4i", *map(len, words))
    sizes_of += struct.pack("<iii", 0, 0, 0)
    first = struct.pack("<hHi", 5, 0, len(header) + len(data)) + sizes_of
    checksum = (-sum(struct.unpack("<192h", (first + header)[:384]))) & 0xFFFF
    first = struct.pack("<hHi", 5, checksum, len(header) + len(data)) + sizes_of
    path.write_bytes(first + header + data + note + b"".join(words))
    return path
