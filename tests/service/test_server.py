"""The service as it is shipped: a real gunicorn process."""

import contextlib
import http.client
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import harness
from benchmarks.reliability import slow, stops, swaps
from classifier import Classifier, modelfile
from tests.conftest import MERIT, ROOT, make_model
from tests.patience import kept, until

LIVE = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"
COMMAND = [sys.executable, str(ROOT / "asn_themes.py"), "serve"]


@pytest.fixture(scope="module")
def port(model_path: Path) -> Iterator[int]:
    with harness.serving(model_path) as server:
        yield server.port
    assert server.process.returncode == 0


def request(
    port: int, method: str, path: str, body: str | None = None, media_type: str = "text/plain"
) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        headers = {"Content-Type": media_type} if body is not None else {}
        connection.request(method, path, body.encode() if body is not None else None, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_the_running_service_gives_the_classifiers_answer(port: int, classifier: Classifier) -> None:
    status, body = request(port, "POST", "/classify", MERIT)

    assert status == 200
    assert classifier.classify(MERIT).to_json() == json.loads(body)


def test_a_chunked_body_is_never_answered_200(port: int) -> None:
    with contextlib.closing(socket.create_connection(("127.0.0.1", port), timeout=10)) as connection:
        connection.sendall(
            b"POST /classify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Transfer-Encoding: chunked\r\n"
            b'Connection: close\r\n\r\n0c\r\n{"text":"a"}\r\n0\r\n\r\n'
        )
        assert connection.recv(100).startswith(b"HTTP/1.1 411")


@pytest.mark.parametrize("zeros", [b"0" * 17, b"0" * 40])
def test_a_request_in_a_body_is_never_answered(port: int, zeros: bytes) -> None:
    inner = b"GET /model HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with contextlib.closing(harness.connect(port)) as connection:
        connection.sendall(
            b"GET /livez HTTP/1.1\r\nHost: localhost\r\nContent-Length: %b%d\r\n\r\n" % (zeros, len(inner)) + inner
        )
        status, _, closes = harness.answer(connection)

        assert (status, closes, connection.recv(1)) == (200, True, b"")


def test_a_model_that_is_not_one_stops_the_start_with_exit_4(tmp_path: Path) -> None:
    bad = tmp_path / "model.npz"
    bad.write_bytes(b"no model")

    done = subprocess.run(
        [*COMMAND, "--model", str(bad), "--port", "0"], capture_output=True, text=True, timeout=30, check=False
    )

    assert done.returncode == 4
    assert done.stderr.startswith("error[model-rejected]: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "nowhere.invalid", "é..b", "192.0.2.1"])
def test_where_it_cannot_listen_it_says_so_in_one_line_and_serves_nothing(model_path: Path, host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        line = [*COMMAND, "--model", str(model_path), "--host", host, "--port", str(other.getsockname()[1])]
        done = subprocess.run(line, capture_output=True, text=True, timeout=30, check=False)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error[setting]: ")
    assert host in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="no IPv6 on this machine")
def test_it_listens_on_an_address_of_ipv6(model_path: Path) -> None:
    with harness.serving(model_path, host="::") as server:
        connection = http.client.HTTPConnection("::1", server.port, timeout=10)
        connection.request("GET", "/themes")

        assert connection.getresponse().status == 200
        assert request(server.port, "GET", "/themes")[0] == 200
        connection.close()


def metric(port: int, name: str) -> float:
    lines = request(port, "GET", "/metrics")[1].decode().splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith(name))


def test_metrics_are_right_under_two_workers(model_path: Path) -> None:
    with harness.serving(model_path, workers=2) as server:
        for _ in range(40):
            request(server.port, "POST", "/classify", MERIT)
        counts = ("asn_themes_texts_total", 'asn_themes_requests_total{endpoint="/classify",status="200"}')
        until(lambda: all(metric(server.port, name) >= 40 for name in counts))

        assert [metric(server.port, name) for name in counts] == [40, 40]


def test_a_crashed_worker_is_replaced(model_path: Path) -> None:
    with harness.serving(model_path) as server:
        before = server.workers()
        os.kill(before[0], signal.SIGKILL)

        assert until(lambda: len(now := server.workers()) == 2 and before[0] not in now)
        assert request(server.port, "POST", "/classify", MERIT)[0] == 200


def test_a_worker_that_ran_out_of_descriptors_answers_when_there_are_some_again(model_path: Path) -> None:
    with harness.serving(model_path, workers=1) as server:
        (worker,) = server.workers()
        limits = resource.prlimit(worker, resource.RLIMIT_NOFILE)
        # Those below are taken.
        resource.prlimit(worker, resource.RLIMIT_NOFILE, (3, limits[1]))
        with contextlib.closing(harness.connect(server.port, timeout=0.5)) as connection:
            connection.sendall(LIVE)
            with pytest.raises(harness.LostError):
                harness.answer(connection)
        resource.prlimit(worker, resource.RLIMIT_NOFILE, limits)

        assert harness.ask(server.port, LIVE)[0] == 200


def test_a_stop_while_a_worker_starts_stops_it_too(model_path: Path) -> None:
    with harness.serving(model_path) as server:
        before = server.workers()
        os.kill(before[0], signal.SIGKILL)
        while not (new := set(server.workers()) - set(before)):
            pass
        # Halted as soon as it is there, it has not got to its own signals yet.
        os.kill(min(new), signal.SIGSTOP)
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        os.kill(min(new), signal.SIGCONT)

        assert server.process.wait(20) == 0


def answers_to_all_at_once(server: harness.Server, message: bytes, n: int) -> list[tuple[int, bytes]]:
    """Send a message over `n` connections to the one worker, and return the statuses and bodies of the answers."""
    with contextlib.ExitStack() as stack:
        connections = [stack.enter_context(contextlib.closing(harness.connect(server.port))) for _ in range(n)]
        # Halted until all of them have come, however long the sending takes.
        (worker,) = server.workers()
        os.kill(worker, signal.SIGSTOP)
        for connection in connections:
            connection.sendall(message)
        os.kill(worker, signal.SIGCONT)
        return [harness.answer(connection)[:2] for connection in connections]


def test_requests_beyond_what_may_wait_are_shed_at_once(model_path: Path) -> None:
    with harness.serving(model_path, workers=1, max_waiting=1) as server:
        answers = answers_to_all_at_once(server, harness.request("a " * 20_000, close=True, explain=True), 12)

    assert {status for status, _ in answers} == {200, 503}


def test_what_has_waited_too_long_is_refused_and_not_worked_out(model_path: Path) -> None:
    with harness.serving(model_path, workers=1, request_deadline_s=1) as server:
        answers = answers_to_all_at_once(server, harness.request("a\n" * 10_000, close=True, explain=True), 30)

    assert {status for status, _ in answers} == {200, 503}
    assert all(b"deadline-exceeded" in body for status, body in answers if status == 503)


def test_slow_clients_hold_up_nobody(model_path: Path) -> None:
    def slowest() -> float:
        found = list(slow.run(model_path, 40, 0.5).values())[1:]
        assert all(set(one["outcomes"]) == {"200"} for one in found)
        return max(float(one["p99_ms"]) for one in found)

    assert kept(1000, slowest)


def test_a_body_that_does_not_arrive_in_time_is_given_up(model_path: Path) -> None:
    with harness.serving(model_path, body_deadline_s=1) as server:
        status, _ = harness.ask(server.port, harness.request(MERIT)[:-5])

    assert status == 408


def test_the_rest_of_a_request_behind_another_must_arrive_in_time_too(model_path: Path) -> None:
    with (
        harness.serving(model_path, body_deadline_s=0.3) as server,
        contextlib.closing(harness.connect(server.port)) as connection,
    ):
        connection.sendall(LIVE + LIVE[:-5])

        assert [harness.answer(connection)[0] for _ in range(2)] == [200, 408]


def test_a_stop_waits_only_so_long_for_the_rest_of_a_request(model_path: Path) -> None:
    with harness.serving(model_path, body_deadline_s=60) as server, contextlib.ExitStack() as stack:
        for message in (LIVE[:-5], LIVE + LIVE[:-5]):
            connection = stack.enter_context(contextlib.closing(harness.connect(server.port)))
            connection.sendall(message)
        harness.answer(connection)
        server.process.send_signal(signal.SIGTERM)

        assert server.process.wait(20) == 0


def test_a_stop_waits_for_who_takes_an_answer_slowly(model_path: Path) -> None:
    with harness.serving(model_path) as server, contextlib.closing(socket.socket()) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        connection.settimeout(10)
        connection.connect(("127.0.0.1", server.port))
        connection.sendall(harness.request("a\n" * 20_000, explain=True))
        first = connection.recv(1)
        server.process.send_signal(signal.SIGTERM)
        time.sleep(3)
        data = first + b"".join(iter(lambda: connection.recv(1 << 20), b""))

    head, _, body = data.partition(b"\r\n\r\n")
    assert len(body) > 4 << 20
    assert f"Content-Length: {len(body)}\r\n".encode() in head


def test_a_stop_under_load_loses_nothing(model_path: Path) -> None:
    found = stops.run(model_path, 2)

    assert (found["lost"], found["exits"]) == (0, {0: 2})


def test_models_swap_under_load_without_a_mixed_answer(tmp_path: Path) -> None:
    first = tmp_path / "first.npz"
    modelfile.save(make_model(), first)
    found = swaps.run(first, 6)

    assert (found["mixed"], found["errors"]) == (0, 0)


def test_each_worker_counts_a_model_that_it_takes_up_and_a_later_one_counts_none(tmp_path: Path) -> None:
    path = tmp_path / "model.npz"
    modelfile.save(make_model(), path)
    taken = 'asn_themes_model_loads_total{result="taken"}'
    with harness.serving(path, workers=2) as server:
        modelfile.save(replace(make_model(), metadata={"release": "next"}), path)
        assert until(lambda: metric(server.port, taken) >= 1)
        # One that was still starting has it already and counts none.
        time.sleep(1.5)
        before = metric(server.port, taken)
        assert before <= 2

        killed = server.workers()[0]
        os.kill(killed, signal.SIGKILL)
        assert until(lambda: len({*server.workers()} - {killed}) == 2)
        # Long enough for the new one to look at the file.
        time.sleep(2)
        assert metric(server.port, taken) == before


def test_a_storm_of_signals_to_look_for_a_model_kills_no_worker(model_path: Path) -> None:
    with harness.serving(model_path, workers=1) as server:
        (worker,) = server.workers()
        end = time.monotonic() + 2
        while time.monotonic() < end:
            os.kill(worker, signal.SIGHUP)

        assert request(server.port, "GET", "/livez")[0] == 200
        assert server.workers() == [worker]


def test_a_bad_model_file_is_refused_while_serving(tmp_path: Path) -> None:
    path = tmp_path / "model.npz"
    modelfile.save(make_model(), path)
    with harness.serving(path) as server:
        path.write_bytes(b"no model")
        server.process.send_signal(signal.SIGHUP)

        assert until(lambda: metric(server.port, 'asn_themes_model_loads_total{result="rejected"}') >= 2)
        assert request(server.port, "POST", "/classify", MERIT)[0] == 200
