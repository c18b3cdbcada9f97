from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "tongdian.ui"
    label = "ui"
    verbose_name = "界面"
