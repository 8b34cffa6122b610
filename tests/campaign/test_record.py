import math
import os
import sqlite3
import subprocess
import sys

import numpy as np
import pytest

from latscape.campaign import CampaignRecord, Evaluation, EvaluationResult
from latscape.errors import InputError, RecordError

NUMBERS = [0.1, 1 / 3, 5e-324, 1.7976931348623157e308, -0.0, 2.0**53 + 1, math.inf, -math.inf, math.nan]


def row(index, point=(0.1, 0.2)):
    return Evaluation(index, "start", np.array(point), np.array([[1.0], [2.0]]), seed=2**63 - 1, acquisition=0.1)


def test_float64_survives_exactly(tmp_path):
    with CampaignRecord.create(tmp_path) as record:
        record.ask([row(0, NUMBERS[:6])])
        record.finish(
            0, EvaluationResult(1 / 3, {"a": 0.1, "b": math.nan, "c": -math.inf}, {"loss": NUMBERS}, seconds=0.25)
        )
    with CampaignRecord.open(tmp_path, readonly=True) as record:
        (back,) = record.evaluations()
    assert [repr(x) for x in back.curves["loss"]] == [repr(x) for x in NUMBERS]
    assert back.point.tolist() == NUMBERS[:6]
    assert back.decoded.shape == (2, 1)
    assert (back.value, back.seconds, back.seed, back.acquisition) == (1 / 3, 0.25, 2**63 - 1, 0.1)
    assert back.metrics["a"] == 0.1
    assert math.isnan(back.metrics["b"])
    assert back.metrics["c"] == -math.inf


def test_any_sqlite_tool_reads_the_arrays(tmp_path):
    with CampaignRecord.create(tmp_path) as record:
        record.ask([row(0)])
        record.finish(0, EvaluationResult(1.0, curves={"loss": [3.0, math.nan, 1.5]}))
    connection = sqlite3.connect(tmp_path / "record.sqlite")
    assert connection.execute("SELECT json_extract(value, '$[2]') FROM curves").fetchone() == (1.5,)
    assert connection.execute("SELECT json_valid(value) FROM curves").fetchone() == (1,)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_failures_keep_their_text(tmp_path):
    record = CampaignRecord.create(tmp_path / "a.sqlite")
    record.ask([row(0)])
    record.finish(0, EvaluationResult(None, error="ValueError: no"))
    (back,) = record.evaluations()
    assert (back.status, back.value, back.error) == ("failed", None, "ValueError: no")


def test_nothing_is_finished_twice_or_unasked():
    record = CampaignRecord.create(":memory:")
    record.ask([row(0)])
    record.finish(0, EvaluationResult(1.0))
    for index in (0, 5):
        with pytest.raises(RecordError, match="asked"):
            record.finish(index, EvaluationResult(2.0))
    assert record.evaluations()[0].value == 1.0


def test_a_result_and_its_curves_are_written_together_or_not_at_all():
    record = CampaignRecord.create(":memory:")
    record.ask([row(0)])
    with pytest.raises(TypeError):
        record.finish(0, EvaluationResult(1.0, metrics={"a": 1.0}, curves={"bad": [object()]}))
    (back,) = record.evaluations()
    assert back.status == "asked"
    assert back.metrics == {}


def test_results_of_studies(tmp_path):
    with CampaignRecord.create(tmp_path) as record:
        record.put(
            "summary", {"array": np.arange(3), "nan": float("nan"), "text": "NaN and Infinity", "n": np.int64(2)}
        )
        record.put("summary2", [1])
        record.put("summary2", [2])
        with pytest.raises(InputError, match="JSON"):
            record.put("bad", object())
    with CampaignRecord.open(tmp_path, readonly=True) as record:
        assert record.get("summary") == {"array": [0, 1, 2], "nan": None, "text": "NaN and Infinity", "n": 2}
        assert record.get("summary2") == [2]
        assert record.get("absent", 7) == 7
        assert record.names() == ["summary", "summary2"]
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            record.put("more", 1)


def test_how_it_was_made_is_kept(tmp_path):
    with CampaignRecord.create(tmp_path / "runs" / "mine", {"study": {"seed": 3}}) as record:
        assert record.path == tmp_path / "runs" / "mine" / "record.sqlite"
        assert record.config == {"study": {"seed": 3}}
        assert {"latscape", "torch", "botorch", "numpy", "python"} <= record.meta("versions").keys()
        assert record.meta("created").endswith("+00:00")


