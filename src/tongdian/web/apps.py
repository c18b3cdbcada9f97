from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "tongdian.web"
    label = "web"
    verbose_name = "通电"

    def ready(self) -> None:
        from tongdian.web import checks  # noqa: F401, PLC0415 - registers them
