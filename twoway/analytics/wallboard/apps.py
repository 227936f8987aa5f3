from django.apps import AppConfig


class AnalyticsWallboardConfig(AppConfig):
    name = "twoway.analytics.wallboard"
    label = "analytics_wallboard"
