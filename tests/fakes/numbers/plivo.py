"""Plivo's PhoneNumber, Number, Application and 10DLC Campaign resources."""

from __future__ import annotations

from typing import Any

from tests.fakes.http_server import Answer, Request
from tests.fakes.numbers.desk import NumberFake, Route, basic, document, query, told

ACCOUNT = "/v1/Account/[^/]+"
WORDS = {"approved": "COMPLETED", "pending": "PROCESSING", "rejected": "FAILED", "missing": "UNREGISTERED"}
TOLL_FREE = {"approved": "verified", "pending": "pending", "rejected": "rejected", "missing": None}


class Plivo(NumberFake):
    """The fake. Applications are kept by id: name and message URL."""

    def __post_init__(self) -> None:
        self.applications: dict[str, tuple[str, str]] = {}

    def authorization(self) -> str:
        return basic(self.credentials["auth_id"], self.credentials["auth_token"])

    def routes(self) -> list[Route]:
        return [
            ("GET", rf"{ACCOUNT}/PhoneNumber/", self.search),
            ("POST", rf"{ACCOUNT}/PhoneNumber/(\d+)/", self.buy),
            ("GET", rf"{ACCOUNT}/Number/", self.list),
            ("GET", rf"{ACCOUNT}/Number/(\d+)/", self.one),
            ("POST", rf"{ACCOUNT}/Number/(\d+)/", self.change),
            ("DELETE", rf"{ACCOUNT}/Number/(\d+)/", self.release),
            ("POST", rf"{ACCOUNT}/Application/", self.make),
            ("GET", rf"{ACCOUNT}/Application/(\d+)/", self.application),
            ("POST", rf"{ACCOUNT}/Application/(\d+)/", self.update),
            ("GET", rf"{ACCOUNT}/10dlc/Campaign/(\w+)/", self.campaign),
        ]

    def search(self, request: Request) -> Answer:
        pattern = query(request).get("pattern", "").replace("*", "")
        items = [
            {
                "number": number[1:],
                "city": "PORTLAND",
                "region": "Oregon, UNITED STATES",
                "monthly_rental_rate": "0.80000",
                "setup_rate": "0.00000",
                "sms_enabled": True,
                "mms_enabled": True,
                "voice_enabled": True,
                "restriction_text": None,
            }
            for number in self.stock
            if pattern in number
        ]
        return told(200, {"api_id": "1", "meta": {"limit": 20, "next": None}, "objects": items})

    def buy(self, request: Request, digits: str) -> Answer:
        done = {"message": "created", "status": "fulfilled", "numbers": [{"number": digits, "status": "Success"}]}
        return self.take(f"+{digits}", told(201, done), told(400, {"api_id": "1", "error": "Number not available"}))

    def list(self, request: Request) -> Answer:
        items = [self._number(number) for number in self.owned]
        return told(200, {"meta": {"limit": 20, "offset": 0, "next": None}, "objects": items})

    def one(self, request: Request, digits: str) -> Answer:
        is_here = f"+{digits}" in self.owned
        return told(200, self._number(f"+{digits}")) if is_here else told(404, {"error": "not found"})

    def change(self, request: Request, digits: str) -> Answer:
        self.owned[f"+{digits}"] = document(request)["app_id"]
        return told(202, {"message": "changed"})

    def release(self, request: Request, digits: str) -> Answer:
        del self.owned[f"+{digits}"]
        return Answer(204)

    def make(self, request: Request) -> Answer:
        made = document(request)
        app_id = str(1000 + len(self.applications))
        self.applications[app_id] = (made["app_name"], made["message_url"])
        return told(201, {"message": "created", "app_id": app_id})

    def application(self, request: Request, app_id: str) -> Answer:
        name, url = self.applications[app_id]
        return told(200, {"app_id": app_id, "app_name": name, "message_url": url, "message_method": "POST"})

    def update(self, request: Request, app_id: str) -> Answer:
        self.applications[app_id] = (self.applications[app_id][0], document(request)["message_url"])
        return told(202, {"message": "changed"})

    def campaign(self, request: Request, campaign_id: str) -> Answer:
        word = "COMPLETED" if self.registration == "approved" else WORDS[self.registration]
        return told(200, {"campaign": {"campaign_id": campaign_id, "registration_status": word}})

    def _number(self, number: str) -> dict[str, Any]:
        app_id = self.owned[number]
        return {
            "number": number[1:],
            "number_type": "local",
            "application": f"/v1/Account/MA/Application/{app_id}/" if app_id else None,
            "monthly_rental_rate": "0.80000",
            "sms_enabled": True,
            "mms_enabled": False,
            "voice_enabled": True,
            "tendlc_registration_status": WORDS[self.registration],
            "tendlc_campaign_id": None if self.registration == "missing" else "C012345",
            "toll_free_sms_verification": TOLL_FREE[self.registration],
        }
