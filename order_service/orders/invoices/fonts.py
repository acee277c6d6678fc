"""The embedded fonts and which of them can draw a text; used by `draw_invoice`.

DejaVu Sans draws Latin, Greek, Cyrillic, Armenian, Georgian, Hebrew and Arabic; Droid Sans Fallback draws Chinese and
Japanese, NanumGothic draws Korean. Their licences allow embedding and lie beside the files.
"""

from functools import cache
from html import escape
from itertools import groupby
from pathlib import Path

import arabic_reshaper
from bidi import get_display
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

REGULAR, BOLD = "DejaVuSans", "DejaVuSans-Bold"
CHINESE, KOREAN = "DroidSansFallback", "NanumGothic"
FILES = {
    REGULAR: "DejaVuSans.ttf",
    BOLD: "DejaVuSans-Bold.ttf",
    CHINESE: "DroidSansFallbackFull.ttf",
    KOREAN: "NanumGothic.ttf",
}
FOLDER = Path(__file__).parent / "font_files"
RIGHT_TO_LEFT = range(0x0590, 0x0900)
"""Hebrew, Arabic, Syriac and their neighbours."""


@cache
def drawable(name: str) -> frozenset[int]:
    """Make one font known to reportlab and give the code points it can draw; reads the file once a process.

    The big fonts of East Asia cost half a second each and are only read for a text that needs them.
    """
    font = TTFont(name, FOLDER / FILES[name])
    pdfmetrics.registerFont(font)
    return frozenset(font.face.charToGlyph)


def markup(text: str, font: str = REGULAR) -> str:
    """Write a text as reportlab's markup: escaped, right-to-left runs in drawing order, each run in a font that has it.

    Line breaks stay; other control characters are left out.
    """
    return "<br/>".join(_line(line, font) for line in text.splitlines())


def _line(text: str, font: str) -> str:
    shown = "".join(each for each in text if each.isprintable())
    if any(ord(each) in RIGHT_TO_LEFT for each in shown):
        shown = str(get_display(arabic_reshaper.reshape(shown)))
    runs = groupby(shown, lambda each: _font_for(each, font))
    return "".join(f'<font name="{name}">{escape("".join(run))}</font>' for name, run in runs)


def _font_for(character: str, font: str) -> str:
    return next((name for name in (font, CHINESE, KOREAN) if ord(character) in drawable(name)), font)
