"""The redactor: the last step before output hides what looks like a secret, whoever logged it."""

import logging

import pytest

from tests.canaries import listening


@pytest.mark.parametrize(
    ("secret", "around"),
    [
        ("xoxb-123-456-canary", "token {} used"),
        ("xapp-1-A0-canary", "{}"),
        ("https://hooks.slack.com/commands/T1/2/canary", "POST {} failed"),
        ("canary-jwt", "https://profile.ayrshare.com?domain=acme&jwt={}&logout=true"),
        ("ayr_ls_canary", "https://profile.ayrshare.com?session={}&domain=acme"),
        ("eyJhbGciOi.eyJjYW5hcnki.canary-signature", "claims of {}"),
        ("canarykey", "Authorization: Bearer {}"),
        ("CANARYbase64", "-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----"),
    ],
)
def test_what_a_library_logs_loses_its_secrets(secret: str, around: str) -> None:
    with listening() as lines:
        logging.getLogger("some.library").warning("before %s after", around.format(secret))
        try:
            raise ValueError(around.format(secret))
        except ValueError:
            logging.getLogger("some.library").exception("trace")
    assert len(lines.lines) == 2
    assert all("hidden" in line for line in lines.lines)
    assert secret not in "".join(lines.lines)


def test_ordinary_words_pass_untouched() -> None:
    with listening() as lines:
        logging.getLogger("bot").warning("link_made card=abc-123 team=T0CONNECT")
    assert "link_made card=abc-123 team=T0CONNECT" in lines.lines[0]
