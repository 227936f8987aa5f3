"""The demo workspace: a believable morning at three small businesses that share one desk.

It is written by the same actions that people use, at times in the past and in one transaction, so that a worker never
sees the texts as waiting; only what customers wrote and what the carrier said is put in directly. Nobody in it exists;
the numbers are from the block kept for fiction (555-0100 to 555-0199).
"""

from twoway.ops.demo.loading import OWNER_EMAIL, PASSWORD_FILE, WORKSPACE, DemoResult, load

__all__ = ["OWNER_EMAIL", "PASSWORD_FILE", "WORKSPACE", "DemoResult", "load"]
