"""What a digest says and offers."""

from datetime import UTC, datetime
from typing import Any

from bot.ayrshare.networks import OfferedNetworks
from bot.core.model import Message, RefId, UserId
from bot.notifications.model import (
    ACCOUNTS_IN_ROW,
    PROFILES_IN_DIGEST,
    STALE_IN_DIGEST,
    UNMENDED_IN_DIGEST,
    Alert,
    AlertKind,
    DigestContent,
    ProfileAlerts,
)
from bot.notifications.views import digest_message
from bot.slack.actions import ASK_AGAIN, DIGEST_LINK, DISMISS, NEW_KEY, REASSIGN, SNOOZE
from bot.slack.blocks import TEXT_LIMIT

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DEADLINE = datetime(2026, 11, 27, 12, tzinfo=UTC)
REF = RefId("a" * 40)
TITLE = "Acme: Jane"


def disconnected(network: str = "instagram", *, name: str = "", reason: str = "") -> Alert:
    return Alert(AlertKind.DISCONNECTED, NOW, REF, network, name, reason)


def digest(*alerts: Alert, title: str = TITLE) -> Message:
    return drawn(profiles=(ProfileAlerts(REF, title, alerts),))


def drawn(**content: Any) -> Message:
    return digest_message(DigestContent(**content), offered=OfferedNetworks())


def first(message: Message) -> str:
    return str(message.blocks[0]["text"]["text"])


def elements(message: Message) -> list[dict[str, Any]]:
    rows = [[*block.get("elements", ()), block.get("accessory")] for block in message.blocks]
    return [one for row in rows for one in row if one and one["type"] == "button"]


def labels(message: Message) -> list[str]:
    return [one["text"]["text"] for one in elements(message)]


def unmended(number: int = 0) -> tuple[ProfileAlerts, UserId]:
    alert = Alert(AlertKind.UNMENDED, NOW, REF, "linkedin", "Jane", since=DEADLINE)
    return ProfileAlerts(RefId(f"{number:040}"), TITLE, (alert,)), UserId("U0BEN0001")


def test_a_disconnected_account_is_told_with_its_reason_what_follows_and_one_button() -> None:
    message = digest(disconnected(name="@acme", reason="The password\nwas changed."))
    assert first(message) == (
        "🔴 *Instagram is disconnected for Acme: Jane*\n"
        "The password was changed. Posts to @acme won't go out until you reconnect."
    )
    assert message.text == (
        "🔴 Instagram is disconnected for Acme: Jane. Posts to @acme won't go out until you reconnect."
    )
    reconnect, snooze = elements(message)
    assert (reconnect["action_id"], reconnect["value"]) == (DIGEST_LINK.action_id, f"{REF}:alone:instagram")
    assert (reconnect["style"], reconnect["accessibility_label"]) == ("primary", f"{DIGEST_LINK.label} {TITLE}")
    assert "url" not in reconnect
    assert snooze["action_id"] == SNOOZE.action_id


def test_a_reason_has_no_address_in_it() -> None:
    message = digest(disconnected(reason="See https://help.example/x for www.example.org help"))
    assert "See for help. Posts" in first(message)


def test_an_expiring_account_is_told_with_its_deadline_or_as_soon() -> None:
    dated = digest(Alert(AlertKind.EXPIRING, NOW, REF, "linkedin", refresh_by=DEADLINE))
    assert first(dated).startswith(
        f"🟡 *LinkedIn expires soon for Acme: Jane*\nReconnect LinkedIn by <!date^{int(DEADLINE.timestamp())}^"
    )
    assert dated.text.endswith("Reconnect LinkedIn by 27 Nov 2026 to keep posting.")
    undated = digest(Alert(AlertKind.EXPIRING, NOW, REF, "linkedin"))
    assert "Reconnect LinkedIn soon to keep posting." in first(undated)


def test_titles_names_and_reasons_are_inert_and_short() -> None:
    alert = disconnected("<net>", name="<!here>" + "n" * 900, reason="<https://evil.example|here> <!here>" + "x" * 900)
    for message in (digest(alert, title="<!channel>" + "t" * 900), digest(alert, alert, title="<!channel>")):
        shown = str([block["text"] for block in message.blocks if block["type"] == "section"])
        for mention in ("<!", "<https", "<net"):
            assert mention not in shown.lower()
            assert mention not in message.text.lower()
        assert max(len(str(block.get("text"))) for block in message.blocks) < 900
        assert "evil" not in shown


