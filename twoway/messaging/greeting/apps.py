from django.apps import AppConfig


class MessagingGreetingConfig(AppConfig):
    name = "twoway.messaging.greeting"
    label = "messaging_greeting"
