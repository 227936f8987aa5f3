from django.apps import AppConfig


class RepliesConfig(AppConfig):
    name = "twoway.replies"
    label = "replies"
