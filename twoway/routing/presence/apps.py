from django.apps import AppConfig


class RoutingPresenceConfig(AppConfig):
    name = "twoway.routing.presence"
    label = "routing_presence"
