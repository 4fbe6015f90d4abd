"""What a file would change, worked out from its rows and what is known already."""

import pytest
from pydantic import SecretStr

from bot.ayrshare.model import Profile
from bot.core.model import RefId, TeamId, UserId
from bot.mappings.imports.mapping_file import FileRow, read
from bot.mappings.imports.plan import KnownMappings, Plan, make_plan
from bot.mappings.imports.resolve import RequestedMembers, ResolvedKeys, match_keys, resolve_users
from bot.mappings.imports.store import UserMappings
from bot.mappings.model import unchecked_profile
from bot.profiles.model import ProfileMapping

TEAM, BEN, CARA = TeamId("T1"), UserId("U0BEN"), UserId("U0CARA")


def profile(name: str, *, key: str = "", title: str = "") -> Profile:
    return Profile(RefId(name), title or name.title(), SecretStr(key or f"key-of-{name}"))


JANE, TEAMWORK = profile("jane"), profile("team")
NOTHING = KnownMappings()
SECRET = "AX1XGG-9jK3M5LS-GR5RX5G-LLCK8EA"


def known(*profiles: Profile, **mapped: str) -> KnownMappings:
    """Profiles, and by user their mappings, the default first."""
    mappings = [
        ProfileMapping(TEAM, UserId(user), RefId(ref), default=number == 0)
        for user, refs in mapped.items()
        for number, ref in enumerate(refs.split())
    ]
    return KnownMappings(mappings, {p.ref_id: p.title for p in profiles}, profiles)


def row(
    line: int, key: Profile | None = None, *, user: str = BEN, ref: str | None = None, default: bool = False
) -> FileRow:
    return FileRow(line, user, key.key if key else None, RefId(ref) if ref else None, default)


def resolved(*profiles: Profile) -> ResolvedKeys:
    return {profile.key: profile for profile in profiles}


def plan(rows: list[FileRow], keys: ResolvedKeys, before: KnownMappings = NOTHING) -> tuple[Plan, list[str]]:
    plan, problems = make_plan(rows, {one.line: UserId(one.user) for one in rows}, keys, before)
    return plan, [str(problem) for problem in problems]


def changes(plan: Plan) -> list[tuple[str, str, bool, bool]]:
    return [(change.user, change.ref_id, change.new, change.default) for change in plan.changes]


def test_the_first_profile_of_a_new_person_becomes_their_default_unless_another_is_marked() -> None:
    rows = [row(2, JANE), row(3, TEAMWORK), row(4, JANE, user=CARA), row(5, TEAMWORK, user=CARA, default=True)]
    made, problems = plan(rows, resolved(JANE, TEAMWORK))
    assert problems == []
    assert changes(made) == [
        (BEN, "jane", True, True),
        (BEN, "team", True, False),
        (CARA, "jane", True, False),
        (CARA, "team", True, True),
    ]
    assert (made.new_people, made.new_profiles, made.unchanged) == (2, 2, 0)
    assert made.batch.people[1] == UserMappings(CARA, (RefId("jane"), RefId("team")), RefId("team"))


def test_what_is_so_already_is_no_change() -> None:
    before = known(JANE, TEAMWORK, U0BEN="jane team")
    made, problems = plan([row(2, JANE, default=True), row(3, TEAMWORK)], resolved(JANE, TEAMWORK), before)
    assert (problems, made.changes, made.unchanged) == ([], (), 2)
    assert not made.batch


def test_a_new_default_is_a_change_and_an_unmarked_row_takes_none_away() -> None:
    before = known(JANE, TEAMWORK, U0BEN="jane team")
    made, _ = plan([row(2, TEAMWORK, default=True)], resolved(TEAMWORK), before)
    assert changes(made) == [(BEN, "team", False, True)]
    made, _ = plan([row(2, JANE)], resolved(JANE), before)
    assert made.changes == ()


def test_a_profile_is_named_by_its_ref_id_where_it_is_known() -> None:
    made, problems = plan([row(2, ref="jane"), row(3, ref="nobody")], {}, known(JANE))
    assert changes(made) == [(BEN, "jane", True, True)]
    assert problems == ["line 3: ref_id: no such profile is known here; write its profile_key"]


@pytest.mark.parametrize(("ref", "fits"), [("jane", True), ("team", False), ("elsewhere", False)])
def test_a_key_and_a_ref_id_in_one_row_have_to_be_the_same_profile(ref: str, *, fits: bool) -> None:
    _, problems = plan([row(2, JANE, ref=ref)], resolved(JANE), known(TEAMWORK))
    assert bool(problems) is not fits


