import io
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from support.frame_cases import happen, new_case, new_user
from tongdian.case import tasks
from tongdian.case.models import Event, StoredFile
from tongdian.case.operations import documents, notices
from tongdian.gateway import jobs
from tongdian.gateway.scan import ScannerUnavailable


@pytest.fixture(autouse=True)
def storage(settings, tmp_path):
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}
    }


def photo() -> SimpleUploadedFile:
    buffer = io.BytesIO()
    Image.new("RGB", (4, 4)).save(buffer, "PNG")
    return SimpleUploadedFile("photo.png", buffer.getvalue())


class TestScanFile:
    def test_is_ordered_for_a_new_content_and_tried_again_without_a_verdict(self, founded, settings):
        settings.SCANNER_URL = "unix:/nonexistent/clamd.ctl"
        document = documents.receive(photo(), kind="site_record", actor=new_user(), now=timezone.now())

        assert "case.scan_file" in jobs.names()
        with pytest.raises(ScannerUnavailable):
            tasks.scan_file(document.file_id)
        assert StoredFile.objects.get().scan_state == "pending"


class TestRecomputeDeadlines:
    def test_moves_open_cases(self, founded):
        case = new_case()
        happen(case, "application.submitted")
        days = [(timezone.localdate() + timedelta(days=offset), False, "样例假") for offset in range(1, 21)]
        facts = notices.NoticeFacts("样例〔2026〕1号", "样例", "https://example.org/1", date(2026, 11, 23), days)
        entered = notices.enter_notice(facts, actor=new_user(), now=timezone.now())
        notices.confirm_notice(entered, actor=new_user(), now=timezone.now())

        tasks.recompute_deadlines()

        assert Event.objects.filter(case=case).order_by("-seq")[0].kind == "deadline.recomputed"
