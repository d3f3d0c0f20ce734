"""`warehouse prohibit`, and the commands of `warehouse user` that invite: who may open an account."""

from __future__ import annotations

import json

import click

from warehouse.cli.family import Family
from warehouse.cli.needs import Application
from warehouse.cli.tables import print_table, shown, written
from warehouse.operations import invitations, prohibitions
from warehouse.work import OPERATOR, begin

comment_option = click.option("--comment", default="", metavar="TEXT", help="Why, for those who look at the list.")


@click.command("invite")
@click.argument("address")
@click.pass_obj
def invite_(application: Application, address: str) -> None:
    """Invite the owner of ADDRESS to open an account.

    The link is sent there by mail, and printed. It works once. Inviting again makes another one.
    """
    with application.tools() as tools, begin(tools, OPERATOR) as work:
        invitation = invitations.invite(work, address)
        link = invitations.invitation_link(work, invitation)
        sentence = f"{invitation.address} is invited until {shown(invitation.expires_at)} UTC."
    click.echo(sentence)
    click.echo(link)


@click.command("invited")
@click.option("--json", "as_json", is_flag=True, help="A JSON array, one object for each invitation.")
@click.pass_obj
def invited_(application: Application, as_json: bool) -> None:
    """List the invitations that nobody has used yet, the newest first."""
    with application.tools() as tools, begin(tools, OPERATOR) as work:
        found = [(one.address, one.invited_by, one.created_at, one.expires_at) for one in invitations.invitations(work)]
    if as_json:
        names = ("email", "invited_by", "created_at", "expires_at")
        rows = [(address, by, written(at), written(until)) for address, by, at, until in found]
        click.echo(json.dumps([dict(zip(names, row, strict=True)) for row in rows], indent=2))
    else:
        listed = [(address, by, shown(at), shown(until)) for address, by, at, until in found]
        print_table(("E-MAIL", "INVITED BY", "AT (UTC)", "UNTIL (UTC)"), listed)


@click.command("uninvite")
@click.argument("address")
@click.pass_obj
def uninvite_(application: Application, address: str) -> None:
    """Take the invitation of ADDRESS back; an account that was opened with it stays."""
    with application.tools() as tools, begin(tools, OPERATOR) as work:
        invitations.revoke_invitation(work, invitations.find_invitation(work, address))
    click.echo(f"{address} is no longer invited.")


@click.group(cls=Family)
def prohibit() -> None:
    """Say which usernames and mail domains nobody registers with."""


@prohibit.group(cls=Family)
def username() -> None:
    """Add, list and remove usernames that nobody can register."""


@username.command("add")
@click.argument("name")
@comment_option
@click.pass_obj
def add_username(application: Application, name: str, comment: str) -> None:
    """Let nobody register NAME, in any case; whoever has it keeps it."""
    with application.tools() as tools, begin(tools, OPERATOR) as work:
        prohibitions.prohibit_username(work, name, comment=comment)
    click.echo(f"Nobody can register {name} any more.")


@username.command("list")
@click.option("--json", "as_json", is_flag=True, help="A JSON array, one object for each name.")
@click.pass_obj
def list_usernames(application: Application, as_json: bool) -> None:
    """List the usernames that nobody can register."""
    with application.tools() as tools, begin(tools, OPERATOR) as work:
        found = [
            (one.name, one.prohibited_by, one.created_at, one.comment)
            for one in prohibitions.prohibited_usernames(work)
        ]
    if as_json:
        names = ("username", "prohibited_by", "created_at", "comment")
        rows = [(name, by, written(at), comment) for name, by, at, comment in found]
        click.echo(json.dumps([dict(zip(names, row, strict=True)) for row in rows], indent=2))
    else:
        listed = [(name, by, shown(at), comment) for name, by, at, comment in found]
        print_table(("NAME", "BY", "SINCE (UTC)", "COMMENT"), listed)


@username.command("remove")
@click.argument("name")
@click.pass_obj
def remove_username(application: Application, name: str) -> None:
    """Let people register NAME again."""
    with application.tools() as tools, begin(tools, OPERATOR) as work:
        prohibitions.permit_username(work, name)
    click.echo(f"{name} can be registered again.")


@prohibit.group(cls=Family)
def domain() -> None:
    """Add, list and remove mail domains that nobody can register with."""


@domain.command("add")
@click.argument("name")
@click.option("--mail-hosts", is_flag=True, help="Of addresses whose mail is received by hosts of this name, instead.")
@comment_option
@click.pass_obj
def add_domain(application: Application, name: str, mail_hosts: bool, comment: str) -> None:
    """Let nobody register or add addresses of NAME, or of domains below it.

    Accounts that have one keep it. Mail hosts are looked up where the setting accounts.check_mail_domains is on.
    """
    with application.tools() as tools, begin(tools, OPERATOR) as work:
        found = prohibitions.prohibit_domain(work, name, mail_hosts=mail_hosts, comment=comment)
        sentence = f"Addresses {'with mail hosts of' if mail_hosts else 'of'} {found.domain} are not taken any more."
    click.echo(sentence)


@domain.command("list")
@click.option("--json", "as_json", is_flag=True, help="A JSON array, one object for each domain.")
@click.pass_obj
def list_domains(application: Application, as_json: bool) -> None:
    """List the mail domains that nobody can register with."""
    with application.tools() as tools, begin(tools, OPERATOR) as work:
        found = [
            (one.domain, one.is_mx, one.prohibited_by, one.created_at, one.comment)
            for one in prohibitions.prohibited_domains(work)
        ]
    if as_json:
        names = ("domain", "mail_hosts", "prohibited_by", "created_at", "comment")
        rows = [(name, is_mx, by, written(at), comment) for name, is_mx, by, at, comment in found]
        click.echo(json.dumps([dict(zip(names, row, strict=True)) for row in rows], indent=2))
    else:
        listed = [
            (name, "mail hosts" if is_mx else "addresses", by, shown(at), comment)
            for name, is_mx, by, at, comment in found
        ]
        print_table(("DOMAIN", "OF", "BY", "SINCE (UTC)", "COMMENT"), listed)


@domain.command("remove")
@click.argument("name")
@click.pass_obj
def remove_domain(application: Application, name: str) -> None:
    """Take addresses of NAME again."""
    with application.tools() as tools, begin(tools, OPERATOR) as work:
        found = prohibitions.permit_domain(work, name)
        sentence = f"Addresses of {found.domain} are taken again."
    click.echo(sentence)