def test_an_unchecked_key_may_stand_beside_a_ref_id_that_nobody_here_knows() -> None:
    new = unchecked_profile(SecretStr("key-of-jane"))
    assert plan([row(2, new, ref="elsewhere")], resolved(new))[1] == []
    assert plan([row(2, new, ref="team")], resolved(new), known(TEAMWORK))[1] != []


def test_the_same_key_is_the_same_profile_whether_or_not_it_was_checked() -> None:
    key = JANE.key
    assert match_keys([key], [])[key] == match_keys([key], [TEAMWORK])[key] == unchecked_profile(key)
    assert (
        match_keys([key], [JANE, unchecked_profile(key)])[key]
        == match_keys([key], [unchecked_profile(key), JANE])[key]
        == JANE
    )


def test_a_profile_stored_unchecked_gives_way_to_its_own_name_for_everybody() -> None:
    old = unchecked_profile(JANE.key)
    before = known(old, U0BEN=old.ref_id, U0CARA=old.ref_id)
    made, problems = plan([row(2, JANE), row(3, ref=old.ref_id, user=CARA)], resolved(JANE), before)
    assert (problems, made.changes, made.unchanged) == ([], (), 2)
    assert made.batch.replaced == {old.ref_id: "jane"}
    assert (made.batch.profiles, made.new_profiles, made.updated_profiles) == ((JANE,), 0, 0)
    assert not plan([row(2, JANE, ref=old.ref_id)], resolved(JANE), before)[1]


def test_a_known_profile_is_saved_again_where_its_title_or_key_has_changed() -> None:
    for newer in (profile("jane", title="Acme: Jane"), profile("jane", key="another-key")):
        made, problems = plan([row(2, newer)], resolved(newer), known(JANE, U0BEN="jane"))
        assert (problems, made.batch.profiles) == ([], (newer,))
        assert (made.new_profiles, made.updated_profiles) == (0, 1)


def test_what_a_file_says_against_itself_is_told_with_both_lines() -> None:
    other = profile("jane", key="another-key")
    rows = [
        row(2, JANE, default=True),
        row(3, TEAMWORK, default=True),
        row(4, JANE),
        row(5, other, user=CARA),
        row(6, TEAMWORK, user=CARA),
        row(7, TEAMWORK, user=CARA),
    ]
    made, problems = plan(rows, resolved(JANE, TEAMWORK, other))
    assert problems == [
        "line 3: default: this person has another default in line 2",
        "line 4: default: line 2 says otherwise for the same person and profile",
        "line 5: profile_key: another key of the same profile stands in line 2",
    ]
    assert made.notes == ("Left out, because they only repeat an earlier line: line 7.",)


def test_a_key_that_will_not_do_is_told_for_each_of_its_rows() -> None:
    rows = [row(2, JANE), row(9, JANE, user=CARA)]
    _, problems = plan(rows, {JANE.key: "no"})
    assert problems == ["line 2: profile_key: no", "line 9: profile_key: no"]


def test_keys_that_cannot_be_read_are_noted() -> None:
    before = KnownMappings(titles={RefId("jane"): "Jane"})
    assert "ENCRYPTION_KEYS" in plan([row(2, TEAMWORK)], resolved(TEAMWORK), before)[0].notes[0]


@pytest.mark.parametrize(
    "text",
    [
        f"user;profile_key\nana@example.com,{SECRET};{SECRET}\n",
        f"user\tprofile_key\nana@example.com;{SECRET};x\t{SECRET}\n",
        f"user,profile_key\n{SECRET}@example.com,{SECRET}\n",
        f'user,profile_key\n"ana@example.com:{SECRET}",{SECRET}\n',
        f"user,profile_key,default\n{SECRET},ana@example.com,\n",
        f"user,profile_key,{SECRET}\nU1,{SECRET},x\n",
        f"{SECRET},profile_key\nU1,{SECRET}\n",
        f"user,profile_key,default\nU1,{SECRET},{SECRET}\n",
        f"user,ref_id\nU1,{SECRET}\n",
    ],
)
@pytest.mark.parametrize("found", [None, RequestedMembers(frozenset(), emails_shown=True)], ids=["no list", "a list"])
def test_no_cell_is_ever_repeated_because_any_may_hold_a_key(text: str, found: RequestedMembers | None) -> None:
    table = read(text.encode())
    users, unknown = resolve_users(table.rows, found, check_ids=found is not None)
    made, wrong = make_plan(table.rows, users, match_keys({one.key for one in table.rows if one.key}, ()), NOTHING)
    said = "\n".join(map(str, (*table.problems, *table.notes, *unknown, *wrong, *made.notes)))
    assert said
    assert SECRET.casefold() not in said.casefold()
