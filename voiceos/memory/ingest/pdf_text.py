"""The text of a PDF from standard input, a page a line of JSON: a process that may hang, swell or crash."""

import json
import resource
import sys

MEMORY_BYTES = 1_500_000_000
CPU_SECONDS = 120
MOST_PAGES = 20_000


def main() -> int:
    """Prints {"pages", "title", "author", "at", "page", "text"} for each page; {"error"} if there is none."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(sys.stdin.buffer)
        told = document.get_metadata_dict(skip_empty=True)
    except pypdfium2.PdfiumError as error:
        print(json.dumps({"error": str(error)}))  # noqa: T201
        return 1
    about = {"pages": len(document), "title": told.get("Title"), "author": told.get("Author")}
    for number in range(min(len(document), MOST_PAGES)):
        values = {**about, "at": told.get("CreationDate"), "page": number + 1, "text": ""}
        try:
            page = document[number]
            values["text"] = page.get_textpage().get_text_range()
            page.close()
        except pypdfium2.PdfiumError as error:
            values["error"] = str(error)
        print(json.dumps(values), flush=True)  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
