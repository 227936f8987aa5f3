from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "twoway.messaging"
    label = "messaging"
