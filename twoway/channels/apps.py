from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    name = "twoway.channels"
    label = "channels"
