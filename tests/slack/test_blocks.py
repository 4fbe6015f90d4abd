"""Shared Block Kit and text, as data: a value in, blocks or words out."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.core.errors import ConnectbotError, NextStep
from bot.core.model import Block, Button, UserId
from bot.slack.actions import HOME_AGAIN, NEW_LINK
from bot.slack.blocks import (
    HEADER_LIMIT,
    LABEL_LIMIT,
    OPTION_LIMIT,
    SECTION_LIMIT,
    actions,
    button,
    context,
    header,
    home_notice,
    loading,
    notice,
    option,
    quoted,
    refusal,
    section,
    sentence,
    showing,
)
from bot.slack.text import (
    clock_time,
    date,
    date_and_time,
    escaped,
    in_full,
    lifetime,
    plain_date_and_time,
    several,
    shortened,
    time_left,
    titled,
    to_the_second,
)

MOMENT = datetime(2026, 11, 25, 17, 45, 55, tzinfo=UTC)
UNIX = int(MOMENT.timestamp())
PRESS = Button("press", "Press me")


def mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def plain_text(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": False}


@pytest.mark.parametrize(
    ("drawn", "block"),
    [
        (header("Profiles"), {"type": "header", "text": plain_text("Profiles")}),
        (section("*Acme*"), {"type": "section", "text": mrkdwn("*Acme*")}),
        (context("aside"), {"type": "context", "elements": [mrkdwn("aside")]}),
        (
            quoted("<@U1> says"),
            {
                "type": "rich_text",
                "elements": [{"type": "rich_text_quote", "elements": [{"type": "text", "text": "<@U1> says"}]}],
            },
        ),
        (option("Acme", "ref"), {"text": plain_text("Acme"), "value": "ref"}),
        (button(PRESS), {"type": "button", "action_id": "press", "text": plain_text("Press me")}),
        (
            button(PRESS, "v1", spoken="Press me for Acme", style="primary"),
            {
                "type": "button",
                "action_id": "press",
                "text": plain_text("Press me"),
                "value": "v1",
                "accessibility_label": "Press me for Acme",
                "style": "primary",
            },
        ),
        (actions("row", button(PRESS)), {"type": "actions", "block_id": "row", "elements": [button(PRESS)]}),
    ],
    ids=["header", "section", "context", "quoted", "option", "button", "button with all", "actions"],
)
def test_a_value_becomes_its_block(drawn: Block, block: Block) -> None:
    assert drawn == block


def test_texts_are_cut_to_what_slack_accepts() -> None:
    long = "x" * 4000
    assert len(header(long)["text"]["text"]) == HEADER_LIMIT
    assert len(section(long)["text"]["text"]) == len(context(long)["elements"][0]["text"]) == SECTION_LIMIT
    assert len(quoted(long)["elements"][0]["elements"][0]["text"]) == SECTION_LIMIT
    assert len(option(long, "v")["text"]["text"]) == OPTION_LIMIT
    assert len(button(PRESS, spoken=long)["accessibility_label"]) == LABEL_LIMIT
    assert shortened("abc", limit=3) == "abc"
    assert shortened("abcd", limit=3) == "ab…"


@pytest.mark.parametrize(
    ("step", "offered"),
    [
        (None, False),
        (NextStep(PRESS, "v1"), True),
    ],
)
def test_a_refusal_offers_its_button(step: NextStep | None, *, offered: bool) -> None:
    message = refusal(ConnectbotError("No.", next_step=step), UserId("U1"))
    assert (message.text, message.blocks[0]) == ("No.", section("No."))
    row = actions("next_step", button(PRESS, step.value if step else "", style="primary"))
    assert message.blocks[1:] == ((row,) if offered else ())


def test_a_message_is_shown_alike_in_a_modal_and_at_home() -> None:
    message = sentence("Done.")
    assert (message.text, message.blocks) == ("Done.", (section("Done."),))
    assert showing(message, title="Map") == notice("Done.", title="Map")
    assert loading(title="Map").blocks == (section("One moment…"),)
    assert home_notice(message).blocks == (section("Done."), actions("again", button(HOME_AGAIN)))


def test_moments_are_date_tokens_with_a_fallback_in_utc() -> None:
    assert clock_time(MOMENT) == f"<!date^{UNIX}^{{time}}|17:45 UTC>"
    assert date(MOMENT) == f"<!date^{UNIX}^{{date_short}}|25 Nov 2026>"
    assert plain_date_and_time(MOMENT) == "25 Nov 2026, 17:45 UTC"
    assert date_and_time(MOMENT) == f"<!date^{UNIX}^{{date_short_pretty}}, {{time}}|25 Nov 2026, 17:45 UTC>"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (30, "under 30 s"),
        (31, "under 1 min"),
        (57, "1 min"),
        (240, "4 min"),
        (241, "under 5 min"),
        (300, "5 min"),
    ],
)
def test_time_left_in_minutes_is_never_too_much(seconds: int, words: str) -> None:
    assert time_left(timedelta(seconds=seconds)) == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(-1, "0 s"), (0, "0 s"), (50, "50 s"), (60, "1 min"), (290.4, "4 min 50 s")]
)
def test_time_left_to_the_second(seconds: float, words: str) -> None:
    assert to_the_second(timedelta(seconds=seconds)) == words


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ("3 min", "3 minutes"),
        ("1 min", "1 minute"),
        ("under 30 s", "under 30 seconds"),
        ("1 min 1 s", "1 minute 1 second"),
    ],
)
def test_a_time_left_is_spelt_out_for_those_who_hear_it(short: str, full: str) -> None:
    assert in_full(short) == full


@pytest.mark.parametrize(
    ("life", "words"),
    [
        (timedelta(seconds=6), "6-second"),
        (timedelta(seconds=299.6), "5-minute"),
        (timedelta(minutes=90), "90-minute"),
        (timedelta(hours=1), "1-hour"),
        (timedelta(days=1), "1-day"),
        (timedelta(days=2), "2-day"),
    ],
)
def test_a_lifetime_stands_in_front_of_what_lives(life: timedelta, words: str) -> None:
    assert lifetime(life) == words


def test_names_stand_in_a_sentence() -> None:
    assert [several("ABC"[:count]) for count in (1, 2, 3)] == ["A", "A and B", "A, B and C"]


def test_a_persons_words_are_inert() -> None:
    assert escaped("<!here> & <@U1>") == "&lt;!here&gt; &amp; &lt;@U1&gt;"
    assert titled("<" + "x" * 200).startswith("&lt;" + "x" * 90)


def test_names_that_are_cut_stay_different() -> None:
    start, end = "Acme Worldwide Holdings International, " * 5, ", the department of everything else" * 5
    titles = [f"{start}West", f"{start}East", f"West{end}", f"East{end}", f"{start}North{end}", f"{start}South{end}"]
    for cut in (
        [option(title, "x")["text"]["text"] for title in titles],
        [header(title)["text"]["text"] for title in titles],
        [titled(title) for title in titles],
        [button(NEW_LINK, spoken=title)["accessibility_label"] for title in titles],
    ):
        assert len(set(cut)) == len(titles)
    assert max(len(option(title, "x")["text"]["text"]) for title in titles) == 75
