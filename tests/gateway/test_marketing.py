import json
import threading

import httpx
import pytest

from tongdian.gateway.marketing import FolderMarketing, SignedHttpMarketing, SourceUnavailable
from tongdian.gateway.standin.marketing import Server

RECORDS = [{"record_id": f"r{number}"} for number in range(3)]


@pytest.fixture
def server():
    server = Server(0, "the secret")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def url(server: Server) -> str:
    return f"http://127.0.0.1:{server.server_address[1]}"


def reached(server: Server, *, secret: str = "the secret") -> SignedHttpMarketing:  # noqa: S107
    return SignedHttpMarketing(url=url(server), key_id="tongdian", secret=secret, timeout_s=0.5)


class TestSignedHttpMarketing:
    def test_goes_on_where_it_stopped(self, server):
        httpx.post(f"{url(server)}/records", json=RECORDS[:2])
        first = reached(server).changes("")
        httpx.post(f"{url(server)}/records", json=RECORDS[2:])

        then = reached(server).changes(first.next)

        assert (list(first.records), list(then.records)) == (RECORDS[:2], RECORDS[2:])
        assert not then.has_more

    def test_is_refused_with_a_wrong_secret(self, server):
        with pytest.raises(SourceUnavailable, match="401"):
            reached(server, secret="guessed").changes("")

    @pytest.mark.parametrize("behaviour", ["fail", "drop", "lie", "hang"])
    def test_says_that_nothing_could_be_read(self, server, behaviour):
        httpx.post(f"{url(server)}/behaviour", json={"next": [behaviour]})

        with pytest.raises(SourceUnavailable):
            reached(server).changes("")


class TestFolderMarketing:
    def test_reads_files_in_the_order_of_their_names_and_moves_them_away(self, tmp_path):
        (tmp_path / "02.csv").write_text("record_id\nr2\n")
        (tmp_path / "01.ndjson").write_text("\n".join(map(json.dumps, RECORDS[:2])))
        (tmp_path / "03.ndjson.part").write_text("half a")
        source = FolderMarketing(tmp_path)

        first = source.changes("")
        source.settle(first, faults=())
        then = source.changes(first.next)
        source.settle(then, faults=())

        assert (list(first.records), list(then.records)) == (RECORDS[:2], RECORDS[2:])
        assert (first.has_more, source.changes(then.next).records) == (True, ())
        assert sorted(each.name for each in (tmp_path / "done").iterdir()) == ["01.ndjson", "02.csv"]

    def test_reports_which_records_could_not_be_read(self, tmp_path):
        (tmp_path / "01.ndjson").write_text(json.dumps(RECORDS[0]))
        source = FolderMarketing(tmp_path)

        source.settle(source.changes(""), faults=[(0, "kind='S9': unknown")])

        assert "1\tkind='S9': unknown" in (tmp_path / "done" / "01.ndjson.report.tsv").read_text()

    @pytest.mark.parametrize("content", [b"{not json", b"\xff\xfe", b'{"a": 1}\n{"b"'])
    def test_puts_a_file_that_is_none_aside_whole(self, tmp_path, content):
        (tmp_path / "01.ndjson").write_bytes(content)
        source = FolderMarketing(tmp_path)

        changes = source.changes("")
        source.settle(changes, faults=())

        assert changes.refusal
        assert (tmp_path / "refused" / "01.ndjson").read_bytes() == content

    def test_says_that_the_folder_is_gone(self, tmp_path):
        with pytest.raises(SourceUnavailable):
            FolderMarketing(tmp_path / "nowhere").changes("")
