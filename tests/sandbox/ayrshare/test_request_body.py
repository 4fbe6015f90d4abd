"""Bodies of calls: forms say the same as JSON."""

from tests.sandbox.ayrshare.serving import Reply, Served


async def post_form(ayrshare: Served, path: str, form: dict[str, str]) -> Reply:
    headers = {"Authorization": f"Bearer {ayrshare.local.api_key}", "Profile-Key": ayrshare.local.profiles[0].key}
    async with ayrshare.http.post(f"{ayrshare.api_url}{path}", data=form, headers=headers) as response:
        return Reply(response.status, {}, await response.text(), await response.json())


async def test_a_form_is_read_like_json(ayrshare: Served) -> None:
    ayrshare.local.max_pack = True
    fields = {"allowedSocial[0]": "tiktok", "allowedSocial[1]": "reddit", "logout": "true", "expiresIn": "30"}
    created = await post_form(ayrshare, "/profiles/link-sessions", fields)
    assert created.body["expiresAt"] == "2026-11-02T09:30:00.000Z"
    assert "logout=true" in created.body["url"]
    assert ayrshare.local.links.issued[0].networks == ("reddit", "tiktok")


async def test_a_form_names_the_fields_of_an_object_in_brackets(ayrshare: Served) -> None:
    ayrshare.local.max_pack = True
    names = ("to", "company", "contactEmail", "termsUrl", "privacyUrl")
    mail = {f"email[{name}]": "x@acme.example" for name in names}
    assert (await post_form(ayrshare, "/profiles/link-sessions", mail)).body["emailSent"] is True


async def test_a_missing_parameter_is_a_400_with_code_101(ayrshare: Served) -> None:
    refused = await ayrshare.call("POST", "/profiles", {})
    assert (refused.status, refused.body["code"]) == (400, 101)
    assert refused.body["message"] == "Missing/incorrect parameter: title"
