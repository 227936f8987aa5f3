from django.apps import AppConfig


class TeamsApprovalsConfig(AppConfig):
    name = "twoway.teams.approvals"
    label = "teams_approvals"
