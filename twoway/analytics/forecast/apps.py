from django.apps import AppConfig


class AnalyticsForecastConfig(AppConfig):
    name = "twoway.analytics.forecast"
    label = "analytics_forecast"
