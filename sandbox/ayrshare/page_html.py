"""The HTML of the page behind a link; it needs no script."""

from html import escape

from sandbox.ayrshare.account import Profile
from sandbox.ayrshare.links import IssuedLink
from sandbox.ayrshare.social_accounts import LABELS

STYLE = """
:root { color-scheme: light dark; --line: light-dark(#d9dce3, #3a3f4b); --quiet: light-dark(#5b6270, #a5adbb);
  --panel: light-dark(#fff, #20242d); --ground: light-dark(#f3f4f8, #14171d);
  --strong: light-dark(#3b42c4, #a9b0ff);
  --on-strong: light-dark(#fff, #14171d); --good: light-dark(#18794e, #6fd9a5); }
* { box-sizing: border-box }
body { margin: 0; padding: 2rem 1rem; color: light-dark(#1c1f26, #eceef2); background: var(--ground);
  font: 1rem/1.5 Lato, system-ui, sans-serif }
main { max-width: 36rem; margin: auto; padding: 1.75rem; background: var(--panel);
  border: 1px solid var(--line); border-radius: 14px }
h1 { margin: 0 0 .25rem; font-size: 1.4rem; line-height: 1.25; overflow-wrap: anywhere }
p { margin: 0; color: var(--quiet) }
ul { list-style: none; margin: 1.25rem 0; padding: 0 }
li { display: flex; align-items: center; gap: .75rem; padding: .6rem 0; border-top: 1px solid var(--line) }
li div { flex: 1; min-width: 0; overflow-wrap: anywhere }
li small { display: block; color: var(--good) }
label { display: block; margin-top: 1rem; font-size: .9rem; color: var(--quiet) }
select { max-width: 100%; padding: .4rem .6rem; font: inherit; color: inherit; border: 1px solid var(--line);
  border-radius: 8px; background: var(--panel) }
button { min-width: 5.5rem; padding: .5rem 1rem; font: inherit; border-radius: 8px; cursor: pointer;
  border: 1px solid var(--strong); background: var(--strong); color: var(--on-strong) }
button.quiet { background: transparent; color: var(--strong) }
button.wide { width: 100% }
:focus-visible { outline: 3px solid var(--strong); outline-offset: 2px }
footer { margin-top: 1.25rem; font-size: .85rem; color: var(--quiet) }
"""


PEOPLE = ("Ben Brandt", "Cara Costa", "Eve Ericsson")
"""Who else may be signed in at the networks in this browser, so that a wrong account gets connected."""


def grid(profile: Profile, link: IssuedLink, *, signed_in: str, changed: str = "") -> str:
    """Return the page with the offered networks, at the one that was `changed`; `signed_in` is chosen already."""
    rows = "".join(_row(profile, network, link, focused=network == changed) for network in link.networks)
    body = f"""<h1>{escape(profile.title)}</h1>
<p>Link the social accounts of this profile.</p>
<form method="post">{_signed_in(profile, signed_in)}
<ul>{rows}</ul><button class="wide" name="done" value="1">Done</button></form>
{_footer(link)}"""
    return _page(f"Link accounts: {profile.title}", body)


def sign_in(profile: Profile, link: IssuedLink, *, signed_in: str) -> str:
    """Return the page of a link that leads straight to the sign-in of one network."""
    network = link.networks[0]
    label = LABELS[network]
    body = f"""<h1>Sign in to {label}</h1>
<p>{escape(profile.title)} wants to post to your account{_method(network, link)}.</p>
<form method="post">{_signed_in(profile, signed_in)}<ul></ul>
<button class="wide" name="link" value="{network}" aria-label="Link {label}">Allow</button>
</form>
{_footer(link)}"""
    return _page(f"Sign in to {label}", body)


def invalid_link() -> str:
    """Return the page behind a link that doesn't work."""
    return _page(
        "401 Unauthorized",
        "<h1>401 Unauthorized</h1><p>This link is not valid or has expired. Ask for a new one.</p>",
    )


def not_offered() -> str:
    """Return the response to a button that the page doesn't have."""
    return _page("Not offered", "<h1>Not offered</h1><p>This page does not offer that. Go back and choose another.</p>")


def done() -> str:
    """Return the last page."""
    return _page("Done", "<h1>Done</h1><p>You can close this page.</p>")


def _signed_in(profile: Profile, chosen: str) -> str:
    """Draw the choice whose accounts get connected: those of the profile's own people, or somebody else's."""
    names = ["", *PEOPLE, *({chosen} - {"", *PEOPLE})]
    labels = {name: escape(name or f"{profile.title}, whose profile this is") for name in names}
    options = "".join(
        f'<option value="{escape(name)}"{" selected" if name == chosen else ""}>{label}</option>'
        for name, label in labels.items()
    )
    return f'<label>Signed in at the networks as <select name="signed_in">{options}</select></label>'


def _row(profile: Profile, network: str, link: IssuedLink, *, focused: bool) -> str:
    label, account = LABELS[network], profile.accounts.get(network)
    state = f"<small>Linked: {escape(account.name)}</small>" if account else _method(network, link)
    again = account is not None and (account.refresh_required or account.refresh_by is not None)
    first = "" if account and not again else _button("link", network, "Sign in again" if again else "Link", style="")
    second = _button("unlink", network, "Unlink", style="quiet") if account else ""
    row = f"<li><div>{label}{state}</div>{first}{second}</li>"
    return row.replace("<button", "<button autofocus", 1) if focused else row


def _button(action: str, network: str, label: str, *, style: str) -> str:
    name = f"{label} to {LABELS[network]}" if " " in label else f"{label} {LABELS[network]}"
    return f'<button name="{action}" value="{network}" aria-label="{name}" class="{style}">{label}</button>'


def _method(network: str, link: IssuedLink) -> str:
    """Say how Instagram signs in, if the link says so."""
    chosen = link.instagram_method if network == "instagram" else None
    return f" with {LABELS[chosen].removesuffix(' Page')}" if chosen else ""


def _footer(link: IssuedLink) -> str:
    return f"""<footer>This page works until {link.expires_at:%H:%M:%S} UTC.
It is a local stand-in: nothing leaves this machine.</footer>"""


def _page(title: str, body: str) -> str:
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title><style>{STYLE}</style></head>
<body><main>{body}</main></body></html>
"""