def test_several_accounts_are_a_row_for_each_profile_with_its_button() -> None:
    expiring = Alert(AlertKind.EXPIRING, NOW, REF, "linkedin", refresh_by=DEADLINE)
    profiles = (
        ProfileAlerts(REF, TITLE, (disconnected(), expiring)),
        ProfileAlerts(RefId("b" * 40), "Globex", (disconnected("youtube", name="TV", reason="Account locked"),)),
    )
    message = drawn(profiles=profiles)
    assert first(message) == (
        "🔴 *2 accounts are disconnected, 1 expires soon*\n"
        "Reconnect Instagram and LinkedIn for Acme: Jane and YouTube for Globex."
    )
    _, jane, globex, note, _ = message.blocks
    assert jane["text"]["text"].startswith("*Acme: Jane*\n🔴 Instagram is disconnected.\n🟡 LinkedIn: reconnect by")
    assert globex["text"]["text"] == "*Globex*\n🔴 YouTube (TV) is disconnected: Account locked."
    assert jane["accessory"]["value"] == f"{REF}::instagram,linkedin"
    assert note["elements"][0]["text"] == "Posts to disconnected accounts fail until you reconnect them."
    assert labels(message) == [DIGEST_LINK.label, DIGEST_LINK.label, SNOOZE.label]


def test_of_many_profiles_the_first_have_a_button_and_the_others_are_counted() -> None:
    many = tuple(disconnected(f"network{number}") for number in range(ACCOUNTS_IN_ROW + 3))
    profiles = tuple(ProfileAlerts(RefId(f"{number:040}"), "t" * 200, many) for number in range(PROFILES_IN_DIGEST + 2))
    message = drawn(
        profiles=profiles,
        stale_titles=("Initech",),
        bad_api_key=True,
        unmended=tuple(map(unmended, range(UNMENDED_IN_DIGEST + 3))),
        outages=("tiktok", "linkedin"),
    )
    assert labels(message).count(DIGEST_LINK.label) == PROFILES_IN_DIGEST
    assert "2 more of your profiles need you." in str(message.blocks)
    assert "and 3 more" in message.blocks[1]["text"]["text"]
    assert "3 more accounts are still disconnected." in str(message.blocks)
    assert len(message.blocks) <= 50
    assert len(message.text) <= TEXT_LIMIT


def test_admins_read_which_profiles_are_stale_and_what_helps() -> None:
    titles = ("<Globex>", *(f"{number} " + "t" * 90 for number in range(STALE_IN_DIGEST)))
    message = drawn(stale_titles=titles)
    assert first(message).startswith(f"🔴 *Ayrshare refuses {len(titles)} profiles*\n&lt;Globex&gt;, 0 t")
    assert " and 1 more were deleted or suspended, or have new keys." in first(message)
    assert labels(message) == [NEW_KEY.label]


def test_admins_read_that_the_api_key_is_rejected_and_who_can_help() -> None:
    assert "Tell whoever runs this bot." in first(drawn(bad_api_key=True))


def test_what_is_back_is_good_news_without_a_button() -> None:
    message = digest(Alert(AlertKind.BACK, NOW, REF, "linkedin", "Jane"))
    assert first(message) == "✅ *LinkedIn is back for Acme: Jane*\nPosts to Jane go out again."
    assert message.text == "✅ LinkedIn is back for Acme: Jane. Posts to Jane go out again."
    assert labels(message) == []


def test_a_reminder_says_since_when() -> None:
    message = digest(Alert(AlertKind.DISCONNECTED, NOW, REF, "linkedin", "Jane", since=DEADLINE))
    assert first(message).startswith(
        f"🔴 *LinkedIn is still disconnected for Acme: Jane*\nDisconnected since <!date^{int(DEADLINE.timestamp())}^"
    )
    assert "since 27 Nov 2026. Posts to Jane won't go out until you reconnect." in message.text
    assert labels(message) == [DIGEST_LINK.label, SNOOZE.label]


def test_admins_read_what_nobody_mended_with_three_ways_on_and_of_an_outage() -> None:
    message = drawn(unmended=(unmended(),), outages=("tiktok",))
    told, row, outage = message.blocks
    assert told["text"]["text"].startswith(
        "🔴 *LinkedIn is still disconnected for Acme: Jane*\nDisconnected since <!date^"
    )
    assert told["text"]["text"].endswith("I reminded <@U0BEN0001> 4 times.")
    assert labels(message) == [ASK_AGAIN.label, REASSIGN.label, DISMISS.label]
    assert len({element["action_id"] for element in row["elements"]}) == len(labels(message))
    assert outage["text"]["text"].startswith("🟡 *Trouble at TikTok*\nMany profiles lost it within an hour.")


def test_a_digest_about_x_alone_has_a_sentence_in_place_of_the_button() -> None:
    message = digest(Alert(AlertKind.DISCONNECTED, NOW, REF, "twitter"))
    assert "X can't be connected" in str(message.blocks[1])
    assert "reconnect" not in message.text
    assert labels(message) == [SNOOZE.label]


def test_a_digest_names_nothing_to_reconnect_that_no_link_may_offer() -> None:
    x, linkedin = (Alert(AlertKind.DISCONNECTED, NOW, REF, network) for network in ("twitter", "linkedin"))
    assert digest(x, linkedin).text.endswith("Reconnect LinkedIn for Acme: Jane.")
    two = DigestContent(tuple(ProfileAlerts(REF, title, (x,)) for title in ("Acme: Jane", "Globex")))
    said = digest_message(two, offered=OfferedNetworks()).text
    assert said.endswith("Posts to X for Acme: Jane and X for Globex won't go out.")
