import io
import itertools
import socketserver
import struct
import threading
import zlib
from datetime import UTC, datetime

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from support.frame_cases import happen, new_case, new_user
from tongdian.case.content import RefusedUpload
from tongdian.case.models import Event, StoredFile, ViewRecord
from tongdian.case.operations import documents
from tongdian.case.operations.frame import StaleCase
from tongdian.gateway.scan import Clamd, InvalidScannerUrl, ScannerUnavailable, configured_scanner

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\nxref\n0 1\ntrailer\n<<>>\nstartxref\n29\n%%EOF\n"
# The test signature every scanner knows, in two halves so that this file is none.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def image(form: str = "JPEG", size: tuple[int, int] = (40, 30), **options) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, "teal").save(buffer, form, **options)
    return buffer.getvalue()


def with_exif() -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "Camera of Somebody"
    exif[0x0112] = 6
    return image(exif=exif)


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack("!I", len(content)) + kind + content + struct.pack("!I", zlib.crc32(kind + content))


def bomb() -> bytes:
    """A PNG whose head promises 60,000 × 60,000 pixels."""
    head = chunk(b"IHDR", struct.pack("!IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


def receive(content: bytes, name: str, **fields):
    facts = {"kind": "site_record", "actor": fields.pop("actor", None) or new_user(), "now": NOW}
    return documents.receive(SimpleUploadedFile(name, content), **(facts | fields))


class Endless:
    """An upload that never ends; it notes how much of it was taken."""

    name = "endless.pdf"
    taken = 0

    def chunks(self):
        while True:
            self.taken += 1 << 20
            yield bytes(1 << 20)


@pytest.fixture(autouse=True)
def storage(settings, tmp_path):
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}
    }
    return tmp_path


class ClamdStandIn(socketserver.ThreadingTCPServer):
    """Speaks clamd's INSTREAM: finds EICAR, passes everything else."""

    allow_reuse_address = True
    answers: bytes | None = None

    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            assert self.rfile.read(10) == b"zINSTREAM\0"
            content = b""
            while size := struct.unpack("!I", self.rfile.read(4))[0]:
                content += self.rfile.read(size)
            found = b"stream: Eicar-Test-Signature FOUND\0" if EICAR in content else b"stream: OK\0"
            self.wfile.write(found if self.server.answers is None else self.server.answers)

    def __init__(self):
        super().__init__(("127.0.0.1", 0), self.Handler)

    @property
    def url(self) -> str:
        return f"tcp://127.0.0.1:{self.server_address[1]}"


@pytest.fixture
def clamd(settings):
    with ClamdStandIn() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        settings.SCANNER_URL = server.url
        yield server
        server.shutdown()
        thread.join()


