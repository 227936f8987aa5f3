from django.apps import AppConfig


class ContactsFieldsConfig(AppConfig):
    name = "twoway.contacts.fields"
    label = "contacts_fields"
