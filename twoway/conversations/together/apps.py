from django.apps import AppConfig


class ConversationsTogetherConfig(AppConfig):
    name = "twoway.conversations.together"
    label = "conversations_together"
