"""The types of settings: what is accepted as a token, an address, a list, and in which words the rest is refused."""

import base64
import re
import ssl
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, SecretStr

from bot.ayrshare.private_key import read_private_key
from bot.ayrshare.webhook import WEBHOOK_PATH
from bot.slack.signature import INSTALL_PATH, REDIRECT_PATH, REQUEST_PATH
from bot.storage.encryption_keys import parse_keys
from bot.storage.redis_url import read_redis_url

SENT_TO = (REQUEST_PATH, WEBHOOK_PATH, INSTALL_PATH, REDIRECT_PATH, "/healthz", "/readyz", "/metrics")
ROUTES = rf"({'|'.join(map(re.escape, SENT_TO))}|/api/v1(/.*)?|/c/[^/]*)$"
"""What stands behind PUBLIC_URL in the addresses of the routes."""
HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s:/]+)(:\d+)?")
AROUND_PART = "[]\"'`@-\u201c\u201d\u201e\u2018\u2019"
SLACKS_LETTERS = r"[A-Za-z0-9_.%=+/-]+"


def _matching(pattern: str, words: str) -> AfterValidator:
    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise ValueError(words)
        return value

    return AfterValidator(check)


def _slack_token(begins: str, words: str) -> AfterValidator:
    def check(value: SecretStr) -> SecretStr:
        if not re.fullmatch(rf"{begins}(?=.*[A-Za-z0-9]){SLACKS_LETTERS}", value.get_secret_value()):
            raise ValueError(f"{words}, and letters, digits and hyphens follow)")
        return value

    return AfterValidator(check)


def _network(text: object) -> object:
    try:
        network = ip_network(str(text), strict=False)
    except ValueError:
        raise ValueError("must be addresses or networks of proxies, such as 127.0.0.1,10.0.0.0/8") from None
    if network.prefixlen == 0:
        raise ValueError("names every address, so that anybody could choose the one that counts; name your proxies'")
    return network


def _readable_redis_url(url: SecretStr) -> SecretStr:
    read_redis_url(url.get_secret_value())
    return url


def _certificates(path: Path) -> Path:
    try:
        ssl.create_default_context(cafile=path)
    except OSError as error:  # ssl.SSLError is one
        reason = (
            "holds no certificate in PEM" if isinstance(error, ssl.SSLError) else f"cannot be read ({error.strerror})"
        )
        raise ValueError(reason) from None
    return path


def _upper(text: object) -> object:
    return text.upper() if isinstance(text, str) else text


def _lower(text: object) -> object:
    return text.lower() if isinstance(text, str) else text


def _lower_scheme(text: object) -> object:
    if not isinstance(text, str):
        return text
    scheme, colon, rest = text.partition("://")
    return f"{scheme.lower()}{colon}{rest}"


def _switch(text: object) -> object:
    """Return `yes` or `no` for what YAML and people make of them (https://yaml.org/type/bool.html)."""
    word = str(text).lower()
    return "yes" if word in {"yes", "true", "on", "1"} else "no" if word in {"no", "false", "off", "0"} else text


def _on_or_off(text: object) -> object:
    return {"yes": "on", "no": "off"}.get(str(_switch(text)), text)


def _split(text: object) -> object:
    """Split a list, also one in JSON or YAML, of mentions, or with quotes and commas of another language."""
    if not isinstance(text, str):
        return text
    plain = re.sub(r"<(?:[@#]|!subteam\^)(\w+)(?:\|[^>]*)?>", r" \1 ", text)
    parts = (part.strip(AROUND_PART) for part in re.split(r"[,;|\s\uff0c\uff1b\u3001]+|\\n", plain))
    return tuple(part for part in parts if part)


def home_path(path: Path) -> Path:
    """Return a path whose `~` is replaced; refuse what is none, and would become a folder of a strange name."""
    if re.search(r"\s#|[\0-\x1f]", str(path)) or re.match(r"\w+:[/\\]|%\w+%", str(path)):
        raise ValueError("must be a path, without a comment, a scheme or line breaks")
    try:
        return path.expanduser()
    except RuntimeError:
        raise ValueError("begins with ~ and the name of a user whom this machine doesn't know") from None


def _one_word(secret: SecretStr) -> SecretStr:
    value = secret.get_secret_value()
    if not value.isprintable() or re.search(r"\s", value):
        raise ValueError("must be one word, without spaces, line breaks or invisible characters")
    return secret


