from django.apps import AppConfig


class MessagingCallbacksConfig(AppConfig):
    name = "twoway.messaging.callbacks"
    label = "messaging_callbacks"
