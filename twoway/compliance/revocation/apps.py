from django.apps import AppConfig


class RevocationConfig(AppConfig):
    name = "twoway.compliance.revocation"
    label = "compliance_revocation"