def _without_route(url: str) -> str:
    """Return where the bot is reached, also if the address of one of its routes was given."""
    scheme, _, rest = url.rstrip("/").partition("://")
    host, slash, path = rest.partition("/")
    if re.search(r"[?#]", url) or "@" in host or not HOST.fullmatch(host):
        raise ValueError("must be an address without ?, # and a name, such as https://bot.example.com")
    return re.sub(ROUTES, "", f"{scheme}://{host.lower()}{slash}{path}").rstrip("/")


def _no_token(secret: SecretStr) -> SecretStr:
    if re.match(r"xox|xapp-", secret.get_secret_value()):
        raise ValueError("is a token; the signing secret stands under Basic Information in the app's settings")
    return secret


def _signing_secret(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value()
    if text.startswith("whsec_"):
        try:
            base64.b64decode(text.removeprefix("whsec_"), validate=True)
        except ValueError:
            raise ValueError("must be base64 behind whsec_") from None
    return secret


def _clean_key(raw: SecretStr) -> SecretStr:
    return SecretStr(read_private_key(raw.get_secret_value()))


def _readable_keys(raw: SecretStr) -> SecretStr:
    parse_keys(raw.get_secret_value())
    return raw


EmailAddress = Annotated[str, _matching(r"[^@\s]+@[^@\s]+", "must be an e-mail address")]
WebAddress = Annotated[
    str,
    BeforeValidator(_lower_scheme),
    _matching(r"https?://[^\s/\\]+[^\s\\]*", "must be a web address (http:// or https://)"),
]
EventsUrl = Annotated[
    str,
    _matching(
        r"https://[^\s/@?#]+([/?]\S*)?|http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(/\S*)?",
        "must be an address that begins with https://, without a name or password in it",
    ),
]
"""Plain HTTP is for a receiver on the same machine."""
ApiUrl = Annotated[WebAddress, AfterValidator(lambda url: url.rstrip("/") + "/")]
OneWord = Annotated[SecretStr, AfterValidator(_one_word)]
SigningSecret = Annotated[OneWord, AfterValidator(_signing_secret)]
SlackSigningSecret = Annotated[OneWord, AfterValidator(_no_token)]
BotToken = Annotated[OneWord, _slack_token(r"(xoxe\.)?xoxb-", "must be a bot token (it begins with xoxb-")]
AppToken = Annotated[OneWord, _slack_token("xapp-", "must be an app-level token (it begins with xapp-")]
Network = Annotated[str, BeforeValidator(_lower), _matching(r"[a-z]+", "must be network names, comma-separated")]
SlackId = Annotated[
    str,
    BeforeValidator(_upper),
    _matching(r"(T[A-Z0-9]+:)?[UWS][A-Z0-9]+", "must be user IDs (U…) or user-group IDs (S…)"),
]
"""A person or a user group; with many workspaces, behind that of its workspace: `T0123ABC:U0456DEF`."""
WorkspaceId = Annotated[
    str, BeforeValidator(_upper), _matching(r"[TE][A-Z0-9]+", "must be workspace IDs (T…) or organization IDs (E…)")
]
IpNetwork = IPv4Network | IPv6Network
ProxyNetwork = Annotated[IpNetwork, BeforeValidator(_network)]
SlashCommand = Annotated[
    str, BeforeValidator(_lower), _matching(r"/[a-z0-9_-]{1,31}", "must be a slash and up to 31 letters")
]
List = BeforeValidator(_split)
Either = BeforeValidator(_lower)
"""For a choice among words, in letters of any size."""
YesNo = Annotated[Literal["yes", "no"], BeforeValidator(_switch)]
OnOff = Annotated[Literal["on", "off"], BeforeValidator(_on_or_off)]
SlackIds = tuple[Annotated[str, BeforeValidator(_upper)], ...]
"""Those of a list, whether or not they look like any."""
PublicUrl = Annotated[WebAddress, AfterValidator(_without_route)]
OneWordName = Annotated[str, _matching(r"\S+", "must be one word, as Ayrshare gave it")]
PrivateKey = Annotated[SecretStr, AfterValidator(_clean_key)]
EncryptionKeys = Annotated[SecretStr, AfterValidator(_readable_keys)]
HomePath = Annotated[Path, AfterValidator(home_path)]
CertificateFile = Annotated[HomePath, AfterValidator(_certificates)]
RedisUrl = Annotated[SecretStr, AfterValidator(_readable_redis_url)]
LogLevel = Annotated[
    Literal["DEBUG", "INFO", "WARNING", "ERROR"],
    BeforeValidator(lambda text: {"WARN": "WARNING"}.get(str(text).upper(), _upper(text))),
]
Guests = Annotated[Literal["refuse", "allow"], Either]
