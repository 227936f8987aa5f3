from django.apps import AppConfig


class TeamsHoursConfig(AppConfig):
    name = "twoway.teams.hours"
    label = "teams_hours"
