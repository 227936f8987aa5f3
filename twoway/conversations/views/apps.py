from django.apps import AppConfig


class ConversationsViewsConfig(AppConfig):
    name = "twoway.conversations.views"
    label = "conversations_views"
