from django.apps import AppConfig


class RetentionConfig(AppConfig):
    name = "twoway.compliance.retention"
    label = "compliance_retention"
