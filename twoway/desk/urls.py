"""The pages people see. Names and paths of the inbox are part of its contract: docs/desk-templates.md."""

from django.urls import URLPattern, include, path
from django.urls.resolvers import URLResolver

from twoway.desk import (
    compose,
    contact_panel,
    decisions_shown,
    inbox,
    inbox_actions,
    live,
    media,
    palette,
    template_picker,
    thread,
    urls_compliance,
    urls_settings,
)

app_name = "desk"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", inbox.home, name="home"),
    path("inbox/<slug:view>/", inbox.inbox, name="inbox"),
    path("workspace/<int:workspace_id>/", inbox.switch, name="switch_workspace"),
    path("c/<int:conversation_id>/", thread.conversation, name="conversation"),
    path("c/<int:conversation_id>/tail/", thread.tail, name="conversation_tail"),
    path("c/<int:conversation_id>/read/", thread.mark_read, name="read"),
    path("c/<int:conversation_id>/draft/", thread.save_draft, name="draft"),
    path("c/<int:conversation_id>/why/<int:message_id>/", decisions_shown.why, name="why"),
    path("c/<int:conversation_id>/assign/", inbox_actions.assign, name="assign"),
    path("c/<int:conversation_id>/snooze/", inbox_actions.snooze, name="snooze"),
    path("c/<int:conversation_id>/done/", inbox_actions.done, name="done"),
    path("c/<int:conversation_id>/reopen/", inbox_actions.reopen, name="reopen"),
    path("c/<int:conversation_id>/tag/", inbox_actions.tag, name="tag"),
    path("c/<int:conversation_id>/untag/", inbox_actions.untag, name="untag"),
    path("c/<int:conversation_id>/reply/", compose.reply, name="reply"),
    path("c/<int:conversation_id>/template/", template_picker.template, name="template"),
    path("c/<int:conversation_id>/template/preview/", template_picker.preview, name="template_preview"),
    path("c/<int:conversation_id>/note/", compose.note, name="note"),
    path("c/<int:conversation_id>/contact/", contact_panel.edit, name="contact_edit"),
    path("c/<int:conversation_id>/contact/block/", contact_panel.block, name="contact_block"),
    path("c/<int:conversation_id>/contact/unblock/", contact_panel.unblock, name="contact_unblock"),
    path("c/<int:conversation_id>/contact/note/", contact_panel.add_note, name="contact_note"),
    path("c/<int:conversation_id>/files/", media.attached, name="files"),
    path("c/<int:conversation_id>/files/again/", media.again, name="files_again"),
    path("c/<int:conversation_id>/files/<int:media_id>/remove/", media.remove, name="file_remove"),
    path("c/<int:conversation_id>/files/<int:media_id>/retry/", media.retry, name="file_retry"),
    path("files/<slug:token>/<str:name>", media.file, name="file"),
    path("new/", compose.new_conversation, name="new_conversation"),
    path("meter/", compose.meter, name="meter"),
    path("palette/", palette.palette, name="palette"),
    path("live/delta/", live.live_delta, name="live_delta"),
    path("live/ticket/", live.live_ticket, name="live_ticket"),
    path("", include(urls_compliance)),
    path("", include(urls_settings)),
]
