from django.apps import AppConfig


class ContactsAudiencesConfig(AppConfig):
    name = "twoway.contacts.audiences"
    label = "contacts_audiences"
