"""The layout's promises. Every rule is also shown a small bad sample: a rule that cannot fail proves nothing."""

import importlib
import os
import pkgutil
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import click
import pytest
from django.apps import apps
from django.db import models
from django.http import HttpResponse
from django.test.utils import isolate_apps
from django.urls import include, path

from support import source_rules as rules
from support.django_rules import keys_pointing_up, shadowed_routes
from support.source_rules import Source
from tongdian.gateway import jobs
from tongdian.people.models import User
from tongdian.web import commands, urls

ROOT = Path(__file__).resolve().parent.parent
PYTHON_RULES = (
    rules.off_the_menu,
    rules.vaguely_named,
    rules.too_long,
    rules.long_functions,
    rules.rows_touched,
    rules.clock_read,
    rules.files_opened,
    rules.words_not_to_ship,
)
Rule = Callable[[Source], list[str]]


def sample(where: str, text: str) -> Source:
    return Source(PurePosixPath(where), text)


class TestSourceRules:
    @pytest.mark.parametrize("rule", PYTHON_RULES, ids=lambda rule: rule.__name__)
    def test_hold_in_every_module(self, rule: Rule) -> None:
        found = [finding for source in rules.sources() for finding in rule(source)]

        assert not found, "\n".join(found)

    @pytest.mark.parametrize(
        ("rule", "where", "text"),
        [
            (rules.off_the_menu, "connection/pricing.py", ""),
            (rules.off_the_menu, "case/views/list.py", ""),
            (rules.vaguely_named, "kernel/utils.py", ""),
            (rules.vaguely_named, "case/operations/helpers.py", ""),
            (rules.too_long, "kernel/calendar.py", "a = 1\n" * 401),
            (rules.long_functions, "kernel/calendar.py", "def f():\n" + "    a = 1\n" * 40),
            (rules.rows_touched, "case/portal.py", "Case.objects.all()"),
            (rules.rows_touched, "case/portal/lists.py", "Case.objects.all()"),
            (rules.rows_touched, "connection/forms.py", "form.instance.save()"),
            (rules.rows_touched, "people/rules.py", "user.delete()"),
            (rules.rows_touched, "web/home.py", "Case.objects.count()"),
            (rules.clock_read, "case/operations.py", "from django.utils import timezone\nat = timezone.now()"),
            (rules.clock_read, "case/models.py", "DateTimeField(default=timezone.now)"),
            (rules.clock_read, "engine/clock/replay.py", "today = date.today()"),
            (rules.clock_read, "people/forms.py", "datetime.now(UTC)"),
            (rules.files_opened, "engine/clock/replay.py", "open('x')"),
            (rules.files_opened, "engine/network/topology.py", "Path('x').read_bytes()"),
            (rules.words_not_to_ship, "kernel/units.py", "# TODO later"),
        ],
    )
    def test_catch_a_bad_sample(self, rule: Rule, where: str, text: str) -> None:
        assert rule(sample(where, text))

    @pytest.mark.parametrize(
        ("rule", "where", "text"),
        [
            (rules.off_the_menu, "connection/operations/submit.py", ""),
            (rules.off_the_menu, "gateway/sms.py", ""),
            (rules.too_long, "kernel/calendar.py", "a = 1\n" * 400),
            (rules.long_functions, "kernel/calendar.py", 'def f():\n    """' + "x\n" * 60 + '"""\n    return 1\n'),
            (rules.rows_touched, "case/operations.py", "case.save()"),
            (rules.clock_read, "case/portal.py", "timezone.now()"),
            (rules.files_opened, "engine/formats/csv.py", "open('x')"),
            (rules.files_opened, "kernel/notices.py", "open('x')"),
        ],
    )
    def test_let_a_good_sample_pass(self, rule: Rule, where: str, text: str) -> None:
        assert rule(sample(where, text)) == []


class TestTemplates:
    def test_hold_no_inline_style_or_script(self) -> None:
        pages = [page for page in rules.sources("*.html") if "emails" not in page.path.parts]

        found = [finding for page in pages for finding in rules.inline_style_or_script(page)]

        assert pages
        assert not found, "\n".join(found)

    @pytest.mark.parametrize("text", ['<p style="color:red">', "<script>alert(1)</script>", '<a onclick="x()">'])
    def test_catch_a_bad_sample(self, text: str) -> None:
        assert rules.inline_style_or_script(sample("ui/templates/x.html", text))


