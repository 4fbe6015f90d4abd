"""Control calls that do what a person does in Slack."""

from sandbox.control.request import ControlRequest, Services
from sandbox.slack.api_types import Json
from sandbox.slack.clicks import Click, click_in_message, click_in_view, suggestions, visible_message
from sandbox.slack.commands import check_member, run_command
from sandbox.slack.delivery import ActionResult
from sandbox.slack.escaping import escape_message
from sandbox.slack.shortcuts import global_shortcut, message_shortcut
from sandbox.slack.submissions import close, submit


async def command(services: Services, request: ControlRequest) -> Json:
    """Type a slash command; Slack takes none in a thread."""
    slack = services.slack
    if request.optional("thread_ts"):
        return ActionResult(
            error=f"/{request.text('command').removeprefix('/')} is not supported in threads. Sorry!"
        ).as_json()
    result = await run_command(
        slack,
        user=slack.world.user(request.text("user")),
        channel=slack.world.channel(request.text("channel")),
        name="/" + request.text("command").removeprefix("/"),
        text=request.optional("text"),
    )
    return result.as_json()


async def click(services: Services, request: ControlRequest) -> Json:
    """Use an element of a message or of a view."""
    slack = services.slack
    user = slack.world.user(request.text("user"))
    element = Click(request.text("action_id"), request.optional("block_id"), request.value("value"))
    if view_id := request.optional("view_id"):
        return (await click_in_view(slack, user=user, view_id=view_id, click=element)).as_json()
    channel = slack.world.channel(request.text("channel"))
    ts = request.text("message_ts")
    return (await click_in_message(slack, user=user, channel=channel, ts=ts, click=element)).as_json()


async def options(services: Services, request: ControlRequest) -> Json:
    """Show what the app supplies for an external select in which somebody types `text`."""
    slack, element = services.slack, Click(request.text("action_id"), request.optional("block_id"))
    user, where = slack.world.user(request.text("user")), ("channel", "message_ts", "view_id")
    places = {name: request.optional(name) for name in where}
    return {"ok": True, "options": await suggestions(slack, user, element, request.optional("text"), **places)}


async def submit_view(services: Services, request: ControlRequest) -> Json:
    """Fill in and submit a modal."""
    slack = services.slack
    user = slack.world.user(request.text("user"))
    values = request.nested("values")
    return (await submit(slack, user=user, view_id=request.text("view_id"), values=values)).as_json()


async def close_view(services: Services, request: ControlRequest) -> Json:
    """Close a modal."""
    user = services.slack.world.user(request.text("user"))
    return (await close(services.slack, user=user, view_id=request.text("view_id"))).as_json()


async def shortcut(services: Services, request: ControlRequest) -> Json:
    """Use a global shortcut, or a message shortcut if `message_ts` is given."""
    slack = services.slack
    user, callback_id = slack.world.user(request.text("user")), request.text("callback_id")
    if not (ts := request.optional("message_ts")):
        return (await global_shortcut(slack, user=user, callback_id=callback_id)).as_json()
    channel = slack.world.channel(request.text("channel"))
    result = await message_shortcut(slack, user=user, callback_id=callback_id, channel=channel, ts=ts)
    return result.as_json()


async def say(services: Services, request: ControlRequest) -> Json:
    """Post a person's own message, escaped as Slack does it; the app hears of one in its direct message.

    `event` is whether it did, which takes the scope `im:history` (https://docs.slack.dev/reference/events/message.im).
    """
    slack, user = services.slack, services.slack.world.user(request.text("user"))
    channel = slack.world.channel(request.text("channel"))
    check_member(user, channel)
    text = escape_message(request.text("text"), world=slack.world, author=user)
    thread_ts = request.optional("thread_ts")
    if thread_ts:
        visible_message(user, channel, thread_ts)
    message = slack.say(channel, user_id=user.id, text=text, thread_ts=thread_ts)
    heard = channel.kind == "im" and slack.world.app.bot_user_id in channel.members and "im:history" in slack.scopes
    if heard:
        where = {"channel": channel.id, "channel_type": "im", "event_ts": message.ts}
        await slack.events.send(message.as_json() | where)
    return {"ok": True, "ts": message.ts, "event": heard}


async def type_text(services: Services, request: ControlRequest) -> Json:
    """Send what a person typed into the composer: a command if it begins with a slash, else a message."""
    typed = request.optional("text").strip()
    name, *rest = typed.split(maxsplit=1)[:2] or [""]
    if name.startswith("/"):
        return await command(services, request.changed(command=name, text="".join(rest)))
    return await say(services, request.changed(text=typed)) if typed else {"ok": True}


async def reload(services: Services, request: ControlRequest) -> Json:
    """Reload a person's client: their ephemeral messages are gone."""
    services.slack.reload(services.slack.world.user(request.text("user")).id)
    return {"ok": True}
