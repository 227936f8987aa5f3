from django.apps import AppConfig


class ConversationsConfig(AppConfig):
    name = "twoway.conversations"
    label = "conversations"
