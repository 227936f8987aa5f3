from django.apps import AppConfig


class RoutingConfig(AppConfig):
    name = "twoway.routing"
    label = "routing"
