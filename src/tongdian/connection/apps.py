from django.apps import AppConfig


class ConnectionConfig(AppConfig):
    name = "tongdian.connection"
    label = "connection"
    verbose_name = "用电报装"
