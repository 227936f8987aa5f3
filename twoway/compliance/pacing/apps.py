from django.apps import AppConfig


class PacingConfig(AppConfig):
    name = "twoway.compliance.pacing"
    label = "compliance_pacing"