class TestReceive:
    def test_stores_the_content_under_its_hash(self, db, storage):
        document = receive(PDF, "报告.pdf")

        file = document.file
        assert (file.media_type, file.size_bytes, file.pk) == ("application/pdf", len(PDF), document.received_sha256)
        assert (storage / file.storage_name).read_bytes() == PDF
        assert (document.name, document.case) == ("报告.pdf", None)

    def test_stores_equal_contents_once(self, db, storage):
        first, second = receive(PDF, "a.pdf"), receive(PDF, "b.pdf")

        assert first.file_id == second.file_id
        assert first.pk != second.pk
        assert len([path for path in storage.rglob("*") if path.is_file()]) == 1

    def test_draws_an_image_anew_without_its_metadata(self, db):
        received = with_exif() + b"<script>appended()</script>"

        document = receive(received, "photo.JPG")

        with default_storage.open(document.file.storage_name) as file:
            stored = file.read()
        assert b"Somebody" not in stored
        assert b"script" not in stored
        assert Image.open(io.BytesIO(stored)).size == (30, 40)
        assert document.received_sha256 != document.file_id

    @pytest.mark.parametrize(("form", "name"), [("JPEG", "a.jpeg"), ("PNG", "a.png")])
    def test_takes_every_image_format_it_accepts(self, db, form, name):
        assert receive(image(form), name).file.media_type == f"image/{form.lower()}"

    def test_takes_only_the_last_part_of_a_name(self, db):
        assert receive(PDF, "..\\..\\etc/passwd.pdf").name == "passwd.pdf"

    @pytest.mark.parametrize(
        ("content", "name", "reason"),
        [
            (b"", "empty.pdf", "empty"),
            (b"MZ\x90\x00" + bytes(100), "a.exe", "format"),
            (b"MZ\x90\x00" + bytes(100), "a.pdf", "format"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'><script>x()</script></svg>", "a.svg", "format"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'><script>x()</script></svg>", "a.png", "format"),
            (b"<html><script>x()</script></html>", "a.pdf", "format"),
            (PDF, "a.jpg", "extension"),
            (image("PNG"), "a.jpg", "extension"),
            (PDF, "no-extension", "extension"),
            (PDF[:-20], "a.pdf", "broken"),
            (PDF.replace(b"29\n%%EOF", b"3\n%%EOF"), "a.pdf", "broken"),
            (image(size=(400, 300))[:-200], "a.jpg", "broken"),
            (image("PNG", size=(400, 300))[:-60], "a.png", "broken"),
            (bomb(), "a.png", "too_many_pixels"),
        ],
        ids=itertools.count(),
    )
    def test_refuses_what_is_not_what_it_should_be(self, db, content, name, reason, storage):
        with pytest.raises(RefusedUpload) as refused:
            receive(content, name)

        assert refused.value.reason == reason
        assert not StoredFile.objects.exists()
        assert not any(storage.iterdir())

    def test_stops_reading_at_the_limit(self, db):
        upload = Endless()

        with pytest.raises(RefusedUpload) as refused:
            documents.receive(upload, kind="site_record", actor=new_user(), now=NOW)

        assert refused.value.reason == "too_large"
        assert upload.taken == 21 << 20

    def test_refuses_a_content_the_scanner_has_rejected(self, db, clamd):
        document = receive(PDF + EICAR + b"\nstartxref\n29\n%%EOF\n", "a.pdf")
        documents.scan(document.file_id, scanner=configured_scanner(), now=NOW)

        with pytest.raises(RefusedUpload) as refused:
            receive(PDF + EICAR + b"\nstartxref\n29\n%%EOF\n", "again.pdf")
        assert refused.value.reason == "infected"


class TestAttach:
    def test_gives_a_document_to_one_case_only(self, case):
        document = documents.attach(receive(PDF, "a.pdf"), case=case)

        with pytest.raises(documents.AlreadyAttached):
            documents.attach(document, case=new_case())


class TestAddDocument:
    def add(self, case, version=1, **fields):
        facts = {"kind": "site_record", "stage": "scheme", "actor": case.opened_by, "channel": "web", "now": NOW}
        upload = SimpleUploadedFile("a.pdf", fields.pop("content", PDF))
        return documents.add_document(case, upload=upload, expected_version=version, **(facts | fields))

    def test_records_the_hash_as_evidence(self, submitted):
        document = self.add(submitted)

        event = Event.objects.get(case=submitted, seq=2)
        assert (event.kind, event.evidence_hashes) == ("document.added", (document.file_id,))
        assert event.facts["document_id"] == str(document.pk)
        assert submitted.version == 2

    def test_keeps_the_document_that_is_superseded(self, submitted):
        first = self.add(submitted)
        second = self.add(submitted, version=2, supersedes=first)

        assert first.superseded_by == second
        with pytest.raises(documents.AlreadySuperseded):
            self.add(submitted, version=3, supersedes=first)

    def test_refuses_a_stale_version(self, submitted):
        happen(submitted, "note.added")

        with pytest.raises(StaleCase):
            self.add(submitted, version=1)

    def test_refuses_a_closed_case(self, submitted):
        happen(submitted, "case.withdrawn")

        with pytest.raises(ValueError, match=r"document\.added"):
            self.add(submitted, version=2)


class TestScan:
    def test_waits_for_the_scanner_that_is_set_up(self, db, clamd):
        assert receive(PDF, "a.pdf").file.scan_state == "pending"

    def test_marks_what_no_scanner_has_seen(self, db):
        assert receive(PDF, "a.pdf").file.scan_state == "unscanned"

    @pytest.mark.parametrize(
        ("extra", "state", "finding"),
        [(b"", "clean", ""), (EICAR, "rejected", "Eicar-Test-Signature")],
        ids=["clean", "rejected"],
    )
    def test_keeps_the_verdict(self, db, clamd, extra, state, finding):
        document = receive(PDF + extra + b"\nstartxref\n29\n%%EOF\n", "a.pdf")

        file = documents.scan(document.file_id, scanner=configured_scanner(), now=NOW)

        assert (file.scan_state, file.scan_finding, file.scanner) == (state, finding, clamd.url)

    def test_marks_a_pending_file_when_the_scanner_was_taken_away(self, db, clamd):
        document = receive(PDF, "a.pdf")

        assert documents.scan(document.file_id, scanner=None, now=NOW).scan_state == "unscanned"

    def test_refuses_a_second_verdict(self, db):
        document = receive(PDF, "a.pdf")

        with pytest.raises(documents.AlreadyScanned):
            documents.scan(document.file_id, scanner=None, now=NOW)

    def test_leaves_the_file_pending_without_a_verdict(self, db, clamd):
        document = receive(PDF, "a.pdf")
        clamd.answers = b"INSTREAM size limit exceeded. ERROR\0"

        with pytest.raises(ScannerUnavailable, match="size limit"):
            documents.scan(document.file_id, scanner=configured_scanner(), now=NOW)

        assert StoredFile.objects.get(pk=document.file_id).scan_state == "pending"

    def test_says_when_nobody_answers(self, clamd):
        clamd.answers = b""

        with pytest.raises(ScannerUnavailable, match="without an answer"):
            Clamd(clamd.url).scan([b"x"])

    def test_says_when_nobody_listens(self):
        with pytest.raises(ScannerUnavailable):
            Clamd("unix:/nonexistent/clamd.ctl").scan([b"x"])


class TestConfiguredScanner:
    def test_is_none_without_a_setting(self, settings):
        settings.SCANNER_URL = ""

        assert configured_scanner() is None

    @pytest.mark.parametrize("url", ["127.0.0.1:3310", "tcp://host", "unix:", "http://host:1"])
    def test_refuses_another_spelling(self, settings, url):
        settings.SCANNER_URL = url

        with pytest.raises(InvalidScannerUrl):
            configured_scanner()


class TestOpenDocument:
    def test_records_who_read_it(self, case):
        document = documents.attach(receive(PDF, "a.pdf"), case=case)
        reader = new_user()

        opened = documents.open_document(document, viewer=reader, purpose="desk", now=NOW)

        assert b"".join(opened.chunks) == PDF
        assert (opened.media_type, opened.name, opened.size_bytes) == ("application/pdf", "a.pdf", len(PDF))
        (view,) = ViewRecord.objects.all()
        assert (view.viewer, view.case, view.object_id, view.viewed_at) == (reader, case, document.pk, NOW)

    def test_refuses_a_file_that_waits_for_its_scan(self, db, clamd):
        document = receive(PDF, "a.pdf")

        with pytest.raises(documents.NotReleased):
            documents.open_document(document, viewer=document.uploaded_by, purpose="web", now=NOW)
        assert not ViewRecord.objects.exists()
