r"""What secrets look like in text: the forms in which programs, registries and configuration print them.

They are read against the text in lower case; the last group that matched is the secret. A form is tried only where one
of its words or parts stands in the text, and its pattern begins with what is seldom: most texts hold none of them.

Cannot see: a secret that nothing announces and that has no known form; a password with spaces outside quotes.

Source: RFC 7617, 6750 and 7519 (Basic, Bearer, JWT), 7468 (keys); AWS, Google and Azure on signed addresses; docker's
config.json; the prefixes of tokens that GitHub, GitLab, Docker, npm, Slack, AWS and Google document.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

_QUOTES = r"[\"'\\]{0,4}"
_VALUE = _QUOTES + r"([^\s\"'&;<>\\]{1,8192})"
_DOUBLE, _SINGLE = '"', "'"
_ESCAPES = ("", "\\", "\\" * 3, "\\" * 7)  # a message that a message quotes
_KEYS = """
token secret password passwd passphrase pwd jwt key key_id keyid signature credential credentials auth sig
""".split()
_KINDS = """
access refresh id security private job deploy session identity registry auth api account client shared user robot docker
oauth bearer secret secretaccess
""".split()
# As words of a line: `access_token` has the word `token`, `accessToken` is one word.
_KEY_WORDS = (*_KEYS, *(f"{kind}{key}" for kind in _KINDS for key in ("token", "secret", "password", "key", "auth")))
# `oauth token: unexpected status` and `auth token: denied` are sentences.
_SPOKEN_KINDS = [kind for kind in _KINDS if kind not in ("auth", "oauth", "bearer", "registry")]
# A colon follows: that is looked at before the many kinds in front.
_NAMED = "(?:token|key)(?={} ?:)(?:{})".format(
    _QUOTES,
    "|".join(
        f"(?<={kind}{gap}{key})" for kind in _SPOKEN_KINDS for gap in ("", " ", "_", "-") for key in ("token", "key")
    )
    + "|(?<=registrytoken)|(?<=registry_token)",
)


def _behind(*ends: str) -> str:
    """Give a pattern that holds where the text so far ends with a key and one of the ends; the ends are tried first."""
    keys = {end: "|".join(f"(?<={re.escape(key + end)})" for key in _KEYS) for end in ends}
    return "(?:" + "|".join(f"(?<=[a-z]{re.escape(end)})(?:{behind})" for end, behind in keys.items()) + ")"


_HOST_AND_PORT = re.compile(r"[^:/]*:\d{1,5}/")
_WORD = re.compile(r"[A-Za-z][a-z]*(?:-[a-z]+)*[.:,;=-]*|[A-Z]+[.:,;=-]*")
_LONGEST_WORD = 15  # "unauthenticated"


def _any(_: str) -> bool:
    return True


def _odd(secret: str) -> bool:
    """Tell whether it is no word of a sentence, as in `Bearer realm=` or `token: unexpected status`."""
    return len(secret) > _LONGEST_WORD or (len(secret) > 5 and not _WORD.fullmatch(secret))


def _no_place(secret: str) -> bool:
    """Tell whether it is a user and a password, and no host and port with a path."""
    return not _HOST_AND_PORT.match(secret)


LEAD_CHARACTERS = len("https")


class Form(NamedTuple):
    """One form: whole words or parts of which one must stand in the text, the pattern, and what the secret must be.

    `sign`: must stand there too; `last`: a match has the last of the parts in it, up to `LEAD_CHARACTERS` behind its
    beginning, and no space behind that.
    """

    words: tuple[str, ...]
    parts: tuple[str, ...]
    pattern: str
    holds: Callable[[str], bool] = _any
    sign: str = ""
    last: bool = False


FORMS = (
    Form(
        ("authorization",),
        (),
        rf"authorization{_QUOTES} ?(?:[:=]|%3d) ?{_QUOTES}(?:(?:digest|aws4-hmac-sha256) ([^\"'<>]{{1,4096}})|"
        rf"(?:(?:basic|bearer|negotiate|token|ntlm) )?{_VALUE})",
    ),
    Form(("basic", "bearer"), (), r"b(?:asic|earer) {1,9}([a-z0-9._~+/=-]{6,8192})", _odd),
    Form(("cookie",), (), rf"cookie{_QUOTES} ?[:=] ?{_QUOTES}([^\"'<>]{{1,4096}})"),
    # A user and a password in an address: whole, cut off behind the password, as part of another address, without any.
    Form((), ("@",), r"://([^\s/\"'<>]{1,512})@(?!sha\d)"),
    Form((), ("@",), r"://([^\s/:@\"'<>]{1,64}:[^\s@\"'<>]{1,256})@(?!sha\d)", _no_place),
    Form((), ("://",), r"https?://[^\s/@\"'<>:\[\]]{1,64}:(?!\d{1,5}[.…]{0,3}$)([^\s/@\"'<>:]{1,256})$", last=True),
    Form((), ("%40",), r"%3a%2f%2f([^\s/&\"']{1,512}?)%40"),
    Form((), ("@",), r":(?<![:/]:)([^\s/@:\"'<>]{1,256})@(?!sha\d)"),
    Form(_KEY_WORDS, (), f"={_behind('=', ' =', _DOUBLE + '=', _SINGLE + '=')} ?{_VALUE}", sign="="),
    Form((), ("?code=", "&code=", "verify="), rf"(?:[?&]code|verify)={_VALUE}"),
    Form((), ("%3d",), f"%3d{_behind('%3d')}{_VALUE}"),
    Form(_KEY_WORDS, (), f"{_DOUBLE}:{_behind(*(escape + _DOUBLE + ':' for escape in _ESCAPES))} ?{_VALUE}", sign='":'),
    Form(_KEY_WORDS, (), f"{_SINGLE}:{_behind(_SINGLE + ':')} ?{_VALUE}", sign="':"),
    Form((), ("pass",), rf"pass(?:word|wd|phrase){_QUOTES} ?: ?(?!//){_VALUE}"),
    Form(_KEY_WORDS, (), rf"{_NAMED}{_QUOTES} ?: ?(?!//){_VALUE}", sign=":"),
    Form(("token", "auth", "secret"), (), rf":(?:(?<=token:)|(?<=auth:)|(?<=secret:)) ?{_VALUE}", _odd),
    Form(
        ("ghp", "gho", "ghu", "ghs", "ghr", "github", "glpat", "dckr", "npm", "xoxb", "xoxp", "xoxa", "ya29", "hf"),
        (),
        r"((?:gh[pousr]_|github_pat_|glpat-|dckr_[a-z]{1,4}_|npm_|hf_|xox[a-z]-|ya29\.)[a-z0-9._-]{10,512})",
    ),
    Form(
        ("private",),
        (),
        r"-----begin [a-z0-9 ]{0,40}private key-----(.*?)(?:-----end [a-z0-9 ]{0,40}private key-----|$)",
    ),
    Form(
        ("u", "user", "creds", "password", "token", "p"),
        (),
        rf"-(?<![^\s\"'\[-]-)(?:u|p|user|[a-z-]{{0,20}}creds|password|[a-z-]{{0,20}}token)[ =]{_VALUE}",
    ),
)

# Forms that hold so many letters and digits in one run: without such a run they need not be looked for.
LONG_CHARACTERS = 20
LONG_FORMS = (
    Form((), ("eyj",), r"(eyj(?<![a-z0-9_-]...)[a-z0-9_-]{8,8192}(?:\.[a-z0-9_-]{0,8192}){0,2})"),
    Form((), ("aiza",), r"(aiza[a-z0-9_-]{35})"),
    Form((), ("akia", "asia"), r"(a(?:kia|sia)[a-z0-9]{16})(?![a-z0-9])", str.isupper),
)
