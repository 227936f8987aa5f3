from django.apps import AppConfig


class RelevanceConfig(AppConfig):
    name = "twoway.compliance.relevance"
    label = "compliance_relevance"
