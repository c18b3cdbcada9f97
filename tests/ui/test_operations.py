"""Rotation of keys; a history keeps copies of sealed values, and is append-only for everybody but the owner."""

import threading
from collections.abc import Iterator

import pytest
from django.db import connection, models, transaction
from django.db.models import Max

from support import people
from tongdian.people.models import User
from tongdian.ui import operations, sealing
from tongdian.ui.fields import EncryptedTextField, LookupField

PHONE = "13800001234"


class Person(models.Model):
    """Stands for a model whose versions are kept."""

    code = models.CharField(primary_key=True, max_length=10)
    name = EncryptedTextField(row="code", null=True)
    name_lookup = LookupField(of="name", null=True)

    class Meta:
        app_label = "ui"
        managed = False


class PersonEvent(models.Model):
    """Stands for the history of it, as django-pghistory makes one: the same columns, and what it tracks."""

    pgh_id = models.AutoField(primary_key=True)
    code = models.CharField(max_length=10)
    name = EncryptedTextField(row="code", null=True)
    name_lookup = LookupField(of="name", null=True)
    pgh_tracked_model = Person

    class Meta:
        app_label = "ui"
        managed = False


@pytest.fixture
def tables(db) -> None:
    with connection.schema_editor() as editor:
        editor.create_model(Person)
        editor.create_model(PersonEvent)


@pytest.fixture
def keys(settings) -> Iterator[None]:
    """Turn the installation's keys into a pair of rings with a new key in front; call it after rows were written."""

    def rotate() -> None:
        first, lookup = (next(iter(sealing.ring(text).values())) for text in (settings.FIELD_KEYS, settings.LOOKUP_KEY))
        settings.FIELD_KEYS = f"k2:{'n' * 40},k1:{first}"
        settings.LOOKUP_KEY = f"k2:{'m' * 40},k1:{lookup}"

    return rotate


def only_new(settings) -> None:
    settings.FIELD_KEYS, settings.LOOKUP_KEY = f"k2:{'n' * 40}", f"k2:{'m' * 40}"


class TestReseal:
    def test_seals_and_digests_again_and_keeps_the_text(self, db, keys, settings):
        people.person(PHONE)
        keys()

        assert operations.reseal(User) == 1
        assert operations.reseal(User) == 0

        only_new(settings)
        assert User.objects.get(phone_lookup=PHONE).phone == PHONE

    def test_reaches_a_history_whose_copies_stay_bound_to_their_row(self, tables, keys, settings):
        Person.objects.create(code="one", name="张三")
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO ui_personevent (code, name, name_lookup) SELECT * FROM ui_person")
        keys()

        assert operations.reseal(PersonEvent) == 1

        only_new(settings)
        assert PersonEvent.objects.get(name_lookup="张三").name == "张三"

    def test_leaves_what_is_missing_missing(self, tables, keys):
        Person.objects.create(code="one", name=None)
        keys()

        assert operations.reseal(Person) == 0
        assert Person.objects.get().name is None

    def test_goes_on_where_it_was_cut_short(self, db, keys, monkeypatch):
        monkeypatch.setattr(operations, "BATCH", 2)
        for number in range(5):
            people.person(f"1380000000{number}")
        keys()

        def crash(_table: str, rows: int) -> None:
            if rows >= 2:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            operations.reseal(User, on_progress=crash)

        assert operations.reseal(User) == 3

    def test_says_how_far_it_is(self, db, keys, monkeypatch):
        monkeypatch.setattr(operations, "BATCH", 2)
        for number in range(3):
            people.person(f"1380000000{number}")
        keys()
        told = []

        operations.reseal(User, on_progress=lambda table, rows: told.append((table, rows)))

        assert told == [("people.User", 2), ("people.User", 3)]

    def test_names_a_key_the_ring_lacks(self, db, settings):
        people.person(PHONE)
        settings.FIELD_KEYS = f"k2:{'n' * 40}"

        with pytest.raises(sealing.UnknownKey):
            operations.reseal(User)

    def test_writes_no_history_of_it(self, db, keys):
        user = people.person(PHONE)
        before = User.objects.values("created_at", "username", "phone_verified_at").get(pk=user.pk)
        keys()

        operations.reseal(User)

        assert User.objects.values("created_at", "username", "phone_verified_at").get(pk=user.pk) == before


class TestCountKeys:
    def test_counts_the_values_of_each_column_under_each_key(self, db, keys):
        people.person("13800000001")
        keys()
        people.person("13800000002")

        counts = operations.count_keys()

        assert counts["people.User.phone", "k1"] == counts["people.User.phone", "k2"] == 1
        assert counts["people.User.phone_lookup", "k1"] == counts["people.User.phone_lookup", "k2"] == 1


class TestSealedModels:
    def test_find_every_table_by_its_fields(self):
        labels = {model._meta.label for model in operations.sealed_models()}

        assert labels >= {"people.User", "case.Party", "case.Document", "gateway.Message", "connection.Draft"}


class TestBesideAWriter:
    def test_keeps_what_was_written_while_it_waited_for_the_row(self, committed, keys, settings):
        user = people.person(PHONE)
        keys()

        with transaction.atomic():
            User.objects.filter(pk=user.pk).update(display_name="李四")
            beside = threading.Thread(target=lambda: (operations.reseal(User), connection.close()))
            beside.start()
            wait_for_a_lock()
        beside.join(timeout=30)

        only_new(settings)
        after = User.objects.get(phone_lookup=PHONE)
        assert (after.display_name, after.phone) == ("李四", PHONE)

    def test_lets_a_writer_with_the_new_keys_go_first(self, committed, keys, settings):
        user = people.person(PHONE)
        keys()
        user.phone = "13900009999"
        user.save()

        operations.reseal(User)

        only_new(settings)
        assert User.objects.get(phone_lookup="13900009999").phone == "13900009999"
        assert not User.objects.filter(phone_lookup=PHONE).exists()


@pytest.fixture
def committed(django_db_setup, django_db_blocker) -> Iterator[None]:
    """Write accounts for good and remove them afterwards: another connection sees only what is committed."""
    with django_db_blocker.unblock():
        before = User.objects.aggregate(last=Max("pk", default=0))["last"]
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM people_user WHERE id > %s", [before])
            connection.close()


def wait_for_a_lock() -> None:
    """Return when another connection of this database waits for a row; at most 2,000 looks."""
    with connection.cursor() as cursor:
        for _ in range(2000):
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity, pg_sleep(0.005) WHERE datname = current_database()"
                " AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0]:
                return
            cursor.execute("SELECT pg_stat_clear_snapshot()")
    raise AssertionError("nobody waited")
