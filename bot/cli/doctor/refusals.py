"""What any call of Ayrshare may be refused for, as a finding."""

from bot.ayrshare.errors import AuthFailed, AyrshareError, NotInPlan, RateLimited
from bot.cli.doctor.finding import Findings

API_KEY, PLAN = "ayrshare.api_key", "ayrshare.plan"
OTHER_PLAN = "It takes Launch, Business or Enterprise. If it is one of these, ask Ayrshare: is the account suspended?"


def tell_refusal(findings: Findings, check: str, error: AyrshareError) -> None:
    """Say what is wrong with the key, the plan or, for any other reason, with `check`."""
    if isinstance(error, AuthFailed):
        hint = "Copy the API key of the Primary Profile from the API page of Ayrshare's dashboard."
        findings.wrong(API_KEY, "Ayrshare doesn't accept it", hint)
    elif isinstance(error, NotInPlan):
        findings.wrong(PLAN, "doesn't include what the bot needs", OTHER_PLAN)
    elif isinstance(error, RateLimited):
        findings.note(check, "Ayrshare is asked too often just now", "Run doctor again in five minutes.")
    else:
        status = f"HTTP {error.http_status}" if error.http_status else "no answer"
        hint = "Check this machine's way to the internet and AYRSHARE_API_URL, if it is set; or Ayrshare is in trouble."
        findings.wrong(check, f"Ayrshare can't be asked ({status})", hint)
