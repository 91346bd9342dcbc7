"""Articles and numbers as replies; pure functions."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from actions.library import texts
from bot.reply import Button, Citation, PhoneNumber, Reply, Suggestion
from knowledge.article import LINE_MARK, Article
from knowledge.directory import Directory
from knowledge.documents import Document

CHILD_LINE = "vn-111"
EMERGENCY = ("vn-111", "vn-113", "vn-115")
# So few words are shown whole; of a longer article the short answer, and "more".
WHOLE_WORDS = 80
BOLD = re.compile(r"\*\*")
LIST_ITEM = re.compile(r"^[ \t]*[-*+][ \t]+", re.MULTILINE)


def render_article(
    article: Article,
    documents: dict[str, Document],
    directory: Directory,
    *,
    detailed: bool = False,
) -> Reply:
    """Return the answer with its basis, since when, and what has changed."""
    citations = _citations(article, documents)
    is_whole = detailed or len(article.body.split()) <= WHOLE_WORDS
    body = article.body if is_whole else article.answer
    parts = [
        _for_chats(_with_numbers(body, directory)),
        *_warning(article, citations, documents),
        _basis(_since(article, documents), citations),
    ]
    return Reply(
        kind="answer",
        text="\n\n".join(parts),
        numbers=_numbers(article.lines, directory),
        buttons=_buttons(article, has_more=not is_whole),
        article=article.id,
        citations=citations,
    )


def render_sources(article: Article, documents: dict[str, Document]) -> Reply:
    """Return each cited document with issuer, date, status and check date."""
    citations = _citations(article, documents)
    lines = []
    for citation in citations:
        document = documents[citation.document]
        issued = document.issued_on
        lines.append(
            texts()["source"]
            .format(
                n=citation.n,
                title=document.title,
                document=citation.document,
                where=citation.where,
                issuer=document.issuer,
                issued_on=vietnamese_date(issued) if issued else texts()["no_date"],
                status=texts()["status"][document.status],
                as_of=vietnamese_date(document.checked_on),
                note=" ".join(_changes(document, documents)),
            )
            .strip()
        )
    return Reply(
        kind="answer",
        text="\n".join(lines),
        article=article.id,
        citations=citations,
    )


def render_suggestions(articles: list[Article]) -> Reply:
    """Return up to three titles to choose from."""
    return Reply(
        kind="suggest",
        text=texts()["suggest"],
        suggestions=tuple(Suggestion(a.id, a.title) for a in articles[:3]),
        buttons=tuple(Button(f"article:{a.id}", a.title) for a in articles[:3]),
    )


def render_text(
    key: str, directory: Directory | None, kind: str = "smalltalk", **values: str
) -> Reply:
    """Return one fixed sentence, with 111 where the directory is at hand."""
    phone = directory.phone(CHILD_LINE) if directory else None
    return Reply(
        kind=kind,
        text=texts()[key].format(**values),
        numbers=(phone,) if phone else (),
    )


def render_abstain(document: str, directory: Directory) -> Reply:
    """Return the honest refusal; a document that we do not hold is named."""
    if document:
        return render_text("unknown_document", directory, "abstain", name=document)
    reply = render_text("abstain", directory, "abstain")
    return _with_buttons(reply, Button("examples", texts()["examples_button"]))


def render_place(place: str, directory: Directory) -> Reply:
    """Return the checked lines of a province, always after 111."""
    phones = tuple(
        phone
        for line in directory.local(place)
        if (phone := directory.phone(line.id)) is not None
    )
    key = "local_line" if phones else "no_local_line"
    reply = render_text(key, directory, place=place)
    return reply.with_numbers(*reply.numbers, *phones)


def render_numbers(directory: Directory) -> Reply:
    """Return 111, 113 and 115 again."""
    reply = render_text("numbers", directory)
    return reply.with_numbers(*_numbers(EMERGENCY, directory))


def vietnamese_date(day: date) -> str:
    """Return a date as it is written in Việt Nam: 05/12/2026."""
    return day.strftime("%d/%m/%Y")


def _citations(
    article: Article, documents: dict[str, Document]
) -> tuple[Citation, ...]:
    found = []
    for n, reference in enumerate(article.citations, 1):
        document = documents[reference.document]
        found.append(
            Citation(
                n=n,
                document=document.number,
                where=reference.where,
                title=document.short_title or document.title,
                status=document.status,
                as_of=document.checked_on.isoformat(),
                url=document.url,
            )
        )
    return tuple(found)


def _since(article: Article, documents: dict[str, Document]) -> date:
    """Return the day from which all that an answer rests on has held."""
    cited = (documents[c.document] for c in article.citations)
    effective = [d.effective_on for d in cited if d.status != "not_yet_in_force"]
    return max(article.valid_from, *(day for day in effective if day), date.min)


def _basis(since_day: date, citations: tuple[Citation, ...]) -> str:
    """Return one line a citation: document, article and status, numbered."""
    listed = "\n".join(
        texts()["citation"].format(
            n=c.n,
            title=c.title,
            document=c.document,
            where=c.where,
            status=texts()["status"][c.status],
        )
        for c in citations
    )
    as_of = date.fromisoformat(min(c.as_of for c in citations))
    return str(
        texts()["basis"].format(
            valid_from=vietnamese_date(since_day),
            as_of=vietnamese_date(as_of),
            citations=listed,
        )
    )


def _warning(
    article: Article,
    citations: tuple[Citation, ...],
    documents: dict[str, Document],
) -> list[str]:
    """Say what is no longer, or not surely, as a document says, and who knows."""
    numbers: dict[str, list[str]] = {}
    for citation in citations:
        numbers.setdefault(citation.document, []).append(f"[{citation.n}]")
    lines = []
    is_doubtful = False
    for number, marks in numbers.items():
        document = documents[number]
        changes = _changes(document, documents)
        if document.status == "in_force" or not changes:
            continue
        is_doubtful |= document.status != "guidance"
        note = " ".join(changes)
        lines.append(texts()["note"].format(marks=", ".join(marks), note=note))
    if is_doubtful:
        asked = texts()["who_knows"]
        lines.append(texts()["ask"].format(who=asked.get(article.topic, asked["all"])))
    return ["\n".join(lines)] if lines else []


def _changes(document: Document, documents: dict[str, Document]) -> list[str]:
    """Return what the table notes, and the successor where the note has it not."""
    found = [document.note] if document.note else []
    successor = documents.get(document.superseded_by)
    if successor and successor.number not in document.note:
        name = successor.short_title or successor.title
        found.append(texts()["successor"].format(title=name, document=successor.number))
    return found


def _for_chats(text: str) -> str:
    """Return the text without Markdown's signs: chats show neither bold nor lists."""
    return LIST_ITEM.sub("• ", BOLD.sub("", text))


def _with_numbers(body: str, directory: Directory) -> str:
    def shown(match: re.Match[str]) -> str:
        line = directory.line(match[1])
        return line.number if line else str(texts()["stale_line"])

    return LINE_MARK.sub(shown, body)


def _numbers(lines: tuple[str, ...], directory: Directory) -> tuple[PhoneNumber, ...]:
    """Return the showable numbers, 111 before any other."""
    ordered = sorted(lines, key=lambda line: line != CHILD_LINE)
    phones = (directory.phone(line) for line in ordered)
    return tuple(dict.fromkeys(phone for phone in phones if phone))


def _buttons(article: Article, has_more: bool) -> tuple[Button, ...]:
    more = Button(f"more:{article.id}", texts()["more_button"])
    source = Button(f"source:{article.id}", texts()["source_button"])
    related = Button(f"related:{article.id}", texts()["related_button"])
    return (more, source, related) if has_more else (source, related)


def _with_buttons(reply: Reply, *buttons: Button) -> Reply:
    return replace(reply, buttons=buttons)