def test_the_first_differing_key_is_named(tmp_path):
    config = {"study": {"a": 1, "model": {"width": 3, "depth": 2}}}
    CampaignRecord.create(tmp_path, config).close()
    CampaignRecord.open(tmp_path, config).close()
    with pytest.raises(RecordError, match=r"study\.model\.depth = 2.*Got 4"):
        CampaignRecord.open(tmp_path, {"study": {"a": 1, "model": {"width": 9, "depth": 4}}})
    with pytest.raises(RecordError, match=r"study\.b"):
        CampaignRecord.open(tmp_path, {"study": {"a": 1, "b": 0, "model": {"width": 3, "depth": 2}}})
    CampaignRecord.open(tmp_path).close()  # a refusal leaves no lock behind


def test_claims_are_stored_once_and_checked_after(tmp_path):
    with CampaignRecord.create(tmp_path, {"study": {}}) as record:
        record.claim("campaign", {"seed": 0})
    with CampaignRecord.open(tmp_path) as record:
        record.claim("campaign", {"seed": 0})
        assert record.config == {"study": {}, "campaign": {"seed": 0}}
        with pytest.raises(RecordError, match=r"campaign\.seed = 0.*Got 1"):
            record.claim("campaign", {"seed": 1})


def _foreign(path):
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE precious (x)")
    connection.commit()
    connection.close()


def _sound(path, rows=200):
    with CampaignRecord.create(path) as record:
        record.ask(row(i, [float(i)] * 40) for i in range(rows))


def _truncated(path):
    _sound(path)
    path.write_bytes(path.read_bytes()[:-9000])


def _scrambled(path):
    _sound(path)
    data = bytearray(path.read_bytes())
    data[4096 * 3 : 4096 * 6] = bytes(range(256)) * 48
    path.write_bytes(data)


def _newer(path):
    _sound(path)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()


WRONG = {
    "text": lambda path: path.write_text("dear diary\n" * 100),
    "empty": lambda path: path.write_bytes(b""),
    "header only": lambda path: path.write_bytes(b"SQLite format 3\0"),
    "foreign SQLite": _foreign,
    "truncated": _truncated,
    "scrambled": _scrambled,
    "newer schema": _newer,
}


@pytest.mark.parametrize("kind", WRONG)
@pytest.mark.parametrize("readonly", [True, False])
def test_wrong_files_are_refused_in_one_line_and_stay_as_they_are(tmp_path, kind, readonly):
    path = tmp_path / "record.sqlite"
    WRONG[kind](path)
    before, names = path.read_bytes(), sorted(tmp_path.iterdir())
    with pytest.raises(RecordError, match=r"Expected .* Got .* Try") as caught:
        CampaignRecord.open(path, readonly=readonly)
    assert "\n" not in str(caught.value)
    with pytest.raises(RecordError):
        CampaignRecord.create(path)
    assert path.read_bytes() == before
    assert {p for p in tmp_path.iterdir() if p.suffix != ".lock"} == {p for p in names if p.suffix != ".lock"}


def test_a_missing_record_and_a_folder_that_cannot_be(tmp_path):
    with pytest.raises(RecordError, match="No such file"):
        CampaignRecord.open(tmp_path / "nowhere")
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="can be written"):
        CampaignRecord.create(tmp_path / "file" / "below")
    with pytest.raises(InputError, match="can be written"):
        CampaignRecord.create("/proc/latscape")


def test_an_existing_record_is_not_made_again(tmp_path):
    _sound(tmp_path / "record.sqlite", rows=2)
    with pytest.raises(RecordError, match="without a record"):
        CampaignRecord.create(tmp_path)
    with CampaignRecord.attach(tmp_path) as record:
        assert len(record.evaluations()) == 2


OTHER = """
import sys
from latscape.campaign.record import CampaignRecord
from latscape.errors import RecordError
try:
    CampaignRecord.open(sys.argv[1]).close()
    print("opened")
except RecordError as error:
    print(error)
record = CampaignRecord.open(sys.argv[1], readonly=True)
print(len(record.evaluations()))
"""


def _other_process(path):
    run = subprocess.run([sys.executable, "-c", OTHER, str(path)], capture_output=True, text=True, check=True)
    return run.stdout.splitlines()


def test_one_process_writes_while_others_read(tmp_path):
    first, second = (
        CampaignRecord.create(tmp_path),
        CampaignRecord.open(tmp_path),
    )  # the same process may, as after an interrupt
    second.close()  # and the lock stays while any is open
    first.ask([row(0)])
    said = _other_process(tmp_path)
    assert "in use by another process" in said[0]
    assert said[1] == "1"
    first.close()
    assert _other_process(tmp_path)[0] == "opened"


def test_reading_a_record_needs_no_torch(tmp_path):
    _sound(tmp_path / "record.sqlite", rows=1)
    code = f"""
import sys
from latscape.campaign.record import CampaignRecord
assert len(CampaignRecord.open({str(tmp_path)!r}, readonly=True).evaluations()) == 1
assert "torch" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True, env=os.environ)
