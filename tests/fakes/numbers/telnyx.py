"""Telnyx's numbers, orders, messaging profiles, hosted orders, 10DLC and toll-free verification."""

from __future__ import annotations

from typing import Any

from tests.fakes.http_server import Answer, Request
from tests.fakes.numbers.desk import NumberFake, Route, document, query, told

ASSIGNMENT = {"approved": "ASSIGNED", "pending": "PENDING_ASSIGNMENT", "rejected": "FAILED_ASSIGNMENT"}
CAMPAIGN = {"approved": "MNO_PROVISIONED", "pending": "MNO_PENDING", "rejected": "MNO_REJECTED"}
TOLL_FREE = {"approved": "Verified", "pending": "In Progress", "rejected": "Rejected"}


class Telnyx(NumberFake):
    """The fake. `owned` holds the profile of a number; profiles are kept by id."""

    def __post_init__(self) -> None:
        named = self.credentials.get("messaging_profile_id", "")
        self.profiles: dict[str, dict[str, Any]] = {named: {"id": named, "name": "Desk", "webhook_url": ""}}

    def authorization(self) -> str:
        return f"Bearer {self.credentials['api_key']}"

    def routes(self) -> list[Route]:
        return [
            ("GET", r"/v2/available_phone_numbers", self.search),
            ("POST", r"/v2/number_orders", self.buy),
            ("GET", r"/v2/phone_numbers/messaging", self.list),
            ("PATCH", r"/v2/phone_numbers/(\d+)/messaging", self.assign),
            ("DELETE", r"/v2/phone_numbers/(\d+)", self.release),
            ("POST", r"/v2/messaging_profiles", self.make),
            ("GET", r"/v2/messaging_profiles/([\w-]+)", self.profile),
            ("PATCH", r"/v2/messaging_profiles/([\w-]+)", self.update),
            ("GET", r"/v2/10dlc/phone_number_campaigns/\+(\d+)", self.assignment),
            ("GET", r"/v2/10dlc/campaign/([\w-]+)", self.campaign),
            ("GET", r"/v2/10dlc/brand/([\w-]+)", lambda request, key: told(200, {"identityStatus": "VERIFIED"})),
            ("GET", r"/v2/messaging_tollfree/verification/requests", self.verifications),
            ("POST", r"/v2/messaging_hosted_number_orders", self.host),
            ("GET", r"/v2/messaging_hosted_number_orders/(\w+)", self.hosted),
        ]

    def search(self, request: Request) -> Answer:
        asked = query(request)
        area, contains = (
            asked.get("filter[national_destination_code]", ""),
            asked.get("filter[phone_number][contains]", ""),
        )
        items = [
            {
                "phone_number": number,
                "cost_information": {"monthly_cost": "1.00000", "upfront_cost": "1.00000", "currency": "USD"},
                "features": [{"name": "sms"}, {"name": "mms"}, {"name": "voice"}],
                "region_information": [{"region_type": "location", "region_name": "Portland"}],
                "quickship": True,
            }
            for number in self.stock
            if area in number and contains in number
        ]
        return told(200, {"data": items, "meta": {"total_results": len(items)}})

    def buy(self, request: Request) -> Answer:
        asked = document(request)
        number = asked["phone_numbers"][0]["phone_number"]
        error = {"code": "85001", "title": "Number unavailable", "detail": f"{number} is no longer available"}
        done = told(200, {"data": {"id": "order-1", "status": "success", "requirements_met": True}})
        answer = self.take(number, done, told(422, {"errors": [error]}))
        if number in self.owned:
            self.owned[number] = asked.get("messaging_profile_id", "")
        return answer

    def list(self, request: Request) -> Answer:
        wanted = query(request).get("filter[phone_number]", "")
        items = [
            {
                "id": number[1:],
                "phone_number": number,
                "country_code": "US",
                "messaging_profile_id": profile or None,
                "features": {"sms": {"domestic_two_way": True}, "mms": None},
            }
            for number, profile in self.owned.items()
            if wanted in {"", number}
        ]
        return told(200, {"data": items, "meta": {"page_number": 1, "total_pages": 1}})

    def assign(self, request: Request, digits: str) -> Answer:
        self.owned[f"+{digits}"] = document(request)["messaging_profile_id"]
        return told(200, {"data": {"id": digits}})

    def release(self, request: Request, digits: str) -> Answer:
        del self.owned[f"+{digits}"]
        return told(200, {"data": {"id": digits, "status": "deleted"}})

    def make(self, request: Request) -> Answer:
        made = document(request)
        assert made["whitelisted_destinations"]
        key = f"profile-{len(self.profiles)}"
        self.profiles[key] = {"id": key, **made}
        return told(200, {"data": self.profiles[key]})

    def profile(self, request: Request, key: str) -> Answer:
        return told(200, {"data": self.profiles[key]}) if key in self.profiles else told(404, {"errors": []})

    def update(self, request: Request, key: str) -> Answer:
        self.profiles[key] |= document(request)
        return told(200, {"data": self.profiles[key]})

    def assignment(self, request: Request, digits: str) -> Answer:
        if self.registration == "missing":
            return told(404, {"errors": [{"code": "10005", "title": "Resource not found"}]})
        made = {
            "phoneNumber": f"+{digits}",
            "campaignId": "campaign-1",
            "brandId": "brand-1",
            "assignmentStatus": ASSIGNMENT[self.registration],
            "failureReasons": "The campaign is not active." if self.registration == "rejected" else None,
        }
        return told(200, made)

    def campaign(self, request: Request, key: str) -> Answer:
        return told(200, {"campaignId": key, "campaignStatus": CAMPAIGN[self.registration]})

    def verifications(self, request: Request) -> Answer:
        if self.registration == "missing":
            return told(200, {"records": [], "total_records": 0})
        made = {"verificationStatus": TOLL_FREE[self.registration], "reason": None}
        return told(200, {"records": [made], "total_records": 1})

    def host(self, request: Request) -> Answer:
        (self.asked,) = document(request)["phone_numbers"]
        return told(200, {"data": self._order("pending")})

    def hosted(self, request: Request, key: str) -> Answer:
        self.owned.setdefault(self.asked, "")
        return told(200, {"data": self._order("successful")})

    def _order(self, state: str) -> dict[str, Any]:
        return {"id": "order7", "status": state, "phone_numbers": [{"phone_number": self.asked, "status": state}]}
