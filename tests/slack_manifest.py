"""What Slack accepts as a manifest: the parts that an app like ours has, with the limits of Slack's published schema.

https://docs.slack.dev/reference/app-manifest, https://github.com/slackapi/manifest-schema. What is not named here is
refused, as Slack does. Addresses are held to https, which Slack asks for in words.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class DisplayInformation(Part):
    name: Annotated[str, Field(min_length=1, max_length=35)]
    description: Annotated[str, Field(min_length=1, max_length=140)]
    long_description: Annotated[str, Field(min_length=175, max_length=4000)]
    background_color: Annotated[str, Field(pattern=r"^#([0-9a-fA-F]{3}){1,2}$")]


class AppHome(Part):
    home_tab_enabled: bool
    messages_tab_enabled: bool
    messages_tab_read_only_enabled: bool


class BotUser(Part):
    display_name: Annotated[str, Field(min_length=1, max_length=80)]
    always_online: bool


class SlashCommand(Part):
    command: Annotated[str, Field(min_length=2, max_length=32, pattern=r"^/[a-z0-9_-]+$")]
    description: Annotated[str, Field(min_length=1, max_length=2000)]
    usage_hint: Annotated[str, Field(min_length=1, max_length=1000)]
    should_escape: bool
    url: Annotated[str | None, Field(max_length=3000, pattern="^https://")] = None


class Shortcut(Part):
    name: Annotated[str, Field(min_length=1, max_length=24)]
    type: Literal["message", "global"]
    callback_id: Annotated[str, Field(min_length=1, max_length=255)]
    description: Annotated[str, Field(min_length=1, max_length=150)]


class Features(Part):
    app_home: AppHome
    bot_user: BotUser
    slash_commands: Annotated[list[SlashCommand], Field(min_length=1, max_length=50)]
    shortcuts: Annotated[list[Shortcut], Field(min_length=1, max_length=10)] = []


Name = Annotated[str, Field(max_length=50)]


class Scopes(Part):
    bot: Annotated[list[Name], Field(max_length=255)]
    bot_optional: Annotated[list[Name], Field(max_length=255)] = []


class OAuthConfig(Part):
    scopes: Scopes
    redirect_urls: Annotated[list[str], Field(max_length=1000)] = []


class EventSubscriptions(Part):
    bot_events: Annotated[list[Name], Field(max_length=100)]
    request_url: Annotated[str | None, Field(max_length=3500, pattern="^https://")] = None


class Interactivity(Part):
    is_enabled: bool
    request_url: Annotated[str | None, Field(max_length=3500, pattern="^https://")] = None
    message_menu_options_url: Annotated[str | None, Field(max_length=3500, pattern="^https://")] = None


class AppSettings(Part):
    interactivity: Interactivity
    org_deploy_enabled: bool
    socket_mode_enabled: bool
    token_rotation_enabled: bool
    event_subscriptions: EventSubscriptions = EventSubscriptions(bot_events=[])


class Manifest(Part):
    display_information: DisplayInformation
    features: Features
    oauth_config: OAuthConfig
    settings: AppSettings

    @property
    def addresses(self) -> set[str]:
        """Every address that Slack would call."""
        settings = self.settings
        interactivity = settings.interactivity
        told = [interactivity.request_url, interactivity.message_menu_options_url]
        told.append(settings.event_subscriptions.request_url)
        return {address for address in (*told, *(one.url for one in self.features.slash_commands)) if address}
