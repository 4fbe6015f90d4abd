"""What is said of a link that Ayrshare mails, as data: values in, words out."""

import pytest

from bot.cards.mail_model import MailedLink
from bot.cards.mail_views import mail_announced, mailed_link, masked
from bot.core.model import Message, UserId
from tests.cards.test_views import CARD


def words(message: Message) -> str:
    return "\n".join(block["text"]["text"] for block in message.blocks)


def mailed(*, by: str, notified: bool | None = None) -> Message:
    return mailed_link(MailedLink(CARD, UserId(by), "jane@acme.example", notified))


def test_the_owner_of_a_mailed_link_is_shown_the_whole_address() -> None:
    message = mailed(by="U1")
    assert "Ayrshare emailed you a link to jane@acme.example, the address in your Slack profile." in words(message)
    assert words(message).startswith("*Acme: Jane*\n")
    assert "connect@socialconnecthub.com (Social Connect Hub), not from Slack" in words(message)
    assert "to the address in your Slack profile" in message.text
    assert "09:05 UTC" in message.text
    assert "<!date" not in message.text


def test_an_admin_is_told_whether_the_owner_knows_and_shown_a_masked_address() -> None:
    told, untold = mailed(by="U9", notified=True), mailed(by="U9", notified=False)
    assert "Ayrshare emailed <@U1> a link to j…@acme.example, the address in their Slack" in words(told)
    assert "I told them that it's genuine." in words(told)
    assert "I couldn't tell them." in words(untold)
    for message in (told, untold):
        assert "jane@" not in words(message) + message.text
        assert "acme.example" not in message.text


def test_the_owner_is_told_that_an_announced_mail_is_genuine() -> None:
    message = mail_announced(CARD, by=UserId("U9"))
    assert "<@U9> had Ayrshare email you a link" in words(message)
    assert "It isn't phishing" in words(message)
    assert "@acme" not in words(message) + message.text


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("ben@connect.example", "b…@connect.example"),
        ("bo@connect.example", "…@connect.example"),
        ("b&n.o@connect.example", "b…@connect.example"),
        ("ben@a&b.example", "b…@a&b.example"),
    ],
)
def test_a_masked_address_keeps_at_most_its_first_letter_and_its_domain(address: str, shown: str) -> None:
    assert masked(address) == shown


def test_an_address_is_escaped() -> None:
    message = mailed_link(MailedLink(CARD, UserId("U9"), "ben@a&b.example", notified=True))
    assert " to b…@a&amp;b.example, the address" in words(message)
