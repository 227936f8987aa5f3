from importlib import import_module

from django.apps import AppConfig


class OpsConfig(AppConfig):
    name = "twoway.ops"
    label = "ops"

    def ready(self) -> None:
        import_module("twoway.ops.checks")
