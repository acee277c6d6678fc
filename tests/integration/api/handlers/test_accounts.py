"""Accounts over HTTP."""

import uuid

import pytest

from tests.integration.api.conftest import V1, Api

pytestmark = pytest.mark.servers


def person() -> dict[str, str]:
    name = f"u{uuid.uuid4().hex[:12]}"
    return {"username": name, "email": f"{name}@example.com", "password": f"horse-{name}"}


@pytest.mark.parametrize("path", [f"{V1}/auth/register", "/api/register/", "/api/auth/register/"])
async def test_a_person_registers_signs_in_and_reads_their_profile(api: Api, path: str) -> None:
    wanted = person()
    made = await api.made(path, {**wanted, "password_confirm": wanted["password"]})
    assert (made["username"], made["role"]) == (wanted["username"], "customer")
    for login in ({"email": wanted["email"].upper()}, {"username": wanted["username"]}):
        session = await api.post("/api/token/", {**login, "password": wanted["password"]})
        assert (session.status, session.json["token_type"], session.headers["Cache-Control"]) == (
            200,
            "Bearer",
            "no-store",
        )
        assert session.json["expires_in"] > 0
        me = api.signed(session.json["access"])
        assert (await me.get("/api/auth/profile/")).json == made


async def test_weak_used_and_contradicting_registrations_are_refused_by_field(api: Api) -> None:
    wanted = person()
    await api.made(f"{V1}/auth/register", wanted)
    assert (await api.post(f"{V1}/auth/register", wanted)).faulty_fields() == {"username", "email"}
    assert (await api.post(f"{V1}/auth/register", {**person(), "password": "short"})).faulty_fields() == {"password"}
    other = {**person(), "password_confirm": "something else"}
    assert (await api.post(f"{V1}/auth/register", other)).faulty_fields() == {"password_confirm"}
    assert (await api.post(f"{V1}/auth/register", {**person(), "role": "admin"})).faulty_fields() == {"role"}


async def test_a_wrong_password_and_an_unknown_account_look_the_same(api: Api) -> None:
    wanted = person()
    await api.made(f"{V1}/auth/register", wanted)
    wrong = await api.post(f"{V1}/auth/login", {"email": wanted["email"], "password": "wrong"})
    unknown = await api.post(f"{V1}/auth/login", {"email": "nobody@example.com", "password": "wrong"})
    assert wrong.problem(401, "not-authenticated")["detail"] == unknown.problem(401, "not-authenticated")["detail"]


async def test_a_login_names_one_account(api: Api) -> None:
    assert (await api.post(f"{V1}/auth/login", {"password": "x"})).faulty_fields() == {"email"}
    both = {"email": "a@b.co", "username": "a", "password": "x"}
    assert (await api.post(f"{V1}/auth/login", both)).faulty_fields() == {"username"}


async def test_a_session_goes_on_and_a_spent_token_ends_it(api: Api) -> None:
    wanted = person()
    await api.made(f"{V1}/auth/register", wanted)
    first = (await api.post(f"{V1}/auth/login", {"email": wanted["email"], "password": wanted["password"]})).json
    second = (await api.post(f"{V1}/auth/refresh", {"refresh": first["refresh"]})).json
    assert (await api.signed(second["access"]).get(f"{V1}/auth/profile")).status == 200
    third = (await api.post("/api/token/refresh/", {"refresh": second["refresh"]})).json
    for spent in (first, third):
        (await api.post("/api/auth/token/refresh/", {"refresh": spent["refresh"]})).problem(401, "not-authenticated")


async def test_a_profile_is_changed_by_its_owner_and_its_role_by_nobody(customer: Api, api: Api) -> None:
    changed = await customer.call("PATCH", f"{V1}/auth/profile", {"phone": "+37060000000", "first_name": "Ona"})
    assert (changed.status, changed.json["phone"], changed.json["first_name"]) == (200, "+37060000000", "Ona")
    assert (await customer.call("PATCH", f"{V1}/auth/profile", {"role": "admin"})).faulty_fields() == {"role"}
    assert (await customer.call("PATCH", f"{V1}/auth/profile", {"phone": "call me"})).faulty_fields() == {"phone"}
    (await api.get(f"{V1}/auth/profile")).problem(401, "not-authenticated")
