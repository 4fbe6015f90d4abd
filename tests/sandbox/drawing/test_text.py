"""Slack's markup as HTML: nothing of what was typed becomes a tag, and what Slack shows as such is drawn as such."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.drawing.html import Html, tag
from sandbox.drawing.names import Names
from sandbox.drawing.rich_text import rich_text
from sandbox.drawing.text import mrkdwn, text, words

NAMES = Names(users={"U1": "Ben Brandt"}, channels={"C1": "general"}, groups={"S1": "social-leads"}, viewer="U1")


@pytest.mark.parametrize(
    ("typed", "drawn"),
    [
        ("*bold* and _italic_ and ~gone~", "<strong>bold</strong> and <em>italic</em> and <s>gone</s>"),
        ("snake_case_name and 2*3*4", "snake_case_name and 2*3*4"),
        ("`/connect`", "<code>/connect</code>"),
        ("```a\n*b*```", "<pre>a\n*b*</pre>"),
        ("`<#C1|lobby> *a* :tada:`", '<code><span class="mention">#general</span> *a* :tada:</code>'),
        ("`map<string,string>`", "<code>mapstring,string</code>"),
        ("```<@U9|zoe> &lt;b&gt;```", '<pre><span class="mention">@zoe</span> &lt;b&gt;</pre>'),
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


@pytest.mark.parametrize(("mark", "name"), [("`", "code"), ("```", "pre")])
def test_a_link_and_a_date_work_within_code(mark: str, name: str) -> None:
    for token in ("<https://a.example|here>", "<!date^1767225600^{time}|noon>"):
        assert mrkdwn(f"{mark}{token}{mark}", NAMES) == f"<{name}>{mrkdwn(token, NAMES)}</{name}>"


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
    assert words("`<#C1> <https://a.example|here>` ```<@U1> &lt;b&gt; :tada:```", NAMES) == (
        "#general here @Ben Brandt <b> :tada:"
    )
    assert words("a &lt; b", NAMES) == "a < b"


@pytest.mark.parametrize("piece", [{"type": "channel", "channel_id": "C1"}, {"type": "emoji", "name": "tada"}])
def test_each_piece_of_rich_text_can_be_code(piece: dict[str, str]) -> None:
    def drawn(**style: object) -> Html:
        return rich_text([{"type": "rich_text_section", "elements": [piece | style]}], NAMES)

    assert drawn(style={"code": True}) == drawn().replace("<p>", "<p><code>").replace("</p>", "</code></p>")


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
