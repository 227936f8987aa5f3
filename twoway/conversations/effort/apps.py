from django.apps import AppConfig


class ConversationsEffortConfig(AppConfig):
    name = "twoway.conversations.effort"
    label = "conversations_effort"
