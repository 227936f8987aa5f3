from django.apps import AppConfig


class MessagingDeflectionConfig(AppConfig):
    name = "twoway.messaging.deflection"
    label = "messaging_deflection"
