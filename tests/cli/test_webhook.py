"""`webhook register`, `show` and `remove`, as an operator types them."""

import pytest

from sandbox.server import Sandbox
from tests.commands import bot_command, command

SECRET, HERE = "canary-webhook-secret", "https://bot.example.com"


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    """What `register` wants and nothing for Slack; what is empty counts as unset."""
    known = {name: value for name, value in environment.items() if name.startswith("AYRSHARE_API_")}
    return known | {"PUBLIC_URL": HERE, "AYRSHARE_WEBHOOK_SECRET": SECRET, "DATA_DIR": environment["DATA_DIR"]}


async def test_a_webhook_is_registered_with_its_secret_shown_without_it_and_removed(
    environment: dict[str, str], sandbox: Sandbox
) -> None:
    hooks = sandbox.ayrshare.primary.webhooks
    registered = await bot_command("webhook", "register", environment=environment)
    assert registered.code == 0, registered.err
    assert (hooks.urls, hooks.secret) == (dict.fromkeys(("social", "suspended"), f"{HERE}/ayrshare/webhook"), SECRET)
    assert f"{HERE}/ayrshare/webhook" in registered.out
    shown = await command("webhook", "show", environment=environment)
    assert f"Ayrshare tells {HERE}/ayrshare/webhook what was connected." in shown.out
    removed = await command("webhook", "remove", environment=environment)
    assert "no longer" in removed.out
    assert hooks.urls == {}
    assert SECRET not in "".join(ended.out + ended.err for ended in (registered, shown, removed))


async def test_registering_again_changes_the_secret_and_says_nothing_of_a_former_address(
    environment: dict[str, str], sandbox: Sandbox
) -> None:
    await command("webhook", "register", environment=environment)
    again = await command("webhook", "register", environment=environment | {"AYRSHARE_WEBHOOK_SECRET": "newer"})
    assert sandbox.ayrshare.primary.webhooks.secret == "newer"
    assert "before" not in again.out


async def test_somebody_elses_address_is_named_by_its_host_alone(environment: dict[str, str], sandbox: Sandbox) -> None:
    for words, said in (("show", "tells"), ("register", "It told"), ("remove", "no longer tells")):
        sandbox.ayrshare.register_webhook("https://else.example/CANARY?CANARY", secret="s")
        ended = await command("webhook", words, environment=environment)
        assert f"{said} another address (else.example)" in ended.out
        assert "CANARY" not in ended.out
    sandbox.ayrshare.register_webhook("https://[CANARY", secret="s")
    assert "an unreadable address" in (await command("webhook", "show", environment=environment)).out


@pytest.mark.parametrize("words", ["show", "remove"])
async def test_where_none_is_registered_that_is_said(environment: dict[str, str], words: str) -> None:
    ended = await command("webhook", words, environment=environment | {"PUBLIC_URL": "", "AYRSHARE_WEBHOOK_SECRET": ""})
    assert (ended.code, ended.out.split(".")[0]) == (0, "No webhook is registered at Ayrshare")


async def test_all_that_is_missing_is_said_at_once(environment: dict[str, str], sandbox: Sandbox) -> None:
    ended = await command("webhook", "register", environment=dict.fromkeys(environment, ""))
    assert ended.code == 2
    for name in ("PUBLIC_URL", "AYRSHARE_WEBHOOK_SECRET", "AYRSHARE_API_KEY"):
        assert f"{name}: required" in ended.err
    assert sandbox.ayrshare.primary.webhooks.urls == {}


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://bot.example.com", 2),
        ("bot.example.com", 2),
        ("http://[CANARY", 2),
        ("http://127.0.0.1:3000", 0),
        (f"{HERE}/", 0),
    ],
)
async def test_ayrshare_calls_https_only_or_this_machine(
    environment: dict[str, str], sandbox: Sandbox, url: str, code: int
) -> None:
    ended = await command("webhook", "register", environment=environment | {"PUBLIC_URL": url})
    assert ended.code == code
    assert "CANARY" not in ended.err
    if code:
        assert "PUBLIC_URL: " in ended.err
    else:
        assert sandbox.ayrshare.primary.webhooks.urls["social"] == f"{url.rstrip('/')}/ayrshare/webhook"


async def test_what_ayrshare_refuses_is_said_in_a_sentence(environment: dict[str, str], sandbox: Sandbox) -> None:
    sandbox.ayrshare.faults.add("plan", times=None)
    for words in ("register", "show", "remove"):
        ended = await command("webhook", words, environment=environment)
        assert (ended.code, ended.err.split(".")[0]) == (
            1,
            "Ayrshare wants a bigger plan, or a bill paid, before it does that",
        )
