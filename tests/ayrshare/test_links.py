"""Which addresses are fit to be shown as a link."""

import pytest
from pydantic import SecretStr

from bot.ayrshare.errors import UnexpectedLink
from bot.ayrshare.links import checked_url

PAGE = "https://profile.ayrshare.com"


@pytest.mark.parametrize(
    "url",
    [
        f"{PAGE}?domain=acme&jwt=a.b.c",
        f"{PAGE}/?jwt=a.b.c&domain=acme&redirect=https%3A%2F%2Facme.example",
        f"{PAGE}?session=ayr_ls_kJ8mQ2&domain=acme",
        f"{PAGE}?jwt={'a' * 2_900}",
    ],
)
def test_an_address_of_the_linking_page_is_passed_on_untouched(url: str) -> None:
    assert checked_url(SecretStr(url), any_host=False).get_secret_value() == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "profile.ayrshare.com?jwt=a",
        "http://profile.ayrshare.com?jwt=a",
        "https://ayrshare.com?jwt=a",
        "https://profile.ayrshare.com.evil.example?jwt=a",
        "https://evil.example/profile.ayrshare.com",
        "https://evil.example#profile.ayrshare.com",
        "https://profile.ayrshare.com@evil.example?jwt=a",
        "https://user@profile.ayrshare.com?jwt=a",
        "https://profile.ayrshare.com:8443?jwt=a",
        "https://profile.ayrshare.com:port?jwt=a",
        "https://evil.example\\@profile.ayrshare.com",
        "https://profile.ayr\nshare.com?jwt=a",
        "https://profile.ayrshare.com?jwt=a b",
        "https://profile.ayrshare.com?jwt=<a|b>",
        "https://prоfile.ayrshare.com?jwt=a",  # noqa: RUF001 - the first o is Cyrillic
        "javascript:alert(1)",
        "https://[?jwt=a",
        f"{PAGE}?jwt={'a' * 3_000}",
    ],
)
def test_every_other_address_is_refused_without_being_named(url: str) -> None:
    with pytest.raises(UnexpectedLink) as refused:
        checked_url(SecretStr(url), any_host=False)
    assert "jwt" not in repr(refused.value) + str(refused.value)


def test_a_stand_in_may_be_anywhere_on_the_web_but_not_elsewhere() -> None:
    local = SecretStr("http://127.0.0.1:8080/ayrshare/page?domain=acme&jwt=a.b.c")
    assert checked_url(local, any_host=True) is local
    for url in ("javascript:alert(1)", "https://", f"http://127.0.0.1/?jwt={'a' * 3_000}"):
        with pytest.raises(UnexpectedLink):
            checked_url(SecretStr(url), any_host=True)
