"""Small XML files from anywhere: no document type, so no entities, so no bombs."""

from xml.etree.ElementTree import Element, ParseError, fromstring

from voiceos.memory.ingest.reading import Unreadable


def tree(data: bytes, what: str) -> Element:
    """The root. Raises Unreadable."""
    if b"<!ENTITY" in data or "<!ENTITY".encode("utf-16-le") in data or "<!ENTITY".encode("utf-16-be") in data:
        raise Unreadable(f"{what} in it declares entities, which may be a bomb")
    try:
        return fromstring(data)  # noqa: S314 - entities are refused above
    except (ParseError, ValueError, LookupError) as error:
        raise Unreadable(f"{what} in it is damaged ({error})") from None


def local(element: Element) -> str:
    """An element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def texts(root: Element, name: str) -> list[str]:
    """The texts of all elements of a local name."""
    return [
        element.text.strip()
        for element in root.iter()
        if local(element) == name and (element.text or "").strip() and element.text
    ]
