from django.apps import AppConfig


class MessagingMergingConfig(AppConfig):
    name = "twoway.messaging.merging"
    label = "messaging_merging"
