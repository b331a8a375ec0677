"""The text of a PDF from standard input, a page a line of JSON: a process that may hang, swell or crash."""

import json
import resource
import sys

MEMORY_BYTES = 1_500_000_000
CPU_SECONDS = 120
MOST_PAGES = 20_000


def main() -> int:
    """Prints {"pages", "title", "author", "created"}, then {"page", "text"} for each; {"error"} if it cannot."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(sys.stdin.buffer)
        about = document.get_metadata_dict(skip_empty=True)
        _print(pages=len(document), title=about.get("Title"), author=about.get("Author"), at=about.get("CreationDate"))
    except pypdfium2.PdfiumError as error:
        _print(error=str(error))
        return 1
    for number in range(min(len(document), MOST_PAGES)):
        try:
            page = document[number]
            _print(page=number + 1, text=page.get_textpage().get_text_range())
            page.close()
        except pypdfium2.PdfiumError as error:
            _print(page=number + 1, text="", error=str(error))
    return 0


def _print(**values: object) -> None:
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
