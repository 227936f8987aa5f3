from django.apps import AppConfig


class MessagingSearchConfig(AppConfig):
    name = "twoway.messaging.search"
    label = "messaging_search"
