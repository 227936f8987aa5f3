from importlib import import_module

from django.apps import AppConfig


class ComplianceConfig(AppConfig):
    name = "twoway.compliance"
    label = "compliance"

    def ready(self) -> None:
        import_module("twoway.compliance.reappearing")