class TestContracts:
    def test_are_all_broken_by_a_package_that_breaks_them(self, tmp_path: Path) -> None:
        for package in [
            "web",
            "demo",
            "oversight",
            "disclosure",
            "connection",
            "case",
            "people",
            "gateway",
            "ui",
            "policy",
            "engine",
            "kernel",
        ]:
            (tmp_path / "tongdian" / package).mkdir(parents=True)
            (tmp_path / "tongdian" / package / "__init__.py").touch()
        (tmp_path / "tongdian" / "__init__.py").touch()
        (tmp_path / "tongdian" / "kernel" / "__init__.py").write_text("import django, tongdian.web")
        (tmp_path / "tongdian" / "case" / "queries.py").touch()
        (tmp_path / "tongdian" / "case" / "operations.py").touch()
        (tmp_path / "tongdian" / "case" / "rules.py").write_text("import tongdian.case.operations")
        (tmp_path / "tongdian" / "gateway" / "jobs.py").write_text("import procrastinate")
        (tmp_path / "tongdian" / "case" / "portal.py").write_text("import numpy, procrastinate")
        shutil.copy(ROOT / "pyproject.toml", tmp_path)

        answer = subprocess.run(
            [Path(sys.executable).parent / "lint-imports", "--config", "pyproject.toml", "--no-cache"],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )

        assert answer.returncode == 1, answer.stdout + answer.stderr
        assert "0 kept, 5 broken" in answer.stdout


class TestForeignKeys:
    def test_point_down_and_hide_their_reverse_name(self) -> None:
        ours = [model for model in apps.get_models() if model.__module__.startswith("tongdian.")]

        found = [finding for model in ours for finding in keys_pointing_up(model)]

        assert ours
        assert not found, "\n".join(found)

    @isolate_apps("tongdian.people")
    def test_are_caught_when_the_reverse_name_shows(self) -> None:
        class Shown(models.Model):
            user = models.ForeignKey(User, models.PROTECT, related_name="cases")

            class Meta:
                app_label = "case"

        assert ["shows its reverse name" in finding for finding in keys_pointing_up(Shown)] == [True]

    @isolate_apps("tongdian.people")
    def test_are_caught_when_they_point_up(self) -> None:
        class Upward(models.Model):
            user = models.ForeignKey(User, models.PROTECT, related_name="+")

            class Meta:
                app_label = "ui"

        assert ["points up" in finding for finding in keys_pointing_up(Upward)] == [True]


class TestRoutes:
    def test_do_not_overlap(self) -> None:
        assert shadowed_routes(urls.urlpatterns) == []

    @pytest.mark.parametrize(
        "second", [path("case/<int:n>/", HttpResponse), path("", include([path("case/new/", HttpResponse)]))]
    )
    def test_are_caught_when_an_earlier_one_answers(self, second: object) -> None:
        urlpatterns = [path("case/<str:name>/", HttpResponse), second]

        assert len(shadowed_routes(urlpatterns)) == 1

    def test_are_caught_when_mounted_twice(self) -> None:
        urlpatterns = [path("a/", HttpResponse), path("a/", HttpResponse)]

        assert shadowed_routes(urlpatterns) == ["/a/: mounted twice"]

    def test_pass_when_the_fixed_one_comes_first(self) -> None:
        urlpatterns = [path("new/", HttpResponse), path("<slug:name>/", HttpResponse)]

        assert shadowed_routes(urlpatterns) == []


class TestJobs:
    def test_enqueued_anywhere_are_declared(self) -> None:
        enqueued = {name for source in rules.sources() for name in rules.jobs_enqueued(source)}

        assert enqueued <= jobs.names()

    def test_are_found_in_a_sample(self) -> None:
        assert rules.jobs_enqueued(sample("case/operations.py", 'enqueue("case.no_such_job", n=1)')) == [
            "case.no_such_job"
        ]


class TestCommands:
    @pytest.mark.parametrize("name", sorted(module.name for module in pkgutil.iter_modules(commands.__path__)))
    def test_each_expose_a_command_with_a_short_help(self, name: str) -> None:
        command = importlib.import_module(f"tongdian.web.commands.{name}").command

        assert isinstance(command, click.Command)
        assert command.get_short_help_str()
