from django.apps import AppConfig


class CaseConfig(AppConfig):
    name = "tongdian.case"
    label = "case"
    verbose_name = "办件"
