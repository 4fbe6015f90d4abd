"""Slack's markup as HTML: nothing of what was typed becomes a tag, and what Slack shows as such is drawn as such."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.drawing.html import Html, tag
from sandbox.drawing.names import Names
from sandbox.drawing.text import mrkdwn, text, words

NAMES = Names(users={"U1": "Ben Brandt"}, channels={"C1": "general"}, groups={"S1": "social-leads"}, viewer="U1")


@pytest.mark.parametrize(
    ("typed", "drawn"),
    [
        ("*bold* and _italic_ and ~gone~", "<strong>bold</strong> and <em>italic</em> and <s>gone</s>"),
        ("snake_case_name and 2*3*4", "snake_case_name and 2*3*4"),
        ("`/connect`", "<code>/connect</code>"),
        ("```a\n*b*```", "<pre>a\n*b*</pre>"),
        ("one\ntwo", "one<br>two"),
        ("a &lt; b &amp;&amp; c", "a &lt; b &amp;&amp; c"),
        ("&gt; said\nplain", "<blockquote>said</blockquote>plain"),
        ("<@U1>", '<span class="mention me">@Ben Brandt</span>'),
        ("<@U9|zoe>", '<span class="mention">@zoe</span>'),
        ("<#C1>", '<span class="mention">#general</span>'),
        ("<!subteam^S1>", '<span class="mention">@social-leads</span>'),
        ("<!here>", '<span class="mention me">@here</span>'),
        (":white_check_mark: :nothing:", "✅ :nothing:"),
        ("*<@U1>*", '<strong><span class="mention me">@Ben Brandt</span></strong>'),
    ],
)
def test_markup_is_drawn_as_slack_draws_it(typed: str, drawn: str) -> None:
    assert mrkdwn(typed, NAMES) == drawn


def test_a_link_opens_in_a_tab_of_its_own_and_only_if_it_is_a_web_address() -> None:
    assert mrkdwn("<https://a.example/x_y_z|here>", NAMES) == (
        '<a href="https://a.example/x_y_z" target="_blank" rel="noopener noreferrer">here</a>'
    )
    assert mrkdwn("<javascript:alert(1)|here>", NAMES) == "here"


def test_a_date_is_a_moment_that_the_browser_writes_and_a_fallback_without_it() -> None:
    assert mrkdwn("<!date^1767225600^{date_short}, {time}|Jan 1>", NAMES) == (
        '<time datetime="2026-01-01T00:00:00+00:00" data-format="{date_short}, {time}">Jan 1</time>'
    )
    assert mrkdwn("<!date^never^{time}|soon>", NAMES) == "soon"


def test_plain_text_has_no_markup() -> None:
    assert text({"type": "plain_text", "text": "*a* <b>\nc :tada:", "emoji": False}, NAMES) == (
        "*a* &lt;b&gt;<br>c :tada:"
    )


def test_a_notification_has_the_words_alone() -> None:
    assert words("*Ask* <@U1> by <!date^1767225600^{time}|noon> :tada:", NAMES) == "Ask @Ben Brandt by noon 🎉"


@given(st.text(alphabet="<>&\"'*_~`|!@#^:\n ascript", max_size=60))
def test_nothing_typed_becomes_a_tag(typed: str) -> None:
    drawn = mrkdwn(typed, NAMES)
    allowed = ("strong", "em", "s", "code", "pre", "br", "blockquote", "span", "a", "time")
    for piece in drawn.split("<")[1:]:
        assert piece.lstrip("/").startswith(allowed), drawn


def test_attributes_and_content_are_escaped_except_what_is_html_already() -> None:
    assert tag("p", '<"', Html("<br>"), title='"&', hidden=True, id=None) == (
        '<p title="&quot;&amp;" hidden>&lt;&quot;<br></p>'
    )
