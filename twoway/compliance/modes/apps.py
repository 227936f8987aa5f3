from django.apps import AppConfig


class ModesConfig(AppConfig):
    name = "twoway.compliance.modes"
    label = "compliance_modes"
