"""What goes wrong: each fault in words; its name, which scripts use, is the value behind them."""

from sandbox.control.setup import FAULTY_METHODS
from sandbox.drawing.html import Html, join, tag
from sandbox.page.controls import call, form, number, select
from sandbox.page.world import Json, World

Labels = dict[str, dict[str, str]]
"""Names of faults and their words, by what they concern."""
UNREADABLE = {
    "bad_gateway": "502 and a sentence",
    "forbidden_page": "403 and a web page",
    "json_refusal": "403 and JSON of somebody else's",
    "web_page": "200 and a web page",
    "plain_text": "200 and a sentence",
    "empty_answer": "200 and nothing",
    "cut_answer": "JSON that breaks off",
    "a_list": "a list",
    "a_number": "a number",
    "only_ok": "only “ok”",
    "other_fields": "other fields",
    "odd_encoding": "an encoding that doesn't exist",
    "no_text_encoding": "an encoding that isn't one of text",
    "deep": "JSON 100,000 levels deep",
    "endless": "an answer without end",
    "huge_answer": "300 MB",
    "gzip_bomb": "100 MB, packed small",
}
SLACK: Labels = {
    "The connection": {
        "latency": "answers late, after the ms",
        "timeout": "says nothing for the ms, then hangs up",
        "drop_connection": "hangs up at once",
        "error_500": "answers 500",
        "ratelimited": "asks to wait for the ms (429)",
    },
    "Messages": {
        "lost_answer": "posts, but its answer is lost",
        "late_post": "hangs up, and posts after the ms",
        "response_url_expired": "says that the response_url is over",
    },
    "Requests to the bot": {
        "replay": "sends one of them twice",
        "old_timestamp": "sends one of them with an old time",
        "bad_signature": "signs one of them wrongly",
        "disconnect_storm": "renews each socket at once",
    },
    "It refuses": {
        "invalid_auth": "the token is wrong",
        "token_revoked": "the token was revoked",
        "account_inactive": "the app's account is inactive",
        "missing_scope": "a scope is missing",
        "no_permission": "the token may not do that",
        "user_not_found": "there is nobody of that ID",
        "user_not_visible": "that person can't be seen",
        "cannot_dm_bot": "bots take no messages",
        "messages_tab_disabled": "the app takes no messages",
        "message_not_found": "that message is gone",
        "cant_update_message": "that message isn't the bot's to change",
        "edit_window_closed": "that message is too old to change",
        "internal_error": "an error of its own",
        "word_that_is_new": "a word that nobody knows",
    },
    "It answers": UNREADABLE,
}
AYRSHARE: Labels = {
    "The connection": {
        "latency": "answers late, after the ms",
        "timeout": "says nothing for the ms, then hangs up",
        "drop_connection": "hangs up at once",
        "rate_limited": "asks to wait for the ms (429)",
        "error_500": "answers 500",
        "error_502": "answers 502",
        "error_503": "answers 503",
        "error_504": "answers 504",
        "truncated": "does it, but its answer breaks off",
        "empty": "does it, but answers nothing",
    },
    "It refuses": {
        "bad_api_key": "the API key is wrong",
        "bad_key": "the private key is wrong",
        "profile_gone": "there is no such profile key",
        "not_found": "there is no such profile",
        "plan": "the plan has no such feature",
        "status_error": "an error with the status 200",
    },
    "It answers": UNREADABLE,
}
VERBS = {"It refuses": "refuses: ", "It answers": "answers: "}
LABELS = {"slack": SLACK, "ayrshare": AYRSHARE}
USUAL_MS, LONGEST_MS = 2_000, 600_000


def faults(world: World) -> Html:
    """Draw what can go wrong, and what is about to."""
    pending = [(service, fault) for service, some in world.meta["faults"].items() for fault in some]
    still = [
        tag("li", f"{named(service, fault)}, {fault['times'] or 'any number of'} more") for service, fault in pending
    ]
    mend = [_mend(service) for service in dict(pending)]
    methods = select("method", {"": "any call"} | {name: name for name in sorted(FAULTY_METHODS)}, label="in ")
    forms = (_break("slack", methods), _break("ayrshare"))
    return join([tag("h3", "What goes wrong"), *forms, tag("ul", *still), tag("p", *mend, class_="buttons")])


def named(service: str, fault: Json) -> str:
    """Say what a fault does."""
    heading, label = next(
        (heading, labels[fault["kind"]]) for heading, labels in LABELS[service].items() if fault["kind"] in labels
    )
    where = f" ({fault['method']})" if fault["method"] else ""
    return f"{service.title()}{where} {VERBS.get(heading, '')}{label}"


def _break(service: str, *more: Html) -> Html:
    kinds = select("kind", LABELS[service], label=f"{service.title()} ")
    numbers = (number("times", 1), number("ms", USUAL_MS, minimum=0, maximum=LONGEST_MS))
    return form("fault", kinds, *more, *numbers, button="Break", body={"target": service})


def _mend(service: str) -> Html:
    return call(f"Mend {service.title()}", "fault", {"target": service, "kind": "none"})
