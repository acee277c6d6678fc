"""`aisle users`: accounts made at the command line, as the first staff account must be."""

import os

import click

from cli.dependencies import with_database
from order_service.accounts.account import Account
from order_service.accounts.create_user import NewAccount, account_faults, create_user
from order_service.accounts.passwords import PasswordHasher
from order_service.database.engine import Database
from order_service.errors import InvalidInput


@click.group()
def users() -> None:
    """Create accounts."""


@users.command()
@click.option("--role", type=click.Choice(["customer", "staff", "admin"]), default="customer", show_default=True)
@click.option("--email", required=True, help="Address of the account; unique.")
@click.option("--username", required=True, help="Name to sign in with; unique.")
@click.option(
    "--password-env", metavar="VARIABLE", help="Environment variable with the password; else it is asked for."
)
@click.option("--exists-ok", is_flag=True, help="Leave an account of this name and address as it is.")
def create(role: str, email: str, username: str, password_env: str | None, *, exists_ok: bool) -> None:
    """Create an account with a role."""
    new = NewAccount(username=username, email=email, password=_password(password_env), role=role)
    account = with_database("users", lambda database: _create(database, new, exists_ok=exists_ok))
    if account is None:
        click.echo(f"{username} <{email}> exists, left as it is")
    else:
        click.echo(f"created {account.role} {account.username} <{account.email}>, id {account.id}")


async def _create(database: Database, new: NewAccount, *, exists_ok: bool) -> Account | None:
    """Create the account; None when it exists and that is fine. Raises InvalidInput."""
    try:
        return await create_user(database, PasswordHasher(), new)
    except InvalidInput as error:
        taken = {fault.field for fault in error.faults} == {"username", "email"}
        if exists_ok and taken and not account_faults(new):
            return None
        raise


def _password(variable: str | None) -> str:
    if variable is None:
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    password = os.environ.get(variable)
    if not password:
        raise click.ClickException(f"{variable} is not set; it is to hold the password")
    return password
