"""Ask and tell through a real socket: another process measures, and what it may not do."""

import http.client
import json
import subprocess
import sys

import numpy as np
import pytest

from latscape.campaign import Campaign
from latscape.errors import InputError
from latscape.lab import AskTellSession, Integral, candidates_of, serve

IMAGE = np.random.default_rng(0).normal(size=(8, 8)).cumsum(0)
PLACES = np.argwhere(np.ones((8, 8))).astype(float)

MICROSCOPE = """
import json, sys, urllib.request
address, token = sys.argv[1:]
def post(path, message):
    body = json.dumps(message).encode()
    request = urllib.request.Request(address + path, body, {"Authorization": f"Bearer {token}"})
    return json.load(urllib.request.urlopen(request, timeout=30))
count = 0
while True:
    asked = post("/ask", {"n": 2})
    if not asked["points"]:
        break
    told = []
    for one in asked["points"]:
        row, column = one["point"]
        count += 1
        if count == 3:
            told.append({"point": one["point"], "error": "tip crashed"})
            continue
        values = [row + column * 0.1, row, None if count == 4 else row]
        axes = [{"name": "bias", "unit": "V", "values": [0, 1, 2]}]
        told.append({"point": one["point"], "values": values, "axes": axes, "place": [row, column + 0.125]})
    post("/tell", {"measurements": told})
print(json.dumps([count, asked["stopped"]]))
"""


@pytest.fixture
def desk(tmp_path):
    space = candidates_of(IMAGE, PLACES, 3)
    return AskTellSession(Campaign(space, seed=0, record=tmp_path), Integral(0, 2), n_initial=4, budget=9, maps=True)


def test_a_microscope_in_another_process_takes_part(desk):
    with serve(desk) as server:
        done = subprocess.run(
            [sys.executable, "-c", MICROSCOPE, server.address, server.token], capture_output=True, text=True, check=True
        )
    count, stopped = json.loads(done.stdout)
    rows = desk.campaign.record.evaluations()
    assert (count, stopped) == (9, "budget of 9 evaluations spent")
    assert [one.role for one in rows] == ["start"] * 4 + ["acquired"] * 5
    assert [one.error for one in rows if one.status == "failed"] == ["tip crashed"]
    kept = rows[0]
    assert np.array_equal(kept.where, kept.point + np.array([0.0, 0.125]))
    assert kept.curves["axes"] == [{"name": "bias", "unit": "V", "values": [0.0, 1.0, 2.0]}]
    assert kept.value == pytest.approx(1.5 * kept.point[0] + 0.05 * kept.point[1] + 0.5 * kept.point[0])
    assert desk.campaign.record.numbers("mean")  # it saw maps, like any other run


def request(server, method, path, body=None, token=None, headers=()):
    connection = http.client.HTTPConnection(server.address.removeprefix("http://"), timeout=30)
    sent = {"Authorization": f"Bearer {server.token if token is None else token}"} | dict(headers)
    connection.request(method, path, body, sent)
    answer = connection.getresponse()
    found = answer.status, json.loads(answer.read())
    connection.close()
    return found


def test_only_those_with_the_token_are_heard_and_nonsense_is_one_line(desk):
    with serve(desk, token="a-long-secret") as server:
        assert server.address.startswith("http://127.0.0.1:")
        for wrong in ("", "a-long-secreT", "a-long-secret-and-more"):
            assert request(server, "POST", "/ask", "{}", token=wrong)[0] == 401
        assert request(server, "GET", "/status", headers={"Authorization": "Basic x"}.items())[0] == 401
        assert desk.campaign.record.evaluations() == []
        bad = [
            ("POST", "/ask", "{"),
            ("POST", "/ask", "[1]"),
            ("POST", "/ask", '{"n": 0}'),
            ("POST", "/ask", '{"n": "many"}'),
            ("POST", "/tell", "{}"),
            ("POST", "/tell", '{"point": [1, 1]}'),
            ("POST", "/tell", '{"point": ["a", 1], "value": 1}'),
            ("POST", "/tell", '{"point": [1, 1], "values": [[1, 2], [3]]}'),
            ("POST", "/tell", '{"point": [1, 1], "values": [1, 2], "axes": [{"name": "x", "values": [1]}]}'),
            ("POST", "/tell", '{"point": [1, 1, 1], "value": 1}'),
            ("POST", "/tell", '{"measurements": 3}'),
        ]
        for method, path, body in bad:
            status, found = request(server, method, path, body)
            assert status == 400, (path, body)
            assert found["error"].startswith("Expected ")
        assert request(server, "POST", "/ask", "{}", headers={"Content-Length": str(2**40)}.items())[0] == 400
        assert request(server, "GET", "/ask")[0] == 404
        assert desk.campaign.record.evaluations() == []
        assert request(server, "POST", "/tell", '{"point": [1, 1], "value": 2.5}') == (
            200,
            {"told": 1, "values": [2.5], "errors": [None]},
        )
        status, found = request(server, "POST", "/stop", "{}")
        assert found["stopped"] == "stop was requested"
        assert request(server, "POST", "/ask", "{}") == (200, {"points": [], "stopped": "stop was requested"})
        assert found["best"] == {"value": 2.5, "point": [1.0, 1.0]}
    (row,) = desk.campaign.record.evaluations()
    assert row.role == "told"


def test_what_was_asked_and_never_told_is_asked_again_after_a_restart(desk, tmp_path):
    first = desk.ask({"n": 2})["points"]
    again = AskTellSession(desk.campaign, Integral(0, 2), n_initial=4, budget=9)
    assert again.ask({"n": 3})["points"] == first
    assert again.ask({"n": 1})["points"] != first[:1]


def test_a_port_that_is_taken_or_cannot_be_and_a_short_token_are_one_line(desk):
    with pytest.raises(InputError, match="65535"):
        serve(desk, 65536)
    with serve(desk) as server, pytest.raises(InputError, match="free"):
        serve(desk, port=int(server.address.rpartition(":")[2]))
    with pytest.raises(InputError, match="token"):
        serve(desk, token="short")
