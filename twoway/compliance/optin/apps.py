from django.apps import AppConfig


class OptinConfig(AppConfig):
    name = "twoway.compliance.optin"
    label = "compliance_optin"
