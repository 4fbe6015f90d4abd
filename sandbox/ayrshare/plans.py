"""What the plans of Ayrshare include.

https://www.ayrshare.com/docs/multiple-users/business-launch-overview
"""

from typing import Final, Literal

from sandbox.ayrshare.assumptions import NEEDS_OTHER_PLAN, PROFILE_LIMIT_REACHED, PROFILE_LIMITS
from sandbox.ayrshare.errors import ApiError

Plan = Literal["premium", "launch", "business", "enterprise"]
PLANS: Final[dict[str, Plan]] = {
    "premium": "premium",
    "launch": "launch",
    "business": "business",
    "enterprise": "enterprise",
}


def check_includes(plan: Plan, path: str) -> None:
    """Raise ApiError if the plan has no User Profiles and the call is about them or their links."""
    if plan == "premium" and ("/profiles" in path or path.endswith("/user/batch")):
        raise ApiError(NEEDS_OTHER_PLAN, "Your plan does not include User Profiles.")


def check_room(plan: Plan, profiles: int) -> None:
    """Raise ApiError if the plan allows no more User Profiles than there are."""
    if profiles >= PROFILE_LIMITS.get(plan, profiles + 1):
        raise ApiError(PROFILE_LIMIT_REACHED, "Your plan's number of User Profiles is reached.")
