from django.apps import AppConfig


class TeamsRolesConfig(AppConfig):
    name = "twoway.teams.roles"
    label = "teams_roles"
