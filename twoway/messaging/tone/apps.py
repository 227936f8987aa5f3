from django.apps import AppConfig


class MessagingToneConfig(AppConfig):
    name = "twoway.messaging.tone"
    label = "messaging_tone"
