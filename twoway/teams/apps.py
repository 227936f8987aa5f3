from django.apps import AppConfig


class TeamsConfig(AppConfig):
    name = "twoway.teams"
    label = "teams"
