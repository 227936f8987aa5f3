"""Twilio's AvailablePhoneNumbers, IncomingPhoneNumbers, Pricing, Messaging and Hosted Number resources."""

from __future__ import annotations

from typing import Any

from tests.fakes.http_server import Answer, Request
from tests.fakes.numbers.desk import NumberFake, Route, basic, form, query, told

ACCOUNT = "/2010-04-01/Accounts/[^/]+"
WORDS = {"approved": "VERIFIED", "pending": "IN_PROGRESS", "rejected": "FAILED"}
TOLL_FREE = {"approved": "TWILIO_APPROVED", "pending": "IN_REVIEW", "rejected": "TWILIO_REJECTED"}


class Twilio(NumberFake):
    """The fake."""

    def authorization(self) -> str:
        return basic(self.credentials["account_sid"], self.credentials["auth_token"])

    def routes(self) -> list[Route]:
        return [
            ("GET", rf"{ACCOUNT}/AvailablePhoneNumbers/(\w+)/(Local|TollFree|Mobile).json", self.search),
            ("GET", r"/v1/PhoneNumbers/Countries/\w+", self.prices),
            ("POST", rf"{ACCOUNT}/IncomingPhoneNumbers.json", self.buy),
            ("GET", rf"{ACCOUNT}/IncomingPhoneNumbers.json", self.list),
            ("GET", rf"{ACCOUNT}/SMS/ShortCodes.json", lambda request: told(200, {"short_codes": []})),
            ("POST", rf"{ACCOUNT}/IncomingPhoneNumbers/PN(\d+).json", self.change),
            ("DELETE", rf"{ACCOUNT}/IncomingPhoneNumbers/PN(\d+).json", self.release),
            ("GET", r"/v1/Services", self.services),
            ("GET", r"/v1/Services/(MG\w+)/PhoneNumbers/PN(\d+)", self.in_service),
            ("GET", r"/v1/Services/(MG\w+)/Compliance/Usa2p", self.campaigns),
            ("GET", r"/v1/a2p/BrandRegistrations.*", self.brand),
            ("GET", r"/v1/Tollfree/Verifications", self.verifications),
            ("POST", r"/v2/HostedNumber/Orders", self.host),
            ("GET", r"/v2/HostedNumber/Orders/HR1", self.hosted),
        ]

    def search(self, request: Request, country: str, resource: str) -> Answer:
        asked = query(request)
        found = [
            number
            for number in self.stock
            if asked.get("AreaCode", "") in number and asked.get("Contains", "") in number
        ]
        items = [
            {
                "phone_number": number,
                "iso_country": country,
                "locality": "Portland",
                "region": "OR",
                "capabilities": {"voice": True, "SMS": True, "MMS": True},
                "address_requirements": "none",
            }
            for number in found
        ]
        return told(200, {"available_phone_numbers": items})

    def prices(self, request: Request) -> Answer:
        prices = [
            {"number_type": "local", "base_price": "1.15", "current_price": "1.15"},
            {"number_type": "toll free", "base_price": "2.15", "current_price": "2.15"},
        ]
        return told(200, {"iso_country": "US", "price_unit": "USD", "phone_number_prices": prices})

    def buy(self, request: Request) -> Answer:
        number = form(request)["PhoneNumber"]
        refused = told(400, {"code": 21422, "message": f"{number} is not available.", "status": 400})
        return self.take(number, told(201, self._resource(number)), refused)

    def list(self, request: Request) -> Answer:
        wanted = query(request).get("PhoneNumber", "")
        items = [self._resource(number) for number in self.owned if wanted in {"", number}]
        return told(200, {"incoming_phone_numbers": items, "next_page_uri": None})

    def change(self, request: Request, digits: str) -> Answer:
        self.owned[f"+{digits}"] = form(request)["SmsUrl"]
        return told(200, self._resource(f"+{digits}"))

    def release(self, request: Request, digits: str) -> Answer:
        del self.owned[f"+{digits}"]
        return Answer(204)

    def services(self, request: Request) -> Answer:
        return told(200, {"services": [{"sid": "MG1", "us_app_to_person_registered": True}]})

    def in_service(self, request: Request, service: str, digits: str) -> Answer:
        is_in = self.registration != "missing" and f"+{digits}" in self.owned
        return told(200, {"phone_number": f"+{digits}"}) if is_in else told(404, {"code": 20404, "status": 404})

    def campaigns(self, request: Request, service: str) -> Answer:
        campaign = {
            "campaign_status": WORDS[self.registration],
            "campaign_id": "CABC123",
            "brand_registration_sid": "BN1",
            "errors": [{"description": "The sample texts lack STOP."}] if self.registration == "rejected" else [],
        }
        return told(200, {"compliance": [campaign]})

    def brand(self, request: Request) -> Answer:
        brand = {"sid": "BN1", "status": "APPROVED", "failure_reason": None}
        return told(200, brand if request.path.endswith("BN1") else {"data": [brand]})

    def verifications(self, request: Request) -> Answer:
        sid = query(request)["TollfreePhoneNumberSid"]
        if self.registration == "missing":
            return told(200, {"verifications": []})
        made: dict[str, Any] = {"tollfree_phone_number_sid": sid, "status": TOLL_FREE[self.registration]}
        if self.registration == "rejected":
            made |= {"rejection_reason": "The opt-in can't be seen", "edit_allowed": True}
        return told(200, {"verifications": [made]})

    def host(self, request: Request) -> Answer:
        self.asked = form(request)
        return told(201, {"sid": "HR1", "status": "received", "failure_reason": ""})

    def hosted(self, request: Request) -> Answer:
        self.owned.setdefault(self.asked["PhoneNumber"], "")
        return told(200, {"sid": "HR1", "status": "completed"})

    def _resource(self, number: str) -> dict[str, Any]:
        return {
            "sid": f"PN{number[1:]}",
            "phone_number": number,
            "capabilities": {"voice": True, "sms": True, "mms": True},
            "sms_url": self.owned.get(number, ""),
            "sms_method": "POST",
            "sms_application_sid": "",
        }
