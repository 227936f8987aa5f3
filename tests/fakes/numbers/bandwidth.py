"""Bandwidth's Dashboard API in XML, and its newer registration APIs in JSON."""

from __future__ import annotations

import re

from tests.fakes.http_server import Answer, Request
from tests.fakes.numbers.desk import NumberFake, Route, basic, query, told

ACCOUNT = r"/api/accounts/\d+"
NEWER = r"/api/v2/accounts/\d+"
TEN_DLC = {"approved": "SUCCESS", "pending": "PROCESSING", "rejected": "FAILURE"}
TOLL_FREE = {"approved": "VERIFIED", "pending": "PENDING", "rejected": "UNVERIFIED"}


class Bandwidth(NumberFake):
    """The fake. There is one application; `owned` says nothing of addresses."""

    def __post_init__(self) -> None:
        self.inbound, self.outbound, self.user = "", "", ""

    def authorization(self) -> str:
        return basic(self.credentials["api_user"], self.credentials["api_password"])

    def routes(self) -> list[Route]:
        return [
            ("GET", rf"{ACCOUNT}/availableNumbers", self.search),
            ("POST", rf"{ACCOUNT}/orders", self.buy),
            ("GET", rf"{ACCOUNT}/orders/o-1", lambda request: _xml("<OrderStatus>COMPLETE</OrderStatus>")),
            ("GET", r"/api/tns", self.list),
            ("GET", r"/api/tns/(\d{10})", self.one),
            ("GET", rf"{ACCOUNT}/applications/([\w-]+)", self.application),
            ("PUT", rf"{ACCOUNT}/applications/([\w-]+)", self.update),
            ("POST", rf"{ACCOUNT}/disconnects", self.release),
            ("POST", rf"{ACCOUNT}/importTnChecker", self.check),
            ("POST", rf"{ACCOUNT}/importTnOrders", self.host),
            ("GET", rf"{ACCOUNT}/importTnOrders/i-1", self.hosted),
            ("GET", rf"{NEWER}/tendlc/phoneNumbers/(\+\d+)", self.ten_dlc),
            ("GET", rf"{NEWER}/phoneNumbers/(\+\d+)/tollFreeVerification", self.verification),
        ]

    def search(self, request: Request) -> Answer:
        asked = query(request)
        wanted = asked.get("areaCode", "") or asked.get("localVanity", "")
        if "tollFreeWildCardPattern" in asked:
            assert re.fullmatch(r"8[0-9*]\*", asked["tollFreeWildCardPattern"])
        found = "".join(f"<TelephoneNumber>{one[2:]}</TelephoneNumber>" for one in self.stock if wanted in one)
        return _xml(f"<ResultCount>9</ResultCount><TelephoneNumberList>{found}</TelephoneNumberList>")

    def buy(self, request: Request) -> Answer:
        body = request.body.decode()
        assert "<SiteId>461</SiteId>" in body
        number = f"+1{_leaf(body, 'TelephoneNumber')}"
        done = _xml("<Order><id>o-1</id></Order><OrderStatus>RECEIVED</OrderStatus>", status=201)
        refused = _xml("<Error><Code>5005</Code><Description>not available</Description></Error>", status=400)
        return self.take(number, done, refused)

    def list(self, request: Request) -> Answer:
        found = "".join(f"<TelephoneNumber><FullNumber>{one[2:]}</FullNumber></TelephoneNumber>" for one in self.owned)
        return _xml(f"<TelephoneNumbers>{found}</TelephoneNumbers>")

    def one(self, request: Request, digits: str) -> Answer:
        if f"+1{digits}" not in self.owned:
            return _xml("<Error><Description>not found</Description></Error>", status=404)
        return _xml(f"<TelephoneNumber>{digits}</TelephoneNumber><Status>Inservice</Status>")

    def application(self, request: Request, key: str) -> Answer:
        inside = f"<AppName>Desk</AppName><InboundCallbackUrl>{self.inbound}</InboundCallbackUrl>"
        return _xml(f"<Application><ApplicationId>{key}</ApplicationId>{inside}</Application>")

    def update(self, request: Request, key: str) -> Answer:
        body = request.body.decode()
        assert _leaf(body, "ServiceType") == "Messaging-V2"
        self.inbound = _leaf(body, "InboundCallbackUrl").replace("&amp;", "&")
        self.outbound, self.user = _leaf(body, "OutboundCallbackUrl"), _leaf(body, "UserId")
        return self.application(request, key)

    def release(self, request: Request) -> Answer:
        del self.owned[f"+1{_leaf(request.body.decode(), 'TelephoneNumber')}"]
        return _xml("<OrderStatus>RECEIVED</OrderStatus>", status=201)

    def check(self, request: Request) -> Answer:
        number = _leaf(request.body.decode(), "TelephoneNumber")
        if number.endswith("99"):
            why = "<Description>It is a mobile number.</Description>"
            return _xml(f"<ImportTnErrors><ImportTnError>{why}</ImportTnError></ImportTnErrors>")
        return _xml(f"<TelephoneNumbers><TelephoneNumber>{number}</TelephoneNumber></TelephoneNumbers>")

    def host(self, request: Request) -> Answer:
        body = request.body.decode()
        assert _leaf(body, "LoaAuthorizingPerson")
        self.asked = f"+1{_leaf(body, 'TelephoneNumber')}"
        return _xml("<OrderId>i-1</OrderId><ProcessingStatus>PROCESSING</ProcessingStatus>", status=201)

    def hosted(self, request: Request) -> Answer:
        self.owned.setdefault(self.asked, "")
        return _xml("<OrderId>i-1</OrderId><ProcessingStatus>COMPLETE</ProcessingStatus>")

    def ten_dlc(self, request: Request, number: str) -> Answer:
        if self.registration == "missing":
            return told(404, {"errors": []})
        made = {"phoneNumber": number, "status": TEN_DLC[self.registration], "campaignId": "CEXMPL1"}
        return told(200, {"data": made})

    def verification(self, request: Request, number: str) -> Answer:
        if self.registration == "missing":
            return told(404, {"type": "not-found", "description": "No verification"})
        made = {"phoneNumber": number, "status": TOLL_FREE[self.registration]}
        if self.registration == "rejected":
            made["declineReasonDescription"] = "The opt-in is unclear."
        return told(200, made)


def _xml(inside: str, *, status: int = 200) -> Answer:
    body = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Response>{inside}</Response>'
    return Answer(status, body.encode(), content_type="application/xml")


def _leaf(body: str, name: str) -> str:
    found = re.search(rf"<{name}>([^<]*)</{name}>", body)
    return found.group(1) if found else ""
