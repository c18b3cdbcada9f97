import pytest
from django.core.exceptions import FieldError
from django.db import connection, models

from tongdian.people.models import User
from tongdian.ui import sealing
from tongdian.ui.fields import EncryptedTextField, LookupField, Sealed, mask_id_number, mask_name, mask_phone

PHONE = "13800001234"


def stored(user: User, column: str) -> bytes | None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM people_user WHERE id = %s", [user.pk])  # noqa: S608
        value = cursor.fetchone()[0]
        return None if value is None else bytes(value)


class RowBound(models.Model):
    code = models.CharField(primary_key=True, max_length=10)
    text = EncryptedTextField(row="code")

    class Meta:
        app_label = "ui"
        managed = False


@pytest.fixture
def user(db) -> User:
    return User.objects.create_user("someone", display_name="张三", phone=PHONE)


@pytest.fixture
def row_table(db):
    with connection.schema_editor() as editor:
        editor.create_model(RowBound)


class TestEncryptedTextField:
    def test_keeps_no_plain_text_in_the_database(self, user):
        assert "张三".encode() not in stored(user, "display_name")
        assert User.objects.get(pk=user.pk).display_name == "张三"

    def test_opens_only_when_read(self, user):
        loaded = User.objects.get(pk=user.pk)

        assert isinstance(loaded.__dict__["display_name"], Sealed)

    def test_keeps_an_unread_value_as_it_was_on_save(self, user):
        before = stored(user, "display_name")

        User.objects.get(pk=user.pk).save()

        assert stored(user, "display_name") == before

    def test_keeps_none_as_null(self, db):
        without = User.objects.create_user("nobody", phone=None)

        assert stored(without, "phone") is None
        assert User.objects.get(pk=without.pk).phone is None

    def test_loads_a_deferred_value(self, user):
        assert User.objects.defer("display_name").get(pk=user.pk).display_name == "张三"

    def test_seals_in_an_update(self, user):
        User.objects.filter(pk=user.pk).update(display_name="李四")

        assert User.objects.get(pk=user.pk).display_name == "李四"

    def test_seals_in_bulk(self, db):
        User.objects.bulk_create([User(username="one", phone="13900000001"), User(username="two", phone="13900000002")])

        assert [found.username for found in User.objects.filter(phone_lookup="13900000002")] == ["two"]

    def test_shows_nothing_in_values_but_can_be_opened(self, user):
        (sealed,) = User.objects.values_list("display_name", flat=True)

        assert repr(sealed) == "<sealed people.user.display_name>"
        assert sealed.open() == "张三"

    @pytest.mark.parametrize("lookup", ["exact", "contains", "in", "gt"])
    def test_refuses_to_be_searched(self, db, lookup):
        with pytest.raises(FieldError, match="LookupField"):
            User.objects.filter(**{f"display_name__{lookup}": "张三"})

    def test_can_be_asked_for_null(self, user):
        assert not User.objects.filter(phone__isnull=True).exists()

    def test_refuses_a_value_copied_from_another_column(self, user):
        with connection.cursor() as cursor:
            cursor.execute("UPDATE people_user SET display_name = phone")

        with pytest.raises(sealing.CannotOpen, match="display_name"):
            _ = User.objects.get(pk=user.pk).display_name

    def test_refuses_to_be_serialised(self, user):
        with pytest.raises(FieldError):
            User._meta.get_field("display_name").value_to_string(user)

    def test_opens_only_in_its_row_when_bound_to_it(self, row_table):
        RowBound.objects.create(code="one", text="first")
        RowBound.objects.create(code="two", text="second")
        assert RowBound.objects.get(code="one").text == "first"
        with connection.cursor() as cursor:
            cursor.execute("UPDATE ui_rowbound SET text = (SELECT text FROM ui_rowbound WHERE code = 'one')")

        with pytest.raises(sealing.CannotOpen):
            _ = RowBound.objects.get(code="two").text

    def test_refuses_a_query_update_when_bound_to_its_row(self, row_table):
        with pytest.raises(FieldError, match="save the instance"):
            RowBound.objects.update(text="x")

    def test_tells_migrations_its_row(self):
        assert RowBound._meta.get_field("text").deconstruct()[3]["row"] == "code"


class TestLookupField:
    @pytest.mark.parametrize("typed", [PHONE, "138 0000 1234", "+86 138-0000-1234", "0086" + PHONE])
    def test_finds_by_the_plain_text_however_written(self, user, typed):
        assert User.objects.get(phone_lookup=typed) == user

    def test_holds_a_digest(self, user):
        assert stored(user, "phone_lookup") == sealing.digest(PHONE, place="people.user.phone")

    def test_follows_its_field_on_save(self, user):
        user.phone = "13900009999"
        user.save()

        assert not User.objects.filter(phone_lookup=PHONE).exists()
        assert User.objects.filter(phone_lookup__in=["13900009999"]).exists()

    def test_is_null_without_a_value_so_that_many_may_lack_it(self, db):
        User.objects.create_user("one")
        User.objects.create_user("two")

        assert User.objects.filter(phone_lookup=None).count() == 2

    def test_strips_when_no_normaliser_is_named(self):
        class Plain(models.Model):
            text = EncryptedTextField()
            text_lookup = LookupField(of="text")

            class Meta:
                app_label = "ui"
                managed = False

        field = Plain._meta.get_field("text_lookup")

        assert field.digest(" x ") == field.digest("x")


class TestLookupUnderTwoKeys:
    @pytest.fixture(autouse=True)
    def second_key(self, user, settings):
        settings.LOOKUP_KEY = f"k2:{'d' * 40},k1:{settings.LOOKUP_KEY}"

    def test_finds_what_the_old_key_digested(self, user):
        assert User.objects.get(phone_lookup=PHONE) == user
        assert User.objects.get(phone_lookup__in=[PHONE, "13900000000"]) == user

    def test_finds_what_the_new_key_digested(self, user):
        user.save()

        assert stored(user, "phone_lookup")[32:] == b"k2"
        assert User.objects.get(phone_lookup=PHONE) == user

    def test_finds_none_by_nothing(self, user):
        assert not User.objects.filter(phone_lookup=None).exists()
        assert not User.objects.filter(phone_lookup__in=[]).exists()

    def test_finds_by_the_stored_digest(self, user):
        assert User.objects.get(phone_lookup=stored(user, "phone_lookup")) == user


class TestMaskPhone:
    @pytest.mark.parametrize(("phone", "shown"), [(PHONE, "138****1234"), ("12345", "*****"), ("", "")])
    def test_shows_only_the_ends(self, phone, shown):
        assert mask_phone(phone) == shown


class TestMaskIdNumber:
    @pytest.mark.parametrize(
        ("number", "shown"),
        [("370102199001010000", "3701**********0000"), ("91370000MA3XXXXX00", "9137**********XX00"), ("1234", "****")],
    )
    def test_shows_only_the_ends(self, number, shown):
        assert mask_id_number(number) == shown


class TestMaskName:
    @pytest.mark.parametrize(("name", "shown"), [("张三", "张*"), ("欧阳修远", "欧***"), ("", "")])
    def test_shows_the_first_character(self, name, shown):
        assert mask_name(name) == shown
