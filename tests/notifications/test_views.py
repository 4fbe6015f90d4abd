"""What a digest says and offers."""

from datetime import UTC, datetime

from bot.ayrshare.networks import OfferedNetworks
from bot.core.model import Message, RefId, UserId
from bot.notifications.model import PROFILES_IN_DIGEST, STALE_IN_DIGEST, Alert, AlertKind, DigestContent, ProfileAlerts
from bot.notifications.views import BAD_API_KEY, MADE_ON_PRESS, NAME_LIMIT, TEXT_LIMIT, digest_message
from bot.slack.actions import ASK_AGAIN, DIGEST_LINK, DISMISS, REASSIGN

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DEADLINE = datetime(2026, 11, 27, 12, tzinfo=UTC)
REF = RefId("a" * 40)


def disconnected(network: str = "instagram", *, name: str = "", reason: str = "") -> Alert:
    return Alert(AlertKind.DISCONNECTED, NOW, REF, network, name, reason)


def digest(*alerts: Alert, title: str = "Acme: Jane") -> Message:
    return digest_message(
        DigestContent((ProfileAlerts(REF, title, alerts),)), offered=OfferedNetworks(), command="/connect"
    )


def words(message: Message) -> list[str]:
    sections = [block["text"]["text"] for block in message.blocks if block["type"] == "section"]
    return sections + [e["text"] for block in message.blocks if block["type"] == "context" for e in block["elements"]]


def test_a_disconnected_account_is_told_with_its_name_and_reason_and_one_button() -> None:
    message = digest(disconnected(name="@acme", reason="The password\nwas changed."))
    title, buttons, _, note = message.blocks
    assert title["text"]["text"] == "*Acme: Jane*\nInstagram (@acme) fell off: The password was changed."
    [button] = buttons["elements"]
    assert (button["text"]["text"], button["action_id"], button["value"]) == (
        DIGEST_LINK.label,
        DIGEST_LINK.action_id,
        f"{REF}:alone:instagram",
    )
    assert (button["style"], button["accessibility_label"]) == ("primary", f"{DIGEST_LINK.label} for Acme: Jane")
    assert "url" not in button
    assert note["elements"][0]["text"] == MADE_ON_PRESS
    assert message.text == "Acme: Jane: Instagram (@acme) fell off. Press Reconnect to sign in again."


def test_an_account_disconnected_without_a_reason_says_what_to_do() -> None:
    assert "Instagram fell off. Sign in to it again." in words(digest(disconnected()))[0]


def test_an_expiring_account_is_told_with_its_deadline_or_as_soon() -> None:
    dated = digest(Alert(AlertKind.EXPIRING, NOW, REF, "linkedin", refresh_by=DEADLINE))
    assert f"LinkedIn wants a new sign-in by <!date^{int(DEADLINE.timestamp())}^" in words(dated)[0]
    assert "LinkedIn wants a new sign-in by 27 Nov 2026." in dated.text
    undated = digest(Alert(AlertKind.EXPIRING, NOW, REF, "linkedin"))
    assert "LinkedIn wants a new sign-in soon. Without it, it falls off." in words(undated)[0]


def test_titles_names_and_reasons_are_inert_and_short() -> None:
    message = digest(
        disconnected("<net>", name="<!here>" + "n" * 900, reason="<https://evil.example|here>" + "x" * 900),
        title="<!channel>" + "t" * 900,
    )
    shown = words(message)[0]
    for mention in ("<!", "<https", "<net"):
        assert mention not in shown.lower()
        assert mention not in message.text.lower()
    assert len(shown) < 600
    assert "evil" not in message.text


def test_of_many_profiles_the_first_have_a_button_and_the_others_are_counted() -> None:
    profiles = tuple(
        ProfileAlerts(RefId(f"{number:040}"), f"Profile {number}", (disconnected(),)) for number in range(17)
    )
    message = digest_message(DigestContent(profiles), offered=OfferedNetworks(), command="/connect")
    rows = [block for block in message.blocks if block["type"] == "actions" and block["block_id"] != "snooze"]
    values = [block["elements"][0]["value"] for block in rows]
    assert values == [f"{number:040}::instagram" for number in range(PROFILES_IN_DIGEST)]
    assert "2 more of your profiles need you: `/connect status` shows them." in words(message)
    assert len(message.blocks) <= 50
    many = digest_message(DigestContent(profiles * 10), offered=OfferedNetworks(), command="/connect")
    assert len(many.text) == TEXT_LIMIT


def test_admins_read_which_profiles_are_stale_and_what_helps() -> None:
    titles = ("<Globex>", *(f"{number} " + "t" * 90 for number in range(STALE_IN_DIGEST)))
    message = digest_message(DigestContent(stale_titles=titles), offered=OfferedNetworks(), command="/connect")
    shown, hint = words(message)
    assert "deleted or suspended these profiles, or changed their keys: &lt;Globex&gt;, 0 t" in shown
    assert shown.endswith(" and 1 more.")
    assert max(map(len, shown.split(", "))) <= NAME_LIMIT + len("Ayrshare has deleted or suspended these profiles ")
    assert "`/connect list stale`" in hint
    assert not [block for block in message.blocks if block["type"] == "actions"]


def test_admins_read_that_the_api_key_is_rejected() -> None:
    message = digest_message(DigestContent(bad_api_key=True), offered=OfferedNetworks(), command="/connect")
    assert (words(message), message.text) == ([BAD_API_KEY], BAD_API_KEY)


def test_what_is_back_is_good_news_without_a_button() -> None:
    message = digest(Alert(AlertKind.BACK, NOW, REF, "linkedin", "Jane"))
    (section,) = message.blocks
    assert section["text"]["text"] == "*Acme: Jane*\n:white_check_mark: LinkedIn (Jane) is back."
    assert message.text == "Acme: Jane: LinkedIn (Jane) is back."


def test_a_reminder_says_since_when() -> None:
    message = digest(Alert(AlertKind.DISCONNECTED, NOW, REF, "linkedin", "Jane", since=DEADLINE))
    line = f"LinkedIn (Jane) is still disconnected, since <!date^{int(DEADLINE.timestamp())}^"
    assert line in words(message)[0]
    assert DIGEST_LINK.label in str(message.blocks)


def test_admins_read_what_nobody_mended_with_three_ways_on_and_of_an_outage() -> None:
    alert = Alert(AlertKind.UNMENDED, NOW, REF, "linkedin", "Jane", since=DEADLINE)
    about = ProfileAlerts(REF, "Acme: Jane", (alert,)), UserId("U0BEN0001")
    message = digest_message(
        DigestContent(unmended=(about,), outages=("tiktok",)), offered=OfferedNetworks(), command="/connect"
    )
    told, row, outage = message.blocks
    assert told["text"]["text"].startswith("*Acme: Jane*  <@U0BEN0001>\nLinkedIn (Jane) is disconnected since <!date^")
    labels = [element["text"]["text"] for element in row["elements"]]
    assert labels == [ASK_AGAIN.label, REASSIGN.label, DISMISS.label]
    assert len({element["action_id"] for element in row["elements"]}) == len(labels)
    assert "Many profiles lost TikTok within an hour" in outage["text"]["text"]


def test_a_digest_about_x_alone_has_a_sentence_in_place_of_the_button() -> None:
    lost = Alert(AlertKind.DISCONNECTED, NOW, REF, "twitter")
    message = digest(lost)
    assert "X can't be connected" in words(message)[1]
    assert DIGEST_LINK.label not in str(message.blocks)
    assert "Press" not in message.text
