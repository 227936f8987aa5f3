from django.apps import AppConfig


class MessagingSchedulingConfig(AppConfig):
    name = "twoway.messaging.scheduling"
    label = "messaging_scheduling"
