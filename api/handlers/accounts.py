"""`/auth`: registering, signing in, refreshing a session, one's own profile."""

from typing import ClassVar

import msgspec
import structlog
from msgspec import UNSET

from api.access import Access, Rule
from api.handler import ApiHandler
from api.rate_limits.scopes import AUTH
from api.reading.cart_sessions import HEADER as SESSION_ID
from api.reading.cart_sessions import guest_of
from api.reading.faults import RequestFault, SessionIdMissing
from api.routing import Route
from order_service.accounts.account import Account
from order_service.accounts.create_user import NewAccount, create_user
from order_service.accounts.profile import ProfileChanges, change_profile, read_profile
from order_service.accounts.refresh_tokens import rotate_refresh_token
from order_service.accounts.sign_in import sign_in
from order_service.carts.merge_carts import merge_guest_cart
from order_service.errors import FieldFault, InvalidInput, NoOpenCart, OrderServiceError
from schemas.http_api.accounts import (
    LoginBody,
    ProfileBody,
    ProfileChangesBody,
    RefreshBody,
    RegistrationBody,
    SessionBody,
)
from schemas.ids import UserId

OPEN = Rule(Access.ANYONE, (AUTH,))
log = structlog.get_logger(__name__)


class Registration(ApiHandler):
    """New accounts."""

    rules: ClassVar = {"POST": OPEN}

    async def post(self) -> None:
        """Create an account of a customer."""
        body = self.body(RegistrationBody)
        if body.password_confirm is not UNSET and body.password_confirm != body.password:
            raise InvalidInput([FieldFault("password_confirm", "differs from password")])
        new = NewAccount(body.username, body.email, body.password)
        account = await create_user(self.dependencies.database, self.dependencies.hasher, new)
        self.answer_created(profile_body(account), "/api/v1/auth/profile")


class Login(ApiHandler):
    """New sessions."""

    rules: ClassVar = {"POST": OPEN}

    async def post(self) -> None:
        """Sign in with a name or an address, and the password."""
        body = self.body(LoginBody)
        deps = self.dependencies
        session = await sign_in(
            deps.database,
            deps.hasher,
            deps.signer,
            deps.settings.auth,
            login=login_of(body),
            password=body.password,
            client_address=self.request.remote_ip or "",
        )
        await self._bring_cart(session.account.id)
        self.set_header("Cache-Control", "no-store")
        self.answer(SessionBody(access=session.access, refresh=session.refresh, expires_in=session.expires_in))

    async def _bring_cart(self, user_id: UserId) -> None:
        """Merge the cart of the guest who signs in; what stands in the way of that leaves both carts as they are."""
        deps = self.dependencies
        try:
            guest = guest_of(self.request.headers.get(SESSION_ID), UNSET, "", deps.settings.auth.secret_key)
            await merge_guest_cart(deps.database, user_id, guest, deps.settings.carts, self.request_id)
        except (RequestFault, OrderServiceError) as reason:
            if not isinstance(reason, SessionIdMissing | NoOpenCart):
                log.info("cart_not_merged", request_id=self.request_id, user=user_id, reason=repr(reason)[:200])


class Refresh(ApiHandler):
    """Sessions that go on."""

    rules: ClassVar = {"POST": OPEN}

    async def post(self) -> None:
        """Trade a refresh token for a new pair."""
        deps = self.dependencies
        rotation = await rotate_refresh_token(deps.database, deps.settings.auth, self.body(RefreshBody).refresh)
        access = deps.signer.sign(rotation.account)
        self.set_header("Cache-Control", "no-store")
        self.answer(SessionBody(access=access, refresh=rotation.refresh, expires_in=deps.signer.lifetime_s))


class Profile(ApiHandler):
    """The caller's own account."""

    rules: ClassVar = {"GET": Rule(Access.CUSTOMER), "PATCH": Rule(Access.CUSTOMER)}

    async def get(self) -> None:
        """Show it."""
        self.parameters().finish()
        self.answer(profile_body(await read_profile(self.dependencies.database, self.caller.user_id)))

    async def patch(self) -> None:
        """Change the fields that the body names."""
        changes = ProfileChanges(**msgspec.structs.asdict(self.body(ProfileChangesBody)))
        self.answer(profile_body(await change_profile(self.dependencies.database, self.caller.user_id, changes)))


def login_of(body: LoginBody) -> str:
    """Give the one name that was sent; raises InvalidInput for none or two."""
    if isinstance(body.email, str) and isinstance(body.username, str):
        raise InvalidInput([FieldFault("username", "cannot be given beside email")])
    if isinstance(body.email, str):
        return body.email
    if isinstance(body.username, str):
        return body.username
    raise InvalidInput([FieldFault("email", "is required, or username instead of it")])


def profile_body(account: Account) -> ProfileBody:
    """Render the account for its owner."""
    return ProfileBody(**msgspec.structs.asdict(account))


ROUTES = [
    Route("/api/v1/auth/register", Registration),
    Route("/api/v1/auth/login", Login),
    Route("/api/v1/auth/refresh", Refresh),
    Route("/api/v1/auth/profile", Profile),
]
