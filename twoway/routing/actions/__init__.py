"""Setting up queues, and giving out who waits in them. Keyword-only; one transaction each."""

from twoway.routing.actions.people import change_settings, delete_skill, save_skill, set_capacity, set_skills
from twoway.routing.actions.queues import QueueWish, delete_queue, order_queues, save_queue
from twoway.routing.actions.ruling import RuleWish, delete_rule, order_rules, save_rule
from twoway.routing.actions.taking import put, take_next

__all__ = [
    "QueueWish",
    "RuleWish",
    "change_settings",
    "delete_queue",
    "delete_rule",
    "delete_skill",
    "order_queues",
    "order_rules",
    "put",
    "save_queue",
    "save_rule",
    "save_skill",
    "set_capacity",
    "set_skills",
    "take_next",
]
