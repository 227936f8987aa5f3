from django.apps import AppConfig


class RoutingEscalationConfig(AppConfig):
    name = "twoway.routing.escalation"
    label = "routing_escalation"
