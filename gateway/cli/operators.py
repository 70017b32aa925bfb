"""Console accounts from a server's command line: the first administrators, and a way back in.

Whoever can run this has the keys of the platform anyway, so it asks for no second person; what it
does stands in the audit under ``command-line``.
"""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from backend.operators.service import Initial
    from backend.province import Province
    from backend.settings import Settings

app = typer.Typer(
    help="Console accounts: create the first administrators, reset, list.", no_args_is_help=True
)

Username = Annotated[str, typer.Argument(help="Lower-case letters, digits, dot, dash, underscore.")]
ROLES = "clerk, head, operator, system_admin, security_admin or audit_admin"


@app.command()
def create(
    username: Username,
    name: Annotated[str, typer.Option(help="The person's name.")],
    role: Annotated[str, typer.Option(help=f"{ROLES}.")],
    department: Annotated[str, typer.Option(help="USCC, for clerk and head.")] = "",
) -> None:
    """Make an active account; prints its one-time password and TOTP address, once."""
    from backend.operators.service import Role, Wanted
    from gateway.cli.commands import fail

    if role not in list(Role):
        fail(f"没有角色 {role}，可用的有 {ROLES} (unknown role)")
    wanted = Wanted(username, name, Role(role), department or None)

    async def work(province: "Province") -> None:
        _show(await province.operators.bootstrap_account(wanted))

    _run(work)


@app.command()
def reset(username: Username) -> None:
    """Unlock an account and give it a new one-time password and TOTP address."""

    async def work(province: "Province") -> None:
        _show(await province.operators.bootstrap_reset(username))

    _run(work)


@app.command("list")
def list_accounts() -> None:
    """Every account that is not disabled."""

    async def work(province: "Province") -> None:
        for one in await province.operators.bootstrap_list():
            enrolled = "enrolled" if one.enrolled else "first login to come"
            department = one.department_uscc or "platform"
            print(f"{one.username}\t{one.role}\t{one.state}\t{department}\t{enrolled}")

    _run(work)


def _show(made: "Initial") -> None:
    from backend.operators.service import uri_of

    print(f"用户名 username: {made.account.username}")
    print(f"一次性密码 one-time password: {made.password}")
    if made.secret is not None:
        print(f"动态码 TOTP: {uri_of(made.secret, made.account.username)}")
    print(f"有效期至 valid until: {made.until.astimezone():%Y-%m-%d %H:%M}")
    print("只显示这一次；首次登录时设置自己的密码 · shown once; change it at the first login")


def _run(work: Callable[["Province"], Awaitable[Any]]) -> None:
    from gateway.cli.commands import finish, settings

    finish(_with_province(work, settings()))


async def _with_province(
    work: Callable[["Province"], Awaitable[Any]], settings: "Settings"
) -> None:
    from backend.province import open_province
    from backend.store.database import migrate

    # The first of all accounts may well be what a server gets first.
    await migrate(settings.database_url)
    province = await open_province(settings)
    try:
        await work(province)
    finally:
        await province.close()
