from django.apps import AppConfig


class ContentConfig(AppConfig):
    name = "twoway.compliance.content"
    label = "compliance_content"
