"""Mappings as a CSV file: whatever a spreadsheet writes is read, and what can't be is told by line, never by value."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.core.model import RefId, TeamId, UserId
from bot.mappings.imports.mapping_file import FileRow, read, write
from bot.mappings.model import MAX_FILE_BYTES, MAX_FILE_ROWS
from bot.profiles.model import ProfileMapping

KEY = "CANARY-12345678-ABCDEFGH"
HEADER = "user,profile_key,default\n"


def problems(text: str) -> list[str]:
    table = read(text.encode())
    assert KEY not in str(table)
    return [str(problem) for problem in table.problems]


@pytest.mark.parametrize(
    "content",
    [
        f"user,profile_key,default\nben@x.example,{KEY},yes\n".encode(),
        f"user,profile_key,default\r\nben@x.example,{KEY},yes".encode("utf-8-sig"),
        f"user;profile_key;default\r\nben@x.example;{KEY};TRUE\r\n\r\n;;\r\n".encode("utf-8-sig"),
        f'"User","Profile Key","Default"\n"ben@x.example","{KEY}","x"\n'.encode(),
        codecs.BOM_UTF16_LE + f"user\tprofile_key\tdefault\r\nben@x.example\t{KEY}\t1\r\n".encode("utf-16-le"),
        f" default , profile-key , user \n Y , {KEY} ,  ben@x.example\u00a0\n".encode(),
        f"user,profile_key,default\rben@x.example,{KEY},yes\r".encode(),
        f"user,profile_key,default,title,ref_id\nben@x.example,{KEY},yes\n".encode(),
    ],
    ids=["plain", "BOM and CRLF", "semicolons and blank rows", "quoted", "UTF-16", "spaces", "CR", "short row"],
)
def test_every_dialect_says_the_same(content: bytes) -> None:
    table = read(content)
    assert table.rows == (FileRow(2, "ben@x.example", SecretStr(KEY), None, default=True),)
    assert not table.problems
    assert not table.notes


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    "text",
    [
        f"sep=;\r\nUSER;Profile Key;Default\r\n<@U0BEN|ben>;{KEY};WAHR\r\n",
        f"user,profile_key,default\ru0ben,{KEY},Yes\r",
        f"'user,'profile_key,default\n'U0BEN,'{KEY},x\n",
        f'user\tprofile_key\tdefault\n="U0BEN"\t="{KEY}"\tTRUE\t\t\n',
        f"\u00a0user,profile_key\u200b,default\n\u200bU0BEN\u00a0,{KEY},VRAI\n,,\n",
        f"User ID,ProfileKey,default\nU0BEN,{KEY},✓\n\x1a",
        f"user-id;profile key;DEFAULT\nU0BEN;{KEY};ИСТИНА\n",
        f"user|profile_key|default\nU0BEN|{KEY}|☑\n",
        f'"user,profile_key,default"\n"U0BEN,{KEY},on"\n',
        f'"user;profile_key;default"\r\n"U0BEN;""{KEY}"";✔"\r\n',
        f"ｕｓｅｒ,profile\u00a0key,default\nＵ０BEN,{KEY},x\n",  # noqa: RUF001 - letters of full width
        f'user,profile_key,default\nU0BEN,"""{KEY}""",x\n',
    ],
    ids=[
        "sep",
        "mac",
        "apostrophe",
        "as_text",
        "invisible",
        "ctrl_z",
        "other_names",
        "bars",
        "one_cell",
        "one_cell_quoted",
        "full_width",
        "quotes",
    ],
)
def test_a_table_is_read_as_spreadsheets_write_it(text: str, encoding: str) -> None:
    table = read(text.encode(encoding))
    assert [str(problem) for problem in table.problems] == []
    assert [(row.user, row.key, row.default) for row in table.rows] == [("U0BEN", SecretStr(KEY), True)]


@pytest.mark.parametrize(
    ("word", "default"),
    [
        ("Sí", True),
        ("OUI", True),
        ("ja", True),
        ("VERDADEIRO", True),
        ("1.0", True),
        ("Nein", False),
        ("NON", False),
        ("\u2013", False),
    ],
)
def test_truth_is_read_in_many_languages(word: str, default: bool) -> None:  # noqa: FBT001 - a value
    (row,) = read(f"user,profile_key,default\nMAILTO:ben@x.example,{KEY},{word}\n".encode()).rows
    assert (row.user, row.default) == ("ben@x.example", default)


@pytest.mark.parametrize(
    ("written", "user"),
    [
        ("Ben B. <ben@x.example>", "ben@x.example"),
        ('"Ben, B." <ben@x.example>', "ben@x.example"),
        ("mailto:ben@x.example", "ben@x.example"),
        ("\u201cben@x.example\u201d", "ben@x.example"),
        ("https://acme.slack.com/team/U0BEN", "U0BEN"),
        ("https://acme.enterprise.slack.com/team/u0ben1", "U0BEN1"),
        ("<@U0BEN|ben>", "U0BEN"),
        ("@ben", "@ben"),
    ],
)
def test_a_person_is_read_as_other_programs_copy_them(written: str, user: str) -> None:
    cell = written.replace('"', '""')
    (row,) = read(f'user,profile_key\n"{cell}",\u201e{KEY}\u201c\n'.encode()).rows
    assert (row.user, row.key) == (user, SecretStr(KEY))


@pytest.mark.parametrize("column", ["profile_key", "ref_id"])
@pytest.mark.parametrize("number", ["1.23E+20", "1,5E15", "7E-3"])
def test_what_a_spreadsheet_made_a_number_of_is_refused(column: str, number: str) -> None:
    (problem,) = read(f"user;{column}\nU0BEN;{number}\n".encode()).problems
    assert "made a number of it" in str(problem)


def test_a_row_has_the_number_of_the_line_it_begins_on_also_behind_quoted_newlines() -> None:
    text = f'name,user,profile_key\n"Ben\r\n\nB.",U0BEN,{KEY}\n\n"Cara\nC.",U0CARA,{KEY}\nDan,U0DAN,{KEY}\n'
    table = read(text.encode())
    assert [(row.line, row.user) for row in table.rows] == [(2, "U0BEN"), (6, "U0CARA"), (8, "U0DAN")]
    assert table.notes == ("Columns without a known name are not used: number 1.",)


def test_everything_wrong_is_told_together_by_line_and_column_without_values() -> None:
    text = (
        f"{HEADER}"
        f"{KEY},U0BEN,yes\n"  # swapped: the first column passes for a name
        f",{KEY},\n"
        "U0BEN,,\n"
        "U0BEN,two words,\n"
        f"U0BEN,{KEY},perhaps\n"
        f"U0BEN,{KEY},,{KEY}\n"
        f"U0BEN,{KEY},no\n"
        f"b\x1b[31m@x.example,{KEY},no\n"
    )
    assert problems(text) == [
        "line 2: profile_key: that is no profile key, which is one word as Ayrshare showed it",
        "line 3: user: empty",
        "line 4: profile_key: empty",
        "line 5: profile_key: that is no profile key, which is one word as Ayrshare showed it",
        "line 6: default: write yes, no or nothing",
        "line 7: more cells than the first line has columns",
        "line 9: user: a character in it can't be seen",
    ]
    assert [row.line for row in read(text.encode()).rows] == [8]


@pytest.mark.parametrize("header", ["", "\n\n", f"U0BEN,{KEY}\n", f"user\n{KEY}\n", f"profile_key\n{KEY}\n", "{}"])
def test_without_the_columns_nothing_is_read(header: str) -> None:
    (problem,) = problems(header)
    assert problem.startswith("line 1: the first line has to name the columns user and profile_key")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (f'{HEADER}U0BEN,{KEY}\nU0CARA,"{KEY}\nU0DAN,{KEY}\n'.encode(), "line 3: a quotation mark here"),
        (f'{HEADER}U0BEN,{KEY}\nU0CARA,"{KEY}"x\n'.encode(), "line 3: a quotation mark here"),
        (f"{HEADER}Jürg,{KEY}\n".encode("latin-1"), "line 2: this is not UTF-8"),
        (f"{HEADER}U0BEN,{KEY}\n\0\n".encode(), "line 3: this is no text file"),
        (b"PK\x03\x04\x14\0", "line 1: this is a spreadsheet program's own file"),
        (f"{HEADER}U0BEN,{'x' * 200_000}\n".encode(), "line 2: a cell here has more than"),
        (b"\x89PNG\r\n\x1a\n\0\0", "line 1: this is not UTF-8"),
        (b"user,user,profile_key\n", "line 1: the column user stands there twice"),
        (HEADER.encode() + b"x" * MAX_FILE_BYTES, "line 1: the file is larger than 8 MB"),
        (
            HEADER.encode() + f"U0BEN,{KEY}\n".encode() * (MAX_FILE_ROWS + 1),
            f"line {MAX_FILE_ROWS + 2}: there are more than",
        ),
    ],
    ids=[
        "open quote",
        "quote inside",
        "latin-1",
        "NUL",
        "workbook",
        "long",
        "binary",
        "column twice",
        "too large",
        "too many rows",
    ],
)
def test_a_file_that_makes_no_sense_is_told_by_the_line_where_it_stops(content: bytes, told: str) -> None:
    (problem,) = read(content).problems
    assert str(problem).startswith(told)
    assert KEY not in str(problem)


def test_what_is_written_can_be_read_back_and_is_no_formula_to_a_spreadsheet() -> None:
    ben, jane = UserId("U0BEN"), RefId("a" * 40)
    titles = {jane: '=HYPERLINK("http://x.example";"Acme, Jane")', RefId("b"): "-1\nB", RefId("c"): "Globex"}
    mappings = [ProfileMapping(TeamId("T1"), ben, ref_id, default=ref_id == jane) for ref_id in titles]
    text = "".join(write(mappings, titles, {jane: "linkedin since 2026-03-01"}))
    assert text.startswith("user,profile_key,default,ref_id,title,disconnected\n")
    assert "linkedin since 2026-03-01" in text.splitlines()[1]
    assert "\"'=HYPERLINK" in text
    assert "\"'-1" in text
    table = read(text.encode())
    assert not table.problems
    assert not table.notes
    assert [(row.user, row.key, row.ref_id, row.default) for row in table.rows] == [
        (mapping.user, None, mapping.ref_id, mapping.default) for mapping in mappings
    ]


@given(
    st.binary() | st.text().map(str.encode) | st.text(alphabet='",;\t\n\r xU@.é').map(lambda t: f"{HEADER}{t}".encode())
)
def test_any_bytes_are_read_or_explained(content: bytes) -> None:
    table = read(content)
    assert all(problem.line >= 1 and problem.words for problem in table.problems)
    assert all(row.user and (row.key or row.ref_id) for row in table.rows)


@given(st.lists(st.text(alphabet="ab'\",;\t\n\r =+-@é", max_size=8), max_size=5))
def test_any_titles_come_back_as_the_same_number_of_rows(given_titles: list[str]) -> None:
    titles = {RefId(f"ref{number}"): title for number, title in enumerate(given_titles)}
    mappings = [ProfileMapping(TeamId("T1"), UserId("U0BEN"), ref_id, default=False) for ref_id in titles]
    assert [row.ref_id for row in read("".join(write(mappings, titles, {})).encode()).rows] == [*titles]
