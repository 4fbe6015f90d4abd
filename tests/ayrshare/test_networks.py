"""Which networks people name, and which a link may offer."""

import pytest

from bot.ayrshare.errors import NetworkNotOffered
from bot.ayrshare.networks import OfferedNetworks, split_networks


@pytest.mark.parametrize(
    ("typed", "networks", "rest"),
    [
        ("instagram", ("instagram",), ""),
        ("Acme LinkedIn", ("linkedin",), "Acme"),
        ("x acme jane", ("twitter",), "acme jane"),
        ("acme google business profile", ("gmb",), "acme"),
        ("tiktok instagram", ("instagram", "tiktok"), ""),
        ("instagram and tiktok", ("instagram", "tiktok"), ""),
        ("rock and roll tiktok & facebook pages", ("facebook", "tiktok"), "rock and roll"),
        ("acme instagram jane", (), "acme instagram jane"),
        ("", (), ""),
    ],
)
def test_networks_stand_before_or_behind_the_other_words(typed: str, networks: tuple[str, ...], rest: str) -> None:
    assert split_networks(typed) == (networks, rest)


def test_what_a_link_cannot_offer_is_refused_with_who_can_change_it() -> None:
    with pytest.raises(NetworkNotOffered, match="Whoever runs this bot can add it"):
        OfferedNetworks().check(("twitter",))
    with pytest.raises(NetworkNotOffered, match=r"TikTok can't be connected here.*Whoever runs this bot can allow it"):
        OfferedNetworks(("reddit",), own_x_app=True).check(("tiktok",))
    OfferedNetworks(("reddit",)).check(("tiktok", "reddit"))
    OfferedNetworks(own_x_app=True).check(("twitter",))
