"""The process that makes papers: `python -m lyhty_server.paper.worker`, started and stopped by `press.py`.

It reads orders from stdin and ends with it. It reaches no network and starts no program, whatever a page asks for.
"""

import gc
import io
import logging
import os
import resource
import sys
from typing import IO, Any, Final

from lyhty_server.paper.orders import LENGTH_BYTES, Failed, Made, Outcome, Pdf, Png, framed, read_order

MEMORY_BYTES: Final = 2_147_483_648
NICENESS: Final = 10
FORBIDDEN: Final = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system")


def main() -> None:
    orders, outcomes = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # Whatever a library prints must not get between two outcomes.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    answer: Any = _lacking
    try:
        answer = _Maker().answer
    except (ImportError, OSError) as error:  # pango and its friends are no Python packages
        print(error, file=sys.stderr)
    sys.addaudithook(_refuse)
    # A tenth of a page's time went into looking for garbage: there is time after it, and long reports need it rarely.
    gc.freeze()
    gc.set_threshold(200_000, 5, 2)
    while length := orders.read(LENGTH_BYTES):
        order = read_order(orders.read(int.from_bytes(length, "big")))
        _send(outcomes, answer(order))
        gc.collect()


def _lacking(_order: Pdf | Png) -> Outcome:
    return Failed(lacks=True)


class _Maker:
    def __init__(self) -> None:
        import pypdfium2
        import weasyprint
        from weasyprint.text.fonts import FontConfiguration

        self._pdfium, self._weasyprint, self._fonts = pypdfium2, weasyprint, FontConfiguration()
        self._complaints = _Complaints(logging.ERROR)
        weasyprint.LOGGER.handlers[:] = [self._complaints]
        self._fetcher = weasyprint.urls.URLFetcher(allowed_protocols=("data",))

    def answer(self, order: Pdf | Png) -> Outcome:
        self._complaints.count = 0
        try:
            made = self._pdf(order) if isinstance(order, Pdf) else self._png(order)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it was, the next order may be a better one
            print(type(error).__name__, error, file=sys.stderr)
            return Failed()
        # A picture without words, or a page without a language: not what PDF/UA promises to who cannot see it.
        return Failed() if self._complaints.count else Made(made)

    def _pdf(self, order: Pdf) -> bytes:
        page = self._weasyprint.HTML(string=order.html, url_fetcher=self._fetcher)
        made = page.write_pdf(pdf_variant="pdf/ua-1", font_config=self._fonts)
        assert isinstance(made, bytes)
        return made

    def _png(self, order: Png) -> bytes:
        pdf = self._pdfium.PdfDocument(order.pdf)
        try:
            bitmap = pdf[order.page].render(scale=order.dpi / 72)
            written = io.BytesIO()
            bitmap.to_pil().save(written, "PNG")
            return written.getvalue()
        finally:
            pdf.close()


class _Complaints(logging.Handler):
    count = 0

    def emit(self, record: logging.LogRecord) -> None:
        print(record.getMessage(), file=sys.stderr)
        self.count += 1


def _refuse(event: str, _arguments: object) -> None:
    if event.startswith(FORBIDDEN):
        raise PermissionError(event)


def _send(outcomes: IO[bytes], outcome: Outcome) -> None:
    outcomes.write(framed(outcome))
    outcomes.flush()


if __name__ == "__main__":
    main()
