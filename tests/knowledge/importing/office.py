"""Office files as people send them, made with the libraries of office programs."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import docx
import matplotlib
import yaml
from fpdf import FPDF
from PIL import Image, ImageDraw

DATA = Path(__file__).parents[1] / "data"
FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
# A part is ["h1" | "h2" | "p" | "li", text] or ["table", rows].
Part = list[Any]


def load_plan() -> list[Part]:
    """Return the small plan that every format is made from."""
    plan: dict[str, Any] = yaml.safe_load((DATA / "office.yml").read_text("utf8"))
    return list(plan["parts"])


def load_old_fonts() -> dict[str, str]:
    """Return how the same sentence is stored in each old font."""
    plan: dict[str, Any] = yaml.safe_load((DATA / "office.yml").read_text("utf8"))
    return dict(plan["old_fonts"])


def make_docx(parts: list[Part]) -> bytes:
    """Write the parts with Word's own styles."""
    document = docx.Document()
    for kind, value in parts:
        if kind == "table":
            table = document.add_table(rows=len(value), cols=len(value[0]))
            for row, cells in zip(table.rows, value, strict=True):
                for cell, text in zip(row.cells, cells, strict=True):
                    cell.text = text
        elif kind in ("h1", "h2"):
            document.add_heading(value, level=int(kind[1]))
        else:
            style = "List Bullet" if kind == "li" else None
            document.add_paragraph(value, style=style)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def make_html(parts: list[Part]) -> bytes:
    """Write an untidy page: a menu, a script, cells that are never closed."""
    body = []
    for kind, value in parts:
        if kind == "table":
            rows = "".join("<tr>" + "".join(f"<td>{c}" for c in row) for row in value)
            body.append(f"<table border=1>{rows}</table>")
        else:
            body.append(f"<{kind}>{value}</{kind}>")
    return (
        "<!DOCTYPE html><html><head><meta charset=utf-8><title>Trang</title>"
        "<script>alert(1)</script></head><body><nav>Trang chủ</nav>"
        f"{''.join(body)}<img src=x onerror=alert(2)></body></html>"
    ).encode()


def make_pdf(parts: list[Part], password: str = "") -> bytes:
    """Print the parts on A4, tables with ruled lines."""
    pdf = _new_pdf()
    for kind, value in parts:
        if kind == "table":
            with pdf.table() as table:
                for cells in value:
                    table.row(cells)
        else:
            text = f"- {value}" if kind == "li" else value
            pdf.multi_cell(0, text=text, new_x="LMARGIN", new_y="NEXT")
            pdf.ln(3)
    if password:
        pdf.set_encryption(owner_password=password, user_password=password)
    return bytes(pdf.output())


def make_scan(pages: int, typed: list[str]) -> bytes:
    """Print pictures of pages, after pages that are typed."""
    pdf = _new_pdf()
    picture = Image.new("L", (400, 560), 255)
    ImageDraw.Draw(picture).text((40, 40), "anh chup", fill=0)
    for number in range(pages):
        if typed or number:
            if typed and not number:
                pdf.multi_cell(0, text="\n".join(typed))
            pdf.add_page()
        pdf.image(picture, x=10, y=10, w=190)
    return bytes(pdf.output())


def make_bomb() -> bytes:
    """Return a DOCX of some 300 kB that unpacks to 300 MB."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"<a>" + b" " * (300 << 20))
    return file.getvalue()


def _new_pdf() -> FPDF:
    pdf = FPDF()
    pdf.add_font("DejaVu", fname=FONTS / "DejaVuSans.ttf")
    pdf.add_font("DejaVu", style="B", fname=FONTS / "DejaVuSans-Bold.ttf")
    pdf.set_font("DejaVu", size=11)
    pdf.add_page()
    return pdf
