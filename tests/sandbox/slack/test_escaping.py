"""How typed text is escaped before an app gets it."""

import aiohttp
import pytest

from sandbox.server import Sandbox
from tests.sandbox.control_client import ControlClient
from tests.sandbox.fake_app import FakeApp
from tests.users import Someone


@pytest.mark.parametrize(
    ("typed", "escaped"),
    [
        ("@ana", "<@U0ANA0001|ana>"),
        ("for @ana, please", "for <@U0ANA0001|ana>, please"),
        ("@Ana @nobody", "<@U0ANA0001|ana> @nobody"),
        ("#random", "<#C0RANDOM1|random>"),
        ("#secret-plans", "<#C0SECRET1|>"),
        ("@social-leads", "<!subteam^S0SOCIAL1|@social-leads>"),
        ("@here", "<!here>"),
        ("a & b <c>", "a &amp; b &lt;c&gt;"),
        ("<@U0ANA0001>", "&lt;@U0ANA0001&gt;"),
        ("mail ana@ben.example", "mail ana@ben.example"),
        ("Acme.com, please", "<http://Acme.com|Acme.com>, please"),
        ("ana@acme.com e.g. at 9.30", "ana@acme.com e.g. at 9.30"),
        ("see https://x.example/?a=1&b=2.", "see <https://x.example/?a=1&amp;b=2>."),
    ],
)
async def test_typed_text_is_escaped(control: ControlClient, fake_app: FakeApp, typed: str, escaped: str) -> None:
    await control.command(typed)
    assert fake_app.last.form["text"] == escaped


async def test_a_private_channel_is_not_marked_up_for_other_users(control: ControlClient, fake_app: FakeApp) -> None:
    await control.command("#secret-plans", user="eve")
    assert fake_app.last.form["text"] == "#secret-plans"


async def test_without_should_escape_text_is_sent_as_typed(
    sandbox: Sandbox, control: ControlClient, fake_app: FakeApp
) -> None:
    sandbox.slack.should_escape = False
    await control.command("@ana <b> & #random")
    assert fake_app.last.form["text"] == "@ana <b> & #random"


@pytest.mark.parametrize(
    ("typed", "escaped"),
    [
        ("`#random` and #random", "`#random` and <#C0RANDOM1|random>"),
        ("```@ana <b>\nAcme.com```", "```@ana &lt;b&gt;\nAcme.com```"),
        ("` @ana", "` <@U0ANA0001|ana>"),
    ],
)
async def test_code_in_a_message_stays_as_it_was_typed(
    sandbox: Sandbox, session: aiohttp.ClientSession, typed: str, escaped: str
) -> None:
    ben = Someone(session, sandbox.url, "ben")
    await ben.post("say", text=typed)
    assert [message.text for message in await ben.messages()] == [escaped]
