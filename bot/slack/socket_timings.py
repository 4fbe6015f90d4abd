"""How long Socket Mode waits for what."""

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds.

    Slack allows few new sockets a minute and says with a 429 how long to wait for the next one; these are the pauses
    where it says nothing.
    """

    first_try: float = 5
    """How long the start waits to hear whether the token is accepted."""
    greeting: float = 5
    silence: float = 15
    """A socket on which nothing was heard for so long, no answer to our ping either, is given up."""
    linger: float = 120
    """How much longer a socket is read that Slack asked to leave; Slack itself closes it after about 10."""
    first_pause: float = 0.5
    longest_pause: float = 30
    steady: float = 30
    """After so long without trouble the next pause is a first one again."""
    crowded: float = 20
    """The pause where all the places that an app has are taken."""
    refused: float = 60
    """The pause where somebody has to change a setting first."""
    last_words: float = 0.5
    """For the last acknowledgements at the end of a socket, and again for Slack's part in closing it."""

    def pause(self, failures: int, *, asked: float | None = None) -> float:
        """Return the pause after so many failures in a row, or the one that was asked for and a little more.

        By itself it is twice as long each time, and half of it by chance.
        """
        if asked is not None:
            return asked * random.uniform(1, 1.1)  # noqa: S311 - spreads out the tries, guards no secret
        longest: float = min(self.longest_pause, self.first_pause * 2 ** min(failures - 1, 16))
        return longest * random.uniform(0.5, 1)  # noqa: S311 - as above
