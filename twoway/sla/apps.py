from django.apps import AppConfig


class SlaConfig(AppConfig):
    name = "twoway.sla"
    label = "sla"
