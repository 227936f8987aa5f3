from django.apps import AppConfig


class ConsentConfig(AppConfig):
    name = "twoway.compliance.consent"
    label = "compliance_consent"
