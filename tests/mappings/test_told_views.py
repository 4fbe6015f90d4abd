"""What people are sent when their profiles change, and what admins are asked, as data: a value in, blocks out."""

import pytest

from bot.core.model import Message, RefId, UserId
from bot.mappings import told_views
from bot.mappings.model import Asker, Taken
from bot.profiles.model import TITLES_NAMED, ProfileRef
from bot.slack.actions import CONNECT_GIVEN, MAP_A_PROFILE, WHO_TAKES_OVER
from tests.mappings.test_views import words

ANA, BEN, CARA = UserId("U0ANA"), UserId("U0BEN"), UserId("U0CARA")
JANE = ProfileRef(RefId("jane"), "Acme: Jane", default=True)
GLOBEX = ProfileRef(RefId("globex"), "<Globex>", default=False)


def buttons(message: Message) -> list[tuple[str, str]]:
    """The labels and values of all buttons."""
    found = [one for block in message.blocks for one in (*block.get("elements", ()), block.get("accessory"))]
    return [(one["text"]["text"], one["value"]) for one in found if one and one["type"] == "button"]


def test_a_new_profile_is_said_with_a_button_that_connects_its_accounts() -> None:
    message = told_views.mapped_message([JANE], by=ANA)
    said = "<@U0ANA> gave you *Acme: Jane*. Connect your accounts so that Ayrshare can post for you."
    assert words(message) == f"*You have a new profile*\n{said}"
    assert message.text == f"You have a new profile. {said}"
    assert buttons(message) == [(CONNECT_GIVEN.label, "jane:alone:")]


def test_several_new_profiles_have_a_button_each() -> None:
    message = told_views.mapped_message([JANE, GLOBEX], by="shell")
    assert words(message).startswith("*You have 2 new profiles*\nAn admin gave you *Acme: Jane* and *&lt;Globex&gt;*.")
    assert buttons(message) == [(CONNECT_GIVEN.label, "jane"), (CONNECT_GIVEN.label, "globex")]


def test_whoever_takes_over_can_connect_the_accounts_and_whoever_had_it_knows() -> None:
    received = told_views.received_message([JANE], old=BEN, by=ANA)
    assert words(received) == "*You take over*\n<@U0ANA> gave you *Acme: Jane*. Until now <@U0BEN> had it."
    assert buttons(received) == [(CONNECT_GIVEN.label, "jane:alone:")]
    removed = told_views.handed_over_message([JANE, GLOBEX], new=CARA, by=ANA)
    assert removed.text.endswith("to <@U0CARA>. Your links to them have ended.")


@pytest.mark.parametrize(
    ("removed", "left", "said"),
    [
        ([JANE, GLOBEX], [], ("*You have no profile now*", "Your links to them have ended.")),
        ([JANE], [GLOBEX], ("*You have 1 fewer profile*", "`/connect` is for *&lt;Globex&gt;* now.")),
        ([GLOBEX], [JANE], ("*You have 1 fewer profile*", "Your links to it have ended.")),
    ],
)
def test_whoever_loses_a_profile_reads_what_is_left(
    removed: list[ProfileRef], left: list[ProfileRef], said: tuple[str, str]
) -> None:
    message = told_views.unmapped_message(removed, left=left, by=ANA, command="/connect")
    assert words(message).startswith(said[0])
    assert words(message).endswith(said[1])


def test_an_admin_gets_a_button_for_each_of_at_most_forty_askers_and_reads_of_the_others() -> None:
    message = told_views.admin_request([Asker(UserId(f"U{number}")) for number in range(50)])
    assert [value for _, value in buttons(message)] == [f"U{number}" for number in range(40)]
    assert {label for label, _ in buttons(message)} == {MAP_A_PROFILE.label}
    assert message.text == "50 people would like a profile. Map one, and they can connect their accounts."
    assert "<@U49>" in words(message)


def test_what_was_served_is_said_with_who_did_it() -> None:
    ben, cara = Asker(BEN, ("Acme: Jane",), by=ANA), Asker(CARA)
    some = told_views.admin_request([ben, cara])
    assert "*<@U0CARA> would like a profile*" in words(some)
    assert "✅ <@U0BEN> has *Acme: Jane* (done by <@U0ANA>)" in words(some)
    assert [value for _, value in buttons(some)] == [CARA]
    done = told_views.admin_request([ben, Asker(CARA, ("<Globex>", "R&D"))])
    assert (
        words(done)
        == "✅ <@U0BEN> has *Acme: Jane* (done by <@U0ANA>)\n✅ <@U0CARA> has *&lt;Globex&gt;* and *R&amp;D*"
    )
    assert buttons(done) == []


def test_an_admin_is_asked_who_takes_over_from_a_person_who_left() -> None:
    message = told_views.deactivated_message(BEN, [JANE])
    assert message.text == "<@U0BEN> has left. They had *Acme: Jane*. Nobody will reconnect its accounts."
    assert buttons(message) == [(WHO_TAKES_OVER.label, BEN)]


def test_of_many_profiles_that_were_taken_the_first_are_named_and_the_others_counted() -> None:
    taken = Taken(tuple(f"Brand {number}" for number in range(TITLES_NAMED + 5)), CARA, ANA)
    said = words(told_views.deactivated_message(BEN, [], [taken]))
    assert "*Brand 0*, *Brand 1*" in said
    assert f"*Brand {TITLES_NAMED - 1}* and 5 more from <@{BEN}>" in said
