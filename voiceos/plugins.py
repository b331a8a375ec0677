"""Extensions of voiceos: entry points of packages, including its own."""

from importlib.metadata import EntryPoint, entry_points

from voiceos.errors import VoiceosError


def installed(group: str) -> list[EntryPoint]:
    """The entry points of a group, those of other packages first. Raises VoiceosError if our own are missing."""
    found = sorted(entry_points(group=group), key=lambda one: (is_ours(one), one.name))
    if not any(is_ours(one) for one in found):
        raise VoiceosError(
            "The installed voiceos does not match its source. Reinstall it with `pip install -e .` in its folder."
        )
    return found


def is_ours(one: EntryPoint) -> bool:
    return package_of(one) == "voiceos"


def package_of(one: EntryPoint) -> str:
    return one.dist.name if one.dist else ""
