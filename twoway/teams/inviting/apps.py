from django.apps import AppConfig


class TeamsInvitingConfig(AppConfig):
    name = "twoway.teams.inviting"
    label = "teams_inviting"
