import subprocess
import sys

import pytest
from django.core.exceptions import SuspiciousOperation
from django.test import RequestFactory

from tongdian.web.errors import bad_request, server_error


class TestBadRequest:
    @pytest.mark.django_db
    def test_shows_the_page_with_both_hotlines(self, rf: RequestFactory) -> None:
        response = bad_request(rf.get("/"), SuspiciousOperation("odd"))

        assert response.status_code == 400
        assert "12398" in response.content.decode()
        assert "odd" not in response.content.decode()


class TestServerError:
    def test_needs_no_database(self, rf: RequestFactory) -> None:
        response = server_error(rf.get("/"))

        assert response.status_code == 500
        assert "系统出错" in response.content.decode()

    def test_speaks_both_languages_and_shows_both_hotlines(self, rf: RequestFactory) -> None:
        page = server_error(rf.get("/")).content.decode()

        assert all(part in page for part in ("System error", "95598", "12398"))


class TestLogging:
    def test_says_on_standard_error_what_failed(self, capfd: pytest.CaptureFixture[str]) -> None:
        code = "import django, logging; django.setup(); logging.getLogger('django.request').error('it broke')"

        subprocess.run([sys.executable, "-c", code], check=True)

        assert "it broke" in capfd.readouterr().err
