"""The errors of Web API calls through the stock slack_sdk."""

from collections.abc import Awaitable

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse


async def error_response(call: Awaitable[object]) -> AsyncSlackResponse:
    """Await a call that must fail, and return its response."""
    with pytest.raises(SlackApiError) as caught:
        await call
    response = caught.value.response
    assert isinstance(response, AsyncSlackResponse)
    return response


async def error_of(call: Awaitable[object]) -> str:
    """Await a call that must fail, and return its error."""
    return str((await error_response(call))["error"])
