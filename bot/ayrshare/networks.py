"""The social networks: their names, what people call them, and which of them a link may offer."""

import difflib
from dataclasses import dataclass

from bot.ayrshare.errors import NetworkNotOffered, XNotOffered
from bot.core.matching import folded

INSTAGRAM, X = "instagram", "twitter"
NETWORK_NAMES = {
    "bluesky": "Bluesky",
    "facebook": "Facebook",
    "gmb": "Google Business Profile",
    INSTAGRAM: "Instagram",
    "linkedin": "LinkedIn",
    "pinterest": "Pinterest",
    "reddit": "Reddit",
    "snapchat": "Snapchat",
    "telegram": "Telegram",
    "threads": "Threads",
    "tiktok": "TikTok",
    X: "X",
    "youtube": "YouTube",
}
"""The networks of `allowedSocial` with the names that people write."""
LONGEST_NAME = 20
"""Letters of a network's name: one that we don't know was sent to us."""
CALLED = {name.casefold(): network for network, name in NETWORK_NAMES.items()}
CALLED |= {network: network for network in NETWORK_NAMES}
CALLED |= {"google business": "gmb", "google my business": "gmb", "you tube": "youtube", "yt": "youtube"}
CALLED |= {"facebook page": "facebook", "facebook pages": "facebook"}
CALLED |= {"insta": INSTAGRAM, "ig": INSTAGRAM, "fb": "facebook", "linked in": "linkedin", "tik tok": "tiktok"}
JOINTS = frozenset({"and", "&", "+"})
SHORTEST_GUESSED, SIMILAR = 6, 0.8
"""Letters of a name that may be mistyped, and from which likeness (`difflib`) a word may be it."""


def network_name(network: str) -> str:
    """Return a network's name as people write it, or Ayrshare's own name for a network we don't know."""
    return NETWORK_NAMES.get(network, network.capitalize())


def split_networks(words: str) -> tuple[tuple[str, ...], str]:
    """Return the networks that a text begins or ends with, in the order of their names, and the words between."""
    left, found = words.split(), set[str]()
    while size := _size_of_name(left):
        part = left[:size] if size > 0 else left[size:]
        left = left[size:] if size > 0 else left[:size]
        found.add(CALLED[_spelt(part)])
        left = _without_joints(left)
    return tuple(sorted(found)), " ".join(left)


def _without_joints(words: list[str]) -> list[str]:
    """Return the words without what joined them to a network's name: "instagram and tiktok"."""
    first = 1 if words[:1] and words[0] in JOINTS else 0
    return words[first:-1] if words[-1:] and words[-1] in JOINTS else words[first:]


def corrected(words: str) -> str:
    """Return the words with the names of networks that are mistyped in them put right; nothing if there are none."""
    right = " ".join(map(_corrected, words.split()))
    return right if right.split() != words.split() else ""


def _corrected(word: str) -> str:
    known = [name for name in CALLED if len(name) >= SHORTEST_GUESSED]
    close = difflib.get_close_matches(_spelt([word]), known, n=1, cutoff=SIMILAR)
    return close[0] if close and _spelt([word]) not in CALLED else word


def _spelt(words: list[str]) -> str:
    return folded(" ".join(words)).rstrip(",.;!?")


def _size_of_name(words: list[str]) -> int:
    """Return how many words at the start name a network, or how many at the end as a negative number, or 0."""
    for size in range(min(3, len(words)), 0, -1):
        if _spelt(words[:size]) in CALLED:
            return size
        if _spelt(words[-size:]) in CALLED:
            return -size
    return 0


@dataclass(frozen=True, slots=True)
class OfferedNetworks:
    """What links may offer: the networks of `AYRSHARE_ALLOWED_SOCIAL`, or all; X only with the keys of an own app.

    https://www.ayrshare.com/docs/multiple-users/user-integration
    """

    allowed: tuple[str, ...] = ()
    own_x_app: bool = False

    def among(self, networks: tuple[str, ...]) -> tuple[str, ...]:
        """Return those of the networks that a link may offer."""
        return tuple(network for network in networks if self._offers(network))

    def check(self, networks: tuple[str, ...]) -> None:
        """Raise NetworkNotOffered if a link may offer none of the networks."""
        if networks and not self.among(networks):
            raise self.refusal(networks[0])

    def restriction(self, networks: tuple[str, ...]) -> tuple[str, ...]:
        """Return what the page has to be restricted to for a link to these networks, to all if there are none.

        Empty: Ayrshare's own setting decides.
        """
        everything = self.allowed or (() if self.own_x_app else tuple(NETWORK_NAMES))
        return self.among(networks or everything)

    def refusals(self, networks: tuple[str, ...]) -> str:
        """Return a sentence on each of the networks that no link may offer."""
        refused = [network for network in networks if network in NETWORK_NAMES and not self._offers(network)]
        return " ".join(self.refusal(network).sentence for network in refused)

    def refusal(self, network: str) -> NetworkNotOffered:
        """Return why no link offers a network, and who can change that."""
        needs_app = network == X and not self.own_x_app
        return XNotOffered() if needs_app else NetworkNotOffered(network_name(network))

    def _offers(self, network: str) -> bool:
        plausible = network.isascii() and network.isalnum() and len(network) <= LONGEST_NAME
        return plausible and (not self.allowed or network in self.allowed) and (self.own_x_app or network != X)
