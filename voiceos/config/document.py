"""Writes the page of settings from their tree: `python -m voiceos.config.document > docs/configuration.md`."""

import sys
from collections.abc import Iterator

from voiceos.config.fields import Setting, as_toml, plain, sections, settings

INTRODUCTION = """\
<!-- Made by `python -m voiceos.config.document > docs/configuration.md`; change voiceos/config/settings.py instead. -->
# Settings

A setting comes from these places; a later one overrides an earlier one:

1. its default;
2. the settings file: `$VOICEOS_CONFIG`, else `~/.config/voiceos/config.toml` (`voiceos config path` says where);
3. an environment variable: `mind.name` is `VOICEOS_MIND_NAME`;
4. the command line: `voiceos --set mind.name=Ada talk`.

The file is [TOML](https://toml.io). It only needs what differs from the defaults:

```toml
[mind]
name = "Ada"

[wake]
words = ["alexa", "hey_jarvis"]
thresholds = { alexa = 0.6 }
```

In variables and on the command line a list is written with commas (`alexa,hey_jarvis`) and a table as `name=number`
(`alexa=0.6`).

| command | does |
|---|---|
| `voiceos config list [SECTION]` | shows every setting: value, unit, default, where the value came from, what it does |
| `voiceos config get KEY` | prints one value |
| `voiceos config set KEY VALUE` | changes one, checks it first, and keeps the file's comments and order |
| `voiceos config unset KEY` | removes one from the file |
| `voiceos config edit` | opens the file in `$EDITOR`, and checks it before replacing the old one |
| `voiceos config check` | reports every mistake with its line; exit code 78 if there is one |

A mistake is reported with file, line and key, and with what was probably meant:

```
~/.config/voiceos/config.toml:3: audio.volume must be a number from 0.0 to 2.0 (factor), not "loud"
~/.config/voiceos/config.toml:4: unknown setting 'audio.earcon'; did you mean 'audio.earcons'?
```

Keep the key of a language model in a file of its own (`mind.api_key_file`) and not in `mind.api_key`. A settings file
that holds one is written with mode 0600, and no command shows it.
"""


def configuration() -> str:
    """The whole page."""
    return INTRODUCTION + "".join(_section(name) for name in sections())


def _section(name: str) -> str:
    about = (sections()[name].__doc__ or "").strip().splitlines()[0]
    rows = (one for one in settings().values() if one.section == name)
    return f"\n## [{name}]\n{about}\n\n| setting | what it does | default | may be |\n|---|---|---|---|\n" + "".join(
        _rows(rows)
    )


def _rows(those: Iterator[Setting]) -> Iterator[str]:
    for one in those:
        unit = f" ({one.unit})" if one.unit else ""
        cells = (f"`{one.name}`", one.help, f"`{as_toml(plain(one.default))}`{unit}", one.allowed)
        yield "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |\n"


if __name__ == "__main__":
    sys.stdout.write(configuration())
