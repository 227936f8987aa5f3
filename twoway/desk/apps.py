from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "twoway.desk"
    label = "desk"
