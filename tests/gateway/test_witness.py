"""The witness protocol over real HTTP, with the stand-in in a thread and as the separate process it is."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tongdian.gateway.standin import witness as standin
from tongdian.gateway.witness import (
    Witness,
    WitnessHasAnother,
    WitnessRefused,
    WitnessUnreachable,
    fetch_key,
    introduce,
    latest,
    submit,
)
from tongdian.kernel import merkle
from tongdian.kernel.signed_note import Head, Note, parse_signatures, sign, verifier_key

LOG = "tongdian/test-log"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
LOG_KEY = verifier_key(LOG, KEY)
LEAVES = [merkle.leaf_hash(bytes([number])) for number in range(20)]
READ = merkle.reader(LEAVES)
FORKED = merkle.reader([merkle.leaf_hash(b"other"), *LEAVES[1:]])


def checkpoint(size: int, *, read: merkle.Read = READ, key: Ed25519PrivateKey = KEY, name: str = LOG) -> Note:
    text = str(Head(name, size, merkle.root(size, read)))
    return Note(text, (sign(text, name=name, key=key),))


def post(witness: Witness, old_size: int, size: int, *, read: merkle.Read = READ) -> str:
    proof = merkle.consistency_proof(old_size, size, read)
    return submit(witness, checkpoint(size, read=read), old_size=old_size, proof=proof)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[standin.Server]:
    with standin.running(tmp_path, logs=[LOG_KEY]) as running:
        yield running


@pytest.fixture
def witness(server: standin.Server) -> Witness:
    return Witness(server.url, server.memory.verifier_key)


class TestSubmit:
    def test_returns_the_cosignature_of_a_growing_log(self, witness: Witness) -> None:
        lines = [post(witness, old, new) for old, new in ((0, 3), (3, 3), (3, 20))]

        assert all(parse_signatures(line)[0].name == "witness.standin" for line in lines)
        assert Head.parse(latest(witness.url, origin=LOG).text).size == 20

    def test_tells_the_size_the_witness_has(self, witness: Witness) -> None:
        post(witness, 0, 5)

        with pytest.raises(WitnessHasAnother) as caught:
            post(witness, 0, 6)

        assert caught.value.size == 5

    @pytest.mark.parametrize(("old_size", "size", "status"), [(5, 5, 409), (5, 9, 422)])
    def test_is_refused_for_a_fork_and_the_evidence_is_kept(
        self, server: standin.Server, witness: Witness, old_size: int, size: int, status: int
    ) -> None:
        post(witness, 0, 5)

        with pytest.raises(WitnessRefused) as caught:
            post(witness, old_size, size, read=FORKED)

        kept = server.memory.database.execute("SELECT request FROM refused").fetchall()
        assert caught.value.status == status
        assert [str(checkpoint(size, read=FORKED)) in request for (request,) in kept] == [True]
        assert Head.parse(latest(witness.url, origin=LOG).text).root == merkle.root(5, READ)

    def test_is_refused_for_an_unknown_log(self, witness: Witness) -> None:
        with pytest.raises(WitnessRefused, match="unknown log"):
            submit(witness, checkpoint(3, name="tongdian/stranger"), old_size=0, proof=[])

    def test_is_refused_under_a_strangers_key(self, witness: Witness) -> None:
        with pytest.raises(WitnessRefused, match="no signature by a known key"):
            submit(witness, checkpoint(3, key=Ed25519PrivateKey.generate()), old_size=0, proof=[])

    def test_is_refused_backwards(self, witness: Witness) -> None:
        with pytest.raises(WitnessRefused, match="larger than the checkpoint"):
            submit(witness, checkpoint(3), old_size=4, proof=[])

    def test_does_not_take_a_cosignature_of_somebody_else(self, witness: Witness) -> None:
        stranger = verifier_key("witness.standin", KEY, algorithm=b"\x04")

        with pytest.raises(WitnessUnreachable, match="no valid cosignature"):
            submit(Witness(witness.url, stranger), checkpoint(3), old_size=0, proof=[])

    def test_says_when_nobody_answers(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]

        with pytest.raises(WitnessUnreachable):
            submit(Witness(f"http://127.0.0.1:{port}", LOG_KEY), checkpoint(3), old_size=0, proof=[])


class TestTheStandin:
    @pytest.mark.parametrize(
        "request_body",
        [b"", b"old x\n\nnote", b"old 0\n!\n\n" + str(checkpoint(1)).encode(), b"old 0\n\nnot a note", b"\xff"],
    )
    def test_calls_a_broken_request_bad(self, witness: Witness, request_body: bytes) -> None:
        assert httpx.post(f"{witness.url}/add-checkpoint", content=request_body).status_code == 400

    def test_takes_no_key_when_it_was_told_its_logs(self, witness: Witness) -> None:
        with pytest.raises(WitnessRefused, match="404"):
            introduce(witness.url, verifier_key("tongdian/new", KEY))

    def test_otherwise_takes_the_first_key_it_is_told_and_no_other(self, tmp_path: Path) -> None:
        with standin.running(tmp_path) as server:
            introduce(server.url, LOG_KEY)
            introduce(server.url, LOG_KEY)

            with pytest.raises(WitnessRefused, match="another key"):
                introduce(server.url, verifier_key(LOG, Ed25519PrivateKey.generate()))

    def test_has_nothing_else_to_show(self, witness: Witness) -> None:
        assert latest(witness.url, origin="never seen") is None
        assert httpx.get(f"{witness.url}/elsewhere").status_code == 404
        assert httpx.get(f"{witness.url}/").status_code == 200

    def test_remembers_over_a_restart_with_the_same_key(self, tmp_path: Path) -> None:
        with standin.running(tmp_path, logs=[LOG_KEY]) as first:
            post(Witness(first.url, first.memory.verifier_key), 0, 9)
            key = first.memory.verifier_key
        with standin.running(tmp_path, logs=[LOG_KEY]) as second:
            with pytest.raises(WitnessHasAnother):
                post(Witness(second.url, second.memory.verifier_key), 0, 5)

            assert second.memory.verifier_key == key


class TestFetchKey:
    def test_asks_a_standin(self, witness: Witness) -> None:
        assert fetch_key(witness.url) == witness.key

    def test_says_when_what_answers_is_no_witness(self, witness: Witness) -> None:
        with pytest.raises(WitnessUnreachable):
            fetch_key(f"{witness.url}/elsewhere")


class TestLatest:
    def test_says_when_what_answers_is_no_checkpoint(self, witness: Witness) -> None:
        with pytest.raises(WitnessUnreachable):
            latest(f"{witness.url}/verifier-key?", origin=LOG)


class TestTheProcess:
    def test_witnesses_over_http(self, tmp_path: Path) -> None:
        command = [sys.executable, "-m", "tongdian.gateway.standin.witness", "--port", "0", "--store", tmp_path]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"}
        ) as process:
            url = re.search(r"http://\S+:\d+", process.stdout.readline())[0]
            introduce(url, LOG_KEY)
            line = post(Witness(url, fetch_key(url)), 0, 7)
            process.terminate()

        assert line.startswith("— witness.standin ")
