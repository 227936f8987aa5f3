"""Saved replies and macros; included by `desk.urls`, so the names are `desk:`'s."""

from django.urls import path

from twoway.desk import (
    replies_bulk,
    replies_macro_settings,
    replies_macros,
    replies_moving,
    replies_picker,
    replies_pictures,
    replies_settings,
)

urlpatterns = [
    path("c/<int:conversation_id>/replies/", replies_picker.pick, name="replies"),
    path("c/<int:conversation_id>/replies/save/", replies_picker.save, name="reply_save"),
    path("c/<int:conversation_id>/replies/<int:reply_id>/", replies_picker.one, name="reply_filled"),
    path("c/<int:conversation_id>/replies/<int:reply_id>/files/", replies_picker.files, name="reply_files"),
    path("c/<int:conversation_id>/macros/", replies_macros.menu, name="macros"),
    path("c/<int:conversation_id>/macros/<int:macro_id>/", replies_macros.run, name="macro_run"),
    path("c/<int:conversation_id>/macros/undo/", replies_macros.undo, name="macro_undo"),
    path("c/<int:conversation_id>/pictures/", replies_pictures.pictures, name="pictures"),
    path("c/<int:conversation_id>/pictures/add/", replies_pictures.add, name="picture_add"),
    path("c/<int:conversation_id>/pictures/<int:picture_id>/use/", replies_pictures.use, name="picture_use"),
    path("c/<int:conversation_id>/pictures/<int:picture_id>/remove/", replies_pictures.remove, name="picture_remove"),
    path("macros/keys/", replies_macros.keys, name="macro_keys"),
    path("bulk/macros/", replies_bulk.menu, name="bulk_macros"),
    path("bulk/macros/<int:macro_id>/", replies_bulk.run, name="bulk_macro_run"),
    path("settings/replies/", replies_settings.overview, name="settings_replies"),
    path("settings/replies/add/", replies_settings.add, name="settings_reply_add"),
    path("settings/replies/seen/", replies_settings.seen, name="settings_reply_seen"),
    path("settings/replies/starter/", replies_moving.starter, name="settings_reply_starter"),
    path("settings/replies/export/", replies_moving.export, name="settings_reply_export"),
    path("settings/replies/import/", replies_moving.bring, name="settings_reply_import"),
    path("settings/replies/folders/<int:folder_id>/", replies_moving.folder, name="settings_reply_folder"),
    path(
        "settings/replies/folders/<int:folder_id>/delete/",
        replies_moving.folder_delete,
        name="settings_reply_folder_delete",
    ),
    path("settings/replies/files/<int:file_id>/remove/", replies_moving.file_remove, name="settings_reply_file_remove"),
    path("settings/replies/<int:reply_id>/", replies_settings.one, name="settings_reply"),
    path("settings/replies/<int:reply_id>/archive/", replies_settings.archive, name="settings_reply_archive"),
    path("settings/replies/<int:reply_id>/restore/", replies_settings.restore, name="settings_reply_restore"),
    path("settings/replies/<int:reply_id>/files/", replies_moving.file_add, name="settings_reply_file_add"),
    path("settings/replies/<int:reply_id>/test/", replies_moving.test_start, name="settings_reply_test"),
    path("settings/replies/<int:reply_id>/test/end/", replies_moving.test_end, name="settings_reply_test_end"),
    path("settings/macros/", replies_macro_settings.overview, name="settings_macros"),
    path("settings/macros/add/", replies_macro_settings.add, name="settings_macro_add"),
    path("settings/macros/<int:macro_id>/", replies_macro_settings.one, name="settings_macro"),
    path("settings/macros/<int:macro_id>/archive/", replies_macro_settings.archive, name="settings_macro_archive"),
    path("settings/macros/<int:macro_id>/restore/", replies_macro_settings.restore, name="settings_macro_restore"),
]
