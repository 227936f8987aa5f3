from django.apps import AppConfig


class QuietConfig(AppConfig):
    name = "twoway.compliance.quiet"
    label = "compliance_quiet"
