from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    name = "twoway.analytics"
    label = "analytics"
