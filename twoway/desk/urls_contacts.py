"""The pages about people."""

from django.urls import URLPattern, path

from twoway.desk import (
    contacts_export,
    contacts_import,
    contacts_list,
    contacts_merge,
    contacts_page,
    settings_fields,
)

urlpatterns: list[URLPattern] = [
    path("contacts/", contacts_list.contacts, name="contacts"),
    path("contacts/filter/", contacts_list.contacts_filter, name="contacts_filter"),
    path("contacts/counts/", contacts_list.contacts_counts, name="contacts_counts"),
    path("contacts/export/", contacts_export.export, name="contacts_export"),
    path("contacts/audiences/", contacts_list.save_audience, name="contacts_audience_save"),
    path(
        "contacts/audiences/<int:audience_id>/delete/", contacts_list.delete_audience, name="contacts_audience_delete"
    ),
    path("contacts/add/", contacts_page.add, name="contact_add"),
    path("contacts/duplicates/", contacts_merge.duplicates, name="contacts_duplicates"),
    path("contacts/import/", contacts_import.imports, name="contacts_imports"),
    path("contacts/import/<int:import_id>/", contacts_import.one, name="contacts_import"),
    path("contacts/import/<int:import_id>/errors/", contacts_import.errors, name="contacts_import_errors"),
    path("contacts/<int:contact_id>/", contacts_page.contact, name="contact"),
    path("contacts/<int:contact_id>/change/", contacts_page.change, name="contact_change"),
    path("contacts/<int:contact_id>/note/", contacts_page.note, name="contact_add_note"),
    path("contacts/<int:contact_id>/block/", contacts_page.block, name="contact_set_block"),
    path("contacts/<int:contact_id>/address/", contacts_page.address, name="contact_address"),
    path("contacts/<int:contact_id>/erase/", contacts_page.erase, name="contact_erase"),
    path("contacts/<int:contact_id>/merge/", contacts_merge.choose, name="contact_merge"),
    path("contacts/<int:contact_id>/merge/<int:other_id>/", contacts_merge.merge, name="contact_merge_with"),
    path("contacts/<int:contact_id>/not/<int:other_id>/", contacts_merge.not_the_same, name="contact_not_the_same"),
    path("contacts/merges/<int:merge_id>/undo/", contacts_merge.undo, name="contact_unmerge"),
    path("settings/fields/", settings_fields.fields, name="settings_fields"),
    path("settings/fields/add/", settings_fields.add, name="settings_field_add"),
    path("settings/fields/<int:field_id>/", settings_fields.field, name="settings_field"),
    path("settings/fields/<int:field_id>/delete/", settings_fields.delete, name="settings_field_delete"),
]
