"""Parts of Bird's SDK, as an oracle. Its generated models warn of a field called schema while they are imported."""

from __future__ import annotations

import warnings
from importlib import import_module

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    _exceptions = import_module("bird._exceptions")
    _generated = import_module("bird._generated")
    _sms = import_module("bird.resources.sms")
    _webhooks = import_module("bird.resources.webhooks")

WebhookVerificationError: type[Exception] = _exceptions.WebhookVerificationError
STATUSES = frozenset(status.value for status in _generated.SMSMessageStatus)
ERROR_CODES = frozenset(code.value for code in _generated.SMSErrorCode)
send_body = _sms._send_body
unwrap = _webhooks._verify_and_parse
