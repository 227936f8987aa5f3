from django.apps import AppConfig


class OpsConfig(AppConfig):
    name = "twoway.ops"
    label = "ops"
