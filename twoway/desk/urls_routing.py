"""Queues, who is there, and what happens by rule; included by `desk.urls`."""

from django.urls import URLPattern, path

from twoway.desk import presence_menu, routing_next, settings_escalation, settings_queues, settings_rules

QUEUES, ESCALATION = "settings/queues/", "settings/escalation/"


def _rules(prefix: str, sort: str, name: str) -> list[URLPattern]:
    """The addresses of one sort of rule."""
    told = {"sort": sort}
    return [
        path(f"{prefix}add/", settings_rules.rule, told, name=f"{name}_add"),
        path(f"{prefix}<int:rule_id>/", settings_rules.rule, told, name=name),
        path(f"{prefix}<int:rule_id>/delete/", settings_rules.delete, told, name=f"{name}_delete"),
    ]


urlpatterns: list[URLPattern] = [
    path("presence/", presence_menu.choose, name="presence"),
    path("presence/here/", presence_menu.here, name="presence_here"),
    path("presence/<int:member_id>/", presence_menu.choose_for, name="presence_for"),
    path("next/", routing_next.next_one, name="queue_next"),
    path("c/<int:conversation_id>/hints/<int:hint_id>/close/", routing_next.hint_closed, name="hint_closed"),
    path(QUEUES, settings_queues.page, name="settings_queues"),
    path(f"{QUEUES}add/", settings_queues.queue, name="settings_queue_add"),
    path(f"{QUEUES}<int:queue_id>/", settings_queues.queue, name="settings_queue"),
    path(f"{QUEUES}<int:queue_id>/delete/", settings_queues.delete, name="settings_queue_delete"),
    path(f"{QUEUES}<int:queue_id>/move/", settings_queues.move_queue, name="settings_queue_move"),
    path(f"{QUEUES}people/", settings_queues.people, name="settings_queue_people"),
    path(f"{QUEUES}people/<int:member_id>/", settings_queues.person, name="settings_queue_person"),
    path(f"{QUEUES}people/general/", settings_queues.general, name="settings_queue_general"),
    path(f"{QUEUES}skills/add/", settings_queues.skill_add, name="settings_queue_skill_add"),
    path(f"{QUEUES}skills/<int:skill_id>/delete/", settings_queues.skill_delete, name="settings_queue_skill_delete"),
    path(f"{QUEUES}test/", settings_escalation.test, name="settings_queue_test"),
    path(f"{QUEUES}rules/<int:rule_id>/move/", settings_queues.move, name="settings_queue_rule_move"),
    path(f"{QUEUES}rules/form/<slug:sort>/", settings_rules.redraw, name="settings_rule_redraw"),
    *_rules(f"{QUEUES}rules/", "rule", "settings_queue_rule"),
    path(ESCALATION, settings_escalation.page, name="settings_escalation"),
    path(f"{ESCALATION}rules/<int:rule_id>/move/", settings_escalation.move, name="settings_escalation_rule_move"),
    path(f"{ESCALATION}hints/take/", settings_escalation.take_over, name="settings_hint_take"),
    *_rules(f"{ESCALATION}rules/", "escalation", "settings_escalation_rule"),
    *_rules(f"{ESCALATION}hints/", "hint", "settings_hint"),
]
