"""Vonage's Numbers API, Application API v2 and TFN registrations."""

from __future__ import annotations

from typing import Any

from tests.fakes.http_server import Answer, Request
from tests.fakes.numbers.desk import NumberFake, Route, basic, document, form, query, told

TOLL_FREE = {"approved": "REGISTERED", "pending": "CARRIER_REVIEW", "rejected": "REJECTED"}


class Vonage(NumberFake):
    """The fake. `owned` holds the application a number is linked to, or its own address."""

    def __post_init__(self) -> None:
        self.application: dict[str, Any] = {
            "id": self.credentials["application_id"],
            "name": "Front desk",
            "keys": {"public_key": "-----BEGIN PUBLIC KEY-----"},
            "capabilities": {"voice": {"webhooks": {"answer_url": {"address": "https://calls.example.com"}}}},
        }

    def authorization(self) -> str:
        return basic(self.credentials["api_key"], self.credentials["api_secret"])

    def routes(self) -> list[Route]:
        return [
            ("GET", r"/number/search", self.search),
            ("POST", r"/number/buy", self.buy),
            ("POST", r"/number/update", self.change),
            ("POST", r"/number/cancel", self.cancel),
            ("GET", r"/account/numbers", self.list),
            ("GET", r"/v2/applications/([\w-]+)", lambda request, key: told(200, self.application)),
            ("PUT", r"/v2/applications/([\w-]+)", self.replace),
            ("GET", r"/tfn/v1/numbers", self.toll_free),
        ]

    def search(self, request: Request) -> Answer:
        pattern = query(request).get("pattern", "")
        items = [
            {
                "country": "US",
                "msisdn": number[1:],
                "type": query(request)["type"],
                "cost": "0.90",
                "features": ["VOICE", "SMS", "MMS"],
            }
            for number in self.stock
            if pattern in number
        ]
        return told(200, {"count": len(items), "numbers": items})

    def buy(self, request: Request) -> Answer:
        refused = told(422, {"error-code": "420", "error-code-label": "method failed"})
        return self.take(f"+{form(request)['msisdn']}", OK, refused)

    def change(self, request: Request) -> Answer:
        asked = form(request)
        self.owned[f"+{asked['msisdn']}"] = asked.get("app_id") or asked.get("moHttpUrl", "")
        return OK

    def cancel(self, request: Request) -> Answer:
        del self.owned[f"+{form(request)['msisdn']}"]
        return OK

    def list(self, request: Request) -> Answer:
        pattern = query(request).get("pattern", "")
        items = [
            {
                "country": "US",
                "msisdn": number[1:],
                "type": "mobile-lvn",
                "features": ["VOICE", "SMS"],
                **({"moHttpUrl": kept} if kept.startswith("http") else {"app_id": kept} if kept else {}),
            }
            for number, kept in self.owned.items()
            if pattern in number
        ]
        return told(200, {"count": len(items), "numbers": items})

    def replace(self, request: Request, key: str) -> Answer:
        made = document(request)
        assert made["name"] == "Front desk"
        self.application = {"id": key, **made}
        return told(200, self.application)

    def toll_free(self, request: Request) -> Answer:
        if self.registration == "missing":
            return told(200, {"numbers": []})
        items = [{"number": number[1:], "status": TOLL_FREE[self.registration]} for number in self.owned]
        return told(200, {"numbers": items})


OK = told(200, {"error-code": "200", "error-code-label": "success"})
