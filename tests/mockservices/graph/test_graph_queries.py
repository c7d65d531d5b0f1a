"""Lists: filters, sorting, paging, counting, and which of it only an advanced query may ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockservices.clock import Millis
from mockservices.graph.errors import GraphError
from mockservices.graph.links import LIFETIME
from mockservices.graph.properties import GROUP, USER
from mockservices.graph.property_values import canonical_instant
from mockservices.graph.query import parse_filter
from mockservices.testing import make_services

if TYPE_CHECKING:
    from tests.mockservices.graph.conftest import Opener, Wire


def names(body: dict[str, Any]) -> list[str]:
    return [user["userPrincipalName"].partition("@")[0] for user in body["value"]]


def filtered(wire: Wire, text: str, **headers: str) -> list[str]:
    response = wire.ask("GET", "/users", params={"$filter": text, "$top": "999"}, headers=headers)
    assert response.status_code == 200, response.text
    return names(response.json())


def advanced(wire: Wire, text: str) -> list[str]:
    response = wire.ask(
        "GET",
        "/users",
        params={"$filter": text, "$count": "true", "$top": "999"},
        headers={"ConsistencyLevel": "eventual"},
    )
    assert response.status_code == 200, response.text
    assert response.json()["@odata.count"] == len(response.json()["value"])
    return names(response.json())


@pytest.fixture
def staff(wire: Wire) -> Wire:
    """Anna and Carl in IT, Bert (disabled) in Sales, Dora nowhere."""
    wire.user("anna", department="IT", jobTitle="Engineer", mail="anna@mail.example", employeeHireDate=at(1))
    wire.user("bert", department="Sales", accountEnabled=False, employeeType="Contractor", otherMails=["B@x.example"])
    wire.user("carl", department="it", givenName="O'Carl", employeeHireDate=at(3), employeeOrgData={"costCenter": "7"})
    wire.user("dora")
    return wire


def at(day: int) -> str:
    return f"2026-03-0{day}T08:00:00Z"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("userPrincipalName eq 'ANNA@contoso.example'", ["anna"]),
        ("department eq 'IT'", ["anna", "carl"]),
        ("department in ('IT', 'Sales')", ["anna", "bert", "carl"]),
        ("department in ('Sales')", ["bert"]),
        ("department IN('Sales')", ["bert"]),
        ("accountEnabled eq false", ["bert"]),
        ("accountEnabled eq true and department eq 'it'", ["anna", "carl"]),
        ("startsWith(displayName, 'a') or startswith(displayName,'B')", ["anna", "bert"]),
        ("STARTSWITH(displayName,'a') AND department EQ 'IT'", ["anna"]),
        ("(department eq 'IT' or department eq 'Sales') and startswith(displayName,'b')", ["bert"]),
        ("givenName eq 'O''Carl'", ["carl"]),
        ("department ge 'j'", ["bert"]),
        ("department le 'j'", ["anna", "carl"]),
        ("createdDateTime le 2026-03-02T09:00:00+01:00", ["anna", "bert", "carl", "dora"]),
        ("otherMails/any(m:m eq 'b@x.example')", ["bert"]),
        ("otherMails/any(m:startswith(m,'b@'))", ["bert"]),
        ("displayName eq 'x in (''y'') and not startsWith(z)'", []),
        ("  department   eq   'Sales'  ", ["bert"]),
    ],
)
def test_what_works_by_default(staff: Wire, text: str, found: list[str]) -> None:
    assert filtered(staff, text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("department ne 'IT'", ["bert", "dora"]),
        ("not startsWith(displayName,'a')", ["bert", "carl", "dora"]),
        ("NOT(department eq 'IT')", ["bert", "dora"]),
        ("not (department in ('IT','Sales'))", ["dora"]),
        ("department eq null", ["dora"]),
        ("department ne null", ["anna", "bert", "carl"]),
        ("accountEnabled ne true", ["bert"]),
        ("endsWith(mail,'@mail.example')", ["anna"]),
        ("endswith(userPrincipalName,'@contoso.example') and department eq 'Sales'", ["bert"]),
        ("employeeType eq 'contractor'", ["bert"]),
        ("employeeHireDate ge 2026-03-02T00:00:00Z", ["carl"]),
        ("employeeHireDate in (2026-03-01T08:00:00Z)", ["anna"]),
        ("employeeOrgData/costCenter eq '7'", ["carl"]),
    ],
)
def test_what_works_in_advanced_queries_only(staff: Wire, text: str, found: list[str]) -> None:
    status, code, message = staff.error("GET", "/users", params={"$filter": text})
    assert (status, code) == (400, "Request_UnsupportedQuery")
    assert "$count=true" in message
    assert "ConsistencyLevel:eventual" in message
    assert advanced(staff, text) == found
    for incomplete in ({"params": {"$filter": text, "$count": "true"}}, {"headers": {"ConsistencyLevel": "eventual"}}):
        options: dict[str, Any] = {"params": {"$filter": text}, **incomplete}
        assert staff.error("GET", "/users", **options)[0] == 400


@pytest.mark.parametrize(
    "text",
    [
        "contains(displayName,'a')",
        "employeeId in ('1')",
        "accountEnabled eq null",
        "displayName gt 'a'",
        "displayName lt 'a'",
        "otherMails eq 'x'",
        "otherMails/all(m:m eq 'x')",
        "otherMails/any()",
        "displayName/any(m:m eq 'x')",
        "streetAddress eq 'x'",
        "startswith(accountEnabled,'t')",
        "endswith(displayName,'a')",
        "department ge null",
        "startswith(otherMails,'x')",
        "otherMails/any(m:not startswith(m,'x'))",
    ],
)
def test_what_never_works_says_so(staff: Wire, text: str) -> None:
    status, code, message = staff.error(
        "GET",
        "/users?$count=true",
        params={"$filter": text, "$count": "true"},
        headers={"ConsistencyLevel": "eventual"},
    )
    assert (status, code) == (400, "Request_UnsupportedQuery")
    assert "supported" in message


def test_an_unsupported_operator_names_the_property(staff: Wire) -> None:
    assert staff.error("GET", "/users", params={"$filter": "displayName gt 'a'"})[2] == (
        "Unsupported or invalid query filter clause specified for property 'displayName' of resource 'User'."
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "displayName",
        "displayName eq",
        "displayName eq eq 'x'",
        "eq 'x'",
        "(displayName eq 'x'",
        "displayName eq 'x",
        "displayName eq true",
        "accountEnabled eq 'true'",
        "accountEnabled eq 1",
        "employeeHireDate ge 'yesterday'",
        "department in 'x'",
        "department in (null)",
        "nonsense eq 'x'",
        "manager/id eq 'x'",
        "assignedLicenses/$count eq 0",
        "1 eq 1",
        "length(displayName) eq 3",
        "otherMails/any(m:n eq 'x')",
        "otherMails/any(m:length(m) eq 3)",
        "duration'P1D' eq displayName",
        "not (" * 51 + "department eq 'x'" + ")" * 51,
        "not (" * 900 + "department eq 'x'" + ")" * 900,
        "/".join("a" * 3000) + " eq 'x'",
        "displayName eq P1D",
        "department in ('x' , employeeId)",
        "endswith(displayName)",
        "endswith('x',displayName)",
        "id eq displayName",
        "x" * 9000,
        "¤",
    ],
)
def test_a_malformed_filter_is_refused_at_the_edge(staff: Wire, text: str) -> None:
    assert staff.error("GET", "/users", params={"$filter": text})[:2] == (400, "Request_BadRequest")


def test_a_filter_of_many_clauses_is_no_burden(staff: Wire) -> None:
    text = " or ".join(f"displayName eq '{i}'" for i in range(250))
    assert filtered(staff, f"{text} or displayName eq 'anna'") == ["anna"]


@given(value=st.text(max_size=30))
def test_any_text_can_be_compared_with(value: str) -> None:
    services = make_services()
    quoted = value.replace("'", "''")
    found = parse_filter(f"displayName eq '{quoted}' or startsWith(mail,'{quoted}')", USER, services.directory)
    assert found.test(0, {"displayName": value})
    assert found.test(0, {"mail": value.upper().lower() + "more"}) or value.lower() != value.upper().lower()


@given(text=st.text(alphabet="abdeiqnorst' ()/:,01-TZ.$", max_size=40))
def test_a_filter_is_compiled_or_refused_and_never_a_crash(text: str) -> None:
    refused: list[int] = []
    try:
        parse_filter(text, GROUP, make_services().directory)
    except GraphError as error:
        refused.append(error.status)
    assert refused in ([], [400])


@given(st.datetimes())
def test_an_instant_is_read_only_with_its_offset(instant: Any) -> None:
    assert canonical_instant(instant.isoformat()) is None
    assert canonical_instant(instant.isoformat() + "Z") == instant.replace(microsecond=0).isoformat() + "Z"


def test_a_filter_on_id_or_name_touches_nobody_else(wires: Opener) -> None:
    with wires(100_000) as wire:
        identifier = wire.directory.user_id(77_777)
        for text in (
            "userPrincipalName eq 'P77777@contoso.example'",
            f"id eq '{identifier}'",
            f"id eq {identifier}",
            f"id in ('{identifier}','{identifier}') and accountEnabled eq true",
            f"id eq '{identifier}' or userPrincipalName eq 'p77777@contoso.example'",
        ):
            wire.people.asked = 0
            assert filtered(wire, text) == ["p77777"]
            assert wire.people.asked <= 2
        assert wire.directory._users == {}


def test_a_page_looks_at_no_more_than_it_needs(crowd: Wire) -> None:
    first = crowd.get("/users?$top=5&$select=userPrincipalName")
    assert names(first) == ["p0", "p1", "p2", "p3", "p4"]
    assert crowd.directory._users == {}


def test_pages_together_are_the_whole_list(crowd: Wire) -> None:
    pages = crowd.pages("/users?$top=99&$select=userPrincipalName")
    assert [len(page["value"]) for page in pages] == [99, 99, 52]
    assert [name for page in pages for name in names(page)] == [f"p{row}" for row in range(250)]


def test_a_default_page_holds_a_hundred(crowd: Wire) -> None:
    assert len(crowd.get("/users")["value"]) == 100


def test_a_next_link_is_absolute_keeps_the_options_and_forgets_nothing(crowd: Wire) -> None:
    link = crowd.get("/users?$select=id,displayName&$top=10&$filter=startswith(displayName,'Person 1')")[
        "@odata.nextLink"
    ]
    parts = urlsplit(link)
    assert (parts.scheme, parts.netloc, parts.path) == ("http", "graph.test", "/v1.0/users")
    options = dict(parse_qsl(parts.query))
    assert options["$select"] == "id,displayName"
    assert options["$filter"] == "startswith(displayName,'Person 1')"
    first, second = crowd.get(link), crowd.get(link)
    assert first == second  # a link can be followed again


def test_pages_are_stable_while_people_come_and_go(crowd: Wire) -> None:
    first = crowd.get("/users?$top=10&$select=userPrincipalName")
    for row in (3, 12):
        crowd.ask("DELETE", f"/users/p{row}@contoso.example")
    second = crowd.get(first["@odata.nextLink"])
    assert names(second) == [f"p{row}" for row in (10, 11, *range(13, 21))]


@pytest.mark.parametrize("top", ["0", "1000", "99999999999999999999"])
def test_a_page_size_out_of_bounds_is_refused(wire: Wire, top: str) -> None:
    assert wire.error("GET", f"/users?$top={top}") == (
        400,
        "Request_UnsupportedQuery",
        f"Invalid page size specified: '{top}'. Must be between 1 and 999 inclusive.",
    )


@pytest.mark.parametrize("top", ["ten", "", "1.5", "-", "¹"])
def test_a_page_size_that_is_no_number_is_refused(wire: Wire, top: str) -> None:
    assert wire.error("GET", "/users", params={"$top": top})[:2] == (400, "Request_BadRequest")


def test_the_largest_page_is_999(crowd: Wire) -> None:
    assert len(crowd.get("/users?$top=999")["value"]) == 250


@pytest.mark.parametrize("token", ["garbage", "!", "e30", "bnVsbA", "é"])
def test_a_page_token_of_somebody_else_is_refused(wire: Wire, token: str) -> None:
    assert wire.error("GET", "/users", params={"$skiptoken": token}) == (400, "", "Invalid Skip Token")


def test_a_page_token_is_good_for_its_own_list_only(crowd: Wire) -> None:
    token = dict(parse_qsl(urlsplit(crowd.get("/users?$top=1")["@odata.nextLink"]).query))["$skiptoken"]
    assert crowd.error("GET", f"/groups?$skiptoken={token}")[2] == "Invalid Skip Token"
    assert crowd.error("GET", f"/users?$orderby=displayName&$skiptoken={token}")[2] == "Invalid Skip Token"


def test_an_old_page_token_has_expired(crowd: Wire) -> None:
    link = crowd.get("/users?$top=1")["@odata.nextLink"]
    crowd.services.clock.now = Millis(LIFETIME + 1)
    assert crowd.error("GET", link) == (
        400,
        "Directory_ExpiredPageToken",
        "The specified page token value has expired and can no longer be included in your request.",
    )


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("select=id", "Unrecognized query argument specified: 'select'."),
        ("$selct=id", "Unrecognized query argument specified: '$selct'."),
        ("$top=1&$top=2", "Unrecognized query argument specified: '$top'."),
        ("$skip=5", "'$skip' is not supported by the service."),
        ("$deltatoken=latest", "'$deltatoken' is not supported by the service."),
        ("$count=maybe", "Invalid value 'maybe' for $count query option found."),
    ],
)
def test_an_option_that_is_not_understood_is_refused(wire: Wire, query: str, message: str) -> None:
    assert wire.error("GET", f"/users?{query}") == (400, "Request_BadRequest", message)


def test_an_unknown_property_in_select_is_refused(wire: Wire) -> None:
    assert wire.error("GET", "/users?$select=id,shoeSize") == (
        400,
        "Request_BadRequest",
        (
            "Parsing OData Select and Expand failed: Could not find a property named 'shoeSize' on type "
            "'microsoft.graph.user'."
        ),
    )


def test_a_property_of_another_service_is_not_implemented(wire: Wire) -> None:
    refusal = (501, "NotImplemented", "This operation target is not yet supported.")
    assert wire.error("GET", "/users?$select=skills") == refusal


def test_options_may_be_percent_encoded(wire: Wire) -> None:
    user = wire.user("anna")
    assert wire.get("/users?%24select=id&%24top=1")["value"] == [{"id": user}]


def test_expansion_knows_only_the_manager(wire: Wire) -> None:
    assert wire.error("GET", "/users?$expand=directReports")[:2] == (400, "Request_UnsupportedQuery")
    assert wire.error("GET", "/users?$expand=manager($select=shoeSize)")[0] == 400


def test_search_names_its_header_and_is_left_out_with_it(wire: Wire) -> None:
    query = '/users?$search="displayName:anna"'
    assert wire.error("GET", query) == (
        400,
        "Request_UnsupportedQuery",
        (
            "Request with $search query parameter only works through MSGraph with a special request header: "
            "'ConsistencyLevel: eventual'"
        ),
    )
    assert wire.error("GET", query, headers={"ConsistencyLevel": "eventual"})[0] == 400


def test_sorting_goes_both_ways_and_over_pages(crowd: Wire) -> None:
    crowd.ask("PATCH", "/users/p7@contoso.example", json={"displayName": "person 55"})  # a tie but for letter case
    expected = sorted(range(250), key=lambda row: ("person 55" if row == 7 else f"person {row}", row))
    for direction, rows in (("", expected), (" desc", expected[::-1])):
        pages = crowd.pages(f"/users?$orderby=displayName{direction}&$top=60&$select=userPrincipalName")
        assert [name for page in pages for name in names(page)] == [f"p{row}" for row in rows]


@pytest.mark.parametrize("query", ["$orderby=department", "$orderby=displayName sideways", "$orderby=createdDateTime"])
def test_sorting_by_anything_else_is_refused(wire: Wire, query: str) -> None:
    assert wire.error("GET", f"/users?{query}") == (
        400,
        "Request_UnsupportedQuery",
        "Sorting not supported for current query.",
    )


def test_sorting_a_filtered_list_is_an_advanced_query(crowd: Wire) -> None:
    query = "/users?$filter=department eq 'D1'&$orderby=displayName desc&$top=3&$select=userPrincipalName"
    assert crowd.error("GET", query)[2] == "Sorting not supported for current query."
    first = crowd.advanced(query)
    assert (names(first), first["@odata.count"]) == (["p19", "p18", "p17"], 10)
    second = crowd.get(first["@odata.nextLink"])  # the link remembers that the query was an advanced one
    assert names(second) == ["p16", "p15", "p14"]
    assert "@odata.count" not in second


def test_a_count_without_its_header_is_passed_over(crowd: Wire) -> None:
    assert "@odata.count" not in crowd.get("/users?$count=true")
    assert crowd.advanced("/users?$top=1")["@odata.count"] == 250


def test_the_count_segment_wants_the_header(crowd: Wire) -> None:
    assert crowd.error("GET", "/users/$count") == (
        400,
        "Request_BadRequest",
        "$count is not currently supported.",
    )
    crowd.ask("DELETE", "/users/p1@contoso.example")
    headers = {"ConsistencyLevel": "eventual"}
    assert crowd.ask("GET", "/users/$count", headers=headers).text == "249"
    assert crowd.ask("GET", "/users/$count?$filter=department ne 'D0'", headers=headers).text == "240"
