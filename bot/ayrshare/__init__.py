"""Ayrshare's HTTP API, typed: what is linked to a profile, new profiles, and links to the linking page."""

from bot.ayrshare.client import AyrshareClient, open_session
from bot.ayrshare.deadline import link_deadline
from bot.ayrshare.errors import (
    AuthFailed,
    AyrshareError,
    BadPrivateKey,
    BadRequest,
    EmailFailed,
    LinkDead,
    LinkExpired,
    LinkRevoked,
    LinkUnknown,
    MailNeedsMaxPack,
    MaxPackMissing,
    NotInPlan,
    ProfileGone,
    RateLimited,
    TitleTaken,
    Unavailable,
    UnexpectedLink,
)
from bot.ayrshare.jwt_links import JwtLinks
from bot.ayrshare.link_request import LinkOptions
from bot.ayrshare.observer import AyrshareObserver
from bot.ayrshare.retry import Timings
from bot.ayrshare.session_links import SessionLinks

__all__ = [
    "AuthFailed",
    "AyrshareClient",
    "AyrshareError",
    "AyrshareObserver",
    "BadPrivateKey",
    "BadRequest",
    "EmailFailed",
    "JwtLinks",
    "LinkDead",
    "LinkExpired",
    "LinkOptions",
    "LinkRevoked",
    "LinkUnknown",
    "MailNeedsMaxPack",
    "MaxPackMissing",
    "NotInPlan",
    "ProfileGone",
    "RateLimited",
    "SessionLinks",
    "Timings",
    "TitleTaken",
    "Unavailable",
    "UnexpectedLink",
    "link_deadline",
    "open_session",
]
