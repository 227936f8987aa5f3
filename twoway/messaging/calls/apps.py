from django.apps import AppConfig


class MessagingCallsConfig(AppConfig):
    name = "twoway.messaging.calls"
    label = "messaging_calls"
