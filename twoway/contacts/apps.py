from django.apps import AppConfig


class ContactsConfig(AppConfig):
    name = "twoway.contacts"
    label = "contacts"
