"""Control calls with which people do something."""

from sandbox.control.request import Asked, BadCall
from sandbox.control.services import Services
from sandbox.slack.api_types import Json
from sandbox.slack.clicks import Use, click_in_message, click_in_view
from sandbox.slack.commands import check_member, run_command
from sandbox.slack.escaping import escaped
from sandbox.slack.events import change_person
from sandbox.slack.shortcuts import global_shortcut, message_shortcut
from sandbox.slack.submissions import close, submit
from sandbox.slack.users import FLAGS


async def command(services: Services, asked: Asked) -> Json:
    """Type a slash command."""
    slack = services.slack
    outcome = await run_command(
        slack,
        user=slack.world.user(asked.text("user")),
        channel=slack.world.channel(asked.text("channel")),
        name="/" + asked.text("command").removeprefix("/"),
        text=asked.optional("text"),
    )
    return outcome.as_json()


async def click(services: Services, asked: Asked) -> Json:
    """Use an element of a message or of a view."""
    slack = services.slack
    user = slack.world.user(asked.text("user"))
    use = Use(asked.text("action_id"), asked.optional("block_id"), asked.value("value"))
    if view_id := asked.optional("view_id"):
        return (await click_in_view(slack, user=user, view_id=view_id, use=use)).as_json()
    channel = slack.world.channel(asked.text("channel"))
    ts = asked.text("message_ts")
    return (await click_in_message(slack, user=user, channel=channel, ts=ts, use=use)).as_json()


async def submit_view(services: Services, asked: Asked) -> Json:
    """Fill in and submit a modal."""
    slack = services.slack
    user = slack.world.user(asked.text("user"))
    values = asked.table("values")
    return (await submit(slack, user=user, view_id=asked.text("view_id"), values=values)).as_json()


async def close_view(services: Services, asked: Asked) -> Json:
    """Close a modal."""
    user = services.slack.world.user(asked.text("user"))
    return (await close(services.slack, user=user, view_id=asked.text("view_id"))).as_json()


async def shortcut(services: Services, asked: Asked) -> Json:
    """Use a shortcut, from anywhere or on a message."""
    slack = services.slack
    user, callback_id = slack.world.user(asked.text("user")), asked.text("callback_id")
    if not (ts := asked.optional("message_ts")):
        return (await global_shortcut(slack, user=user, callback_id=callback_id)).as_json()
    channel = slack.world.channel(asked.text("channel"))
    outcome = await message_shortcut(slack, user=user, callback_id=callback_id, channel=channel, ts=ts)
    return outcome.as_json()


async def say(services: Services, asked: Asked) -> Json:
    """Post a message of one's own, marked up as Slack does it."""
    slack, user = services.slack, services.slack.world.user(asked.text("user"))
    channel = slack.world.channel(asked.text("channel"))
    check_member(user, channel)
    text = escaped(asked.text("text"), world=slack.world, typist=user)
    return {"ok": True, "ts": slack.say(channel, user_id=user.id, text=text).ts}


async def reload(services: Services, asked: Asked) -> Json:
    """Reload a person's client."""
    services.slack.reload(services.slack.world.user(asked.text("user")).id)
    return {"ok": True}


async def socket(services: Services, asked: Asked) -> Json:
    """Do something to the app's sockets."""
    do, sockets = asked.text("do"), services.slack.sockets
    if do in {"silence", "resume"}:
        sockets.silent = do == "silence"
        return {"ok": True}
    doings = {"warn": sockets.warn, "refresh": sockets.refresh, "disable": sockets.disable, "drop": sockets.drop}
    if do not in doings:
        raise BadCall("'do' must be warn, refresh, disable, silence, resume or drop")
    await doings[do]()
    return {"ok": True}


async def person(services: Services, asked: Asked) -> Json:
    """Change what somebody is, such as `{"is_admin": false}` or `{"deleted": true}`."""
    slack = services.slack
    user, flags = slack.world.user(asked.text("user")), asked.flags("flags", known=FLAGS)
    return (await change_person(slack, slack.events, user=user, flags=flags)).as_json()
