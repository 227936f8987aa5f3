from django.apps import AppConfig


class PurposesConfig(AppConfig):
    name = "twoway.compliance.purposes"
    label = "compliance_purposes"
