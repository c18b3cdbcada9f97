from django.apps import AppConfig


class GatewayConfig(AppConfig):
    name = "tongdian.gateway"
    label = "gateway"
    verbose_name = "外部系统"
