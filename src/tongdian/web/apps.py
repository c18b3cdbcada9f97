from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "tongdian.web"
    label = "web"
    verbose_name = "通电"
