"""The note of an invitation: plain words without links, wherever a link may hide.

A host name is one if its last part is a top-level domain (https://data.iana.org/TLD/tlds-alpha-by-domain.txt: all
countries, and the others that people meet), or if a path or a port follows it.
"""

import re
import unicodedata

from bot.core.visible import is_visible, without_invisible
from bot.invitations.errors import EmptyNote, LinkInNote, NoteTooLong
from bot.invitations.model import NOTE_LIMIT

COUNTRIES = """
ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bw by bz ca cc cd cf
cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga gd ge gf gg
gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn
kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na
nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa sb sc sd se sg sh
si sj sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz va vc
ve vg vi vn vu wf ws ye yt za zm zw
"""
GENERIC = """
academy adult agency app art bar beauty best bid biz blog book bot buzz cafe cam capital car cards care cash casino
cat center chat click cloud club coach codes coffee com community company computer consulting cool country courses
credit cricket cyou date day deals delivery design dev digital direct directory edu email energy events example
exchange expert express fail faith family farm fashion finance fit fitness foo fun fund fyi gallery game games gift
global gmbh gold goog google gov gq group guide guru health help holdings homes host hosting house icu inc info ink
institute internal international invalid jobs kim lan land legal life link live llc loan local localhost lol ltd
market marketing media men mil mobi moda mom money monster mov museum name net network news ninja one onion online
ooo org page party photo photography photos pics pictures pizza place plus porn press pro productions promo pub
racing rest review reviews rip rocks run sale school science security services sex sexy shop shopping show site
social software solutions space store stream studio style support surf systems team tech technology tel test tips
today tools top tours town toys trade training travel tube university video vip wang watch webcam website wiki win
wine work works world wtf xyz yoga zip zone
"""
OTHER_SCRIPTS = """
рф бел укр бг ею срб қаз мкд мон онлайн сайт москва ελ ευ հայ გე
中国 中國 台湾 台灣 香港 澳門 한국 公司 网址 ישראל
"""  # noqa: RUF001 - they are of other scripts
BEGINS_A_SENTENCE = "am as at be by de do es il im in is it je la ma me my na ne ni no sa sc se si so to us"
"""Codes of countries that are words, too, or end a degree."""
BEGINS_NONE = """
app bid biz bot buzz cam com cyou dev edu fyi gmbh goog gov guru icu inc info kim lan llc lol mil mobi mov net onion ooo
org porn promo pub rip site tel test vip wang website wiki wtf xyz
"""
TOP_LEVEL = frozenset(f"{COUNTRIES} {GENERIC} {OTHER_SCRIPTS}".split())
NO_WORDS = frozenset(f"{COUNTRIES} {BEGINS_NONE}".split()) - frozenset(BEGINS_A_SENTENCE.split())
ADDRESS = re.compile(
    r"""<[a-z][a-z0-9+.-]*:                             # Slack's markup of addresses: <https://…>, <mailto:…>
      | [a-z][a-z0-9+.-]*://
      | \b(?:mailto|tel|sms|javascript|data):\S
      | \bwww\.\S
      | [\w.+-]+@[\w-]+(?:\.[\w-]+)+                    # an e-mail address
      | (?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.]*\d)   # an IP address
      | (?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}\b | (?<!\w)(?:[0-9a-f]{1,4}:)+:[0-9a-f]{1,4}\b
      | \bxn--[\w-]+
    """,
    re.IGNORECASE | re.VERBOSE,
)
HOST = re.compile(r"(?<![\w.-])(?:[\w-]+\.)+([^\W\d_]{2,})(?![\w-])(?:\.(?!\w))?(?=([/:?\#][\w/?\#]))?")
"""A host name's last part, and what follows if it is a path or a port."""
DOTS = str.maketrans("。．｡․", "....")  # noqa: RUF001 - browsers take them for dots


def checked_note(text: str) -> str:
    """Return a note without invisible characters and empty lines; raise NoteRefused if it is long or has a link."""
    note = "\n".join(filter(None, map(without_invisible, text.splitlines())))
    if text.strip() and not is_visible(note):
        raise EmptyNote
    if len(note) > NOTE_LIMIT:
        raise NoteTooLong(len(note))
    if _has_link(unicodedata.normalize("NFKC", note.translate(DOTS))):
        raise LinkInNote
    return note


def _has_link(note: str) -> bool:
    return bool(ADDRESS.search(note)) or any(map(_is_host, HOST.finditer(note)))


def _is_host(found: re.Match[str]) -> bool:
    """Return whether a name with dots is a host; "mend it.So far" is the end of a sentence, "Evil.Com" is none."""
    last, path = found[1], found[2]
    begins_a_sentence = last[0].isupper() and not last.isupper() and last.lower() not in NO_WORDS
    return last.lower() in TOP_LEVEL and (path is not None or not begins_a_sentence)
