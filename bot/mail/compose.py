"""Mails as people read them: confirmations of payment, withdrawal and refund, codes, answers. Plain text and HTML.

What they say is read when they are sent. No picture, nothing that is fetched from elsewhere.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from html import escape
from pathlib import Path
from string import Template

from bot.domain.values import Order, OrderState, Product
from bot.prints.fulfilment import described, trail
from bot.settings import Settings
from bot.texts import Translate, moment, price, translator
from storage.confirmations import CODE_SECONDS, Confirmations
from storage.orders import Orders
from storage.outbox import QueuedMail
from storage.shipments import Shipments
from storage.tickets import Tickets

_ON_THE_WAY = {"sent", "printed", "posted", "delivered", "returned", "corrected"}
_HTML = Template((Path(__file__).parent / "mail.html").read_text("utf-8"))


@dataclass(frozen=True)
class Page:
    """What a mail says: a title, rows of name and value, paragraphs; then what is there for those who look it up."""

    subject: str
    title: str
    rows: list[tuple[str, str]]
    paragraphs: list[str]
    small: list[str]
    big: str = ""  # a code
    thread: str = ""  # the message id that its conversation hangs on


class Composer:
    def __init__(
        self,
        settings: Settings,
        orders: Orders,
        tickets: Tickets,
        confirmations: Confirmations,
        shipments: Shipments,
    ) -> None:
        self._settings = settings
        self._orders = orders
        self._tickets = tickets
        self._confirmations = confirmations
        self._shipments = shipments

    async def write(self, queued: QueuedMail) -> EmailMessage | None:
        """The mail, as it is to be sent now. None where nobody waits for it any more."""
        pages = {"code": self._code, "answer": self._answer}
        page = await pages.get(queued.kind, self._receipt)(queued, translator(queued.language))
        return self._mail(queued, page) if page else None

    async def _code(self, queued: QueuedMail, translate: Translate) -> Page | None:
        code = await self._confirmations.draw(queued.user_id, queued.address or "")
        if code is None:
            return None
        body = [translate("mail-code", minutes=CODE_SECONDS // 60), translate("mail-code-not-you")]
        return Page(
            translate("mail-code-subject"), translate("mail-code-title"), [], body, self._imprint(translate), big=code
        )

    async def _answer(self, queued: QueuedMail, translate: Translate) -> Page | None:
        answer = await self._tickets.answer(int(queued.about))
        if answer is None:
            return None
        number, text, attached = answer
        paragraphs = [text] if text else []
        if attached:
            paragraphs.append(translate("mail-answer-file"))
        title = translate("mail-answer-title", ticket=number)
        small = [translate("mail-answer-why"), *self._imprint(translate)]
        return Page(title, title, [], paragraphs, small, thread=f"ticket-{number}")

    async def _receipt(self, queued: QueuedMail, translate: Translate) -> Page | None:
        order = await self._orders.find(queued.about)
        if order is None:
            return None
        title = translate(f"mail-{queued.kind}-title")
        paragraphs = [translate(f"mail-{queued.kind}", state=order.state)]
        if queued.kind == "paid" and order.consented_at:
            paragraphs.append(translate(f"mail-consent-{order.product}", time=moment(order.consented_at, exactly=True)))
        rows = [
            (translate("mail-order"), order.id),
            (translate("mail-what"), what(translate, order)),
            (translate("mail-price"), price(translate, order.amount, order.currency)),
            *self._of_prints(translate, order, queued.kind),
            (translate("mail-sold-by"), self._seller(translate)[0]),
            (translate("mail-paid-at"), moment(order.paid_at, exactly=True)),
        ]
        if queued.kind in ("withdrawn", "refunded"):
            rows.append((translate(f"mail-{queued.kind}-at"), moment(queued.at, exactly=True)))
        is_in_the_post = queued.kind == "posted" or (queued.kind == "corrected" and order.state is OrderState.POSTED)
        if is_in_the_post and (way := trail(translate, await self._shipments.find(order.id))):
            paragraphs.append(way)
        small = self._imprint(translate) if queued.kind in _ON_THE_WAY else self._terms(translate, order)
        subject = translate("mail-subject", title=title, order=order.id)
        return Page(subject, title, rows, paragraphs, small)

    def _of_prints(self, translate: Translate, order: Order, kind: str) -> list[tuple[str, str]]:
        back = order.returned if kind == "refunded-part" else 0
        rows = (("mail-shipping", order.shipping), ("mail-back", back))
        return [(translate(key), price(translate, amount, order.currency)) for key, amount in rows if amount]

    def _seller(self, translate: Translate) -> tuple[str, str]:
        """Name and contact, as /terms says them."""
        settings = self._settings
        return settings.seller_name or translate("mail-seller-unnamed"), settings.seller_contact or translate(
            "mail-seller-here"
        )

    def _imprint(self, translate: Translate) -> list[str]:
        name, contact = self._seller(translate)
        return [translate("mail-seller", name=name, contact=contact)]

    def _terms(self, translate: Translate, order: Order) -> list[str]:
        """The terms themselves: a mail outlives what a chat shows."""
        if order.terms_version is None:
            return self._imprint(translate)
        name, contact = self._seller(translate)
        prints = "yes" if self._settings.sells_prints or order.product is Product.PRINT else "no"
        values = {"version": order.terms_version, "name": name, "contact": contact, "prints": prints}
        return [translate(f"terms-{order.terms_version}", **values)]

    def _mail(self, queued: QueuedMail, page: Page) -> EmailMessage:
        """Headers cannot be forged by what is in them: the policy refuses line breaks."""
        sender = self._settings.mail_from or ""
        domain = parseaddr(sender)[1].rpartition("@")[2]
        mail = EmailMessage(policy=SMTP)
        mail["From"] = sender
        mail["To"] = queued.address
        mail["Subject"] = page.subject
        mail["Date"] = format_datetime(datetime.fromtimestamp(queued.at, UTC))
        # The same event is the same mail at each try; but each try has a code of its own.
        number = secrets.token_hex(16) if queued.kind == "code" else queued.message_id
        mail["Message-ID"] = f"<{number}@{domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail["Content-Language"] = queued.language
        if page.thread:
            mail["In-Reply-To"] = mail["References"] = f"<{page.thread}@{domain}>"
        mail.set_content(_plain(page))
        mail.add_alternative(_html(page, queued.language), subtype="html")
        return mail


def what(translate: Translate, order: Order) -> str:
    """What was sold, in words."""
    if order.product is Product.CREDITS:
        return translate("credits", count=order.credits)
    if order.product is Product.PRINT:
        return described(translate, order)
    return (
        translate("order-photo", tool=translate(f"tool-{order.tool}"))
        if order.product is Product.PHOTO
        else translate("order-unknown")
    )


def _plain(page: Page) -> str:
    width = max((len(name) for name, _ in page.rows), default=0) + 2
    rows = "\n".join(f"{name + ':':<{width}}{value}" for name, value in page.rows)
    return "\n\n".join(filter(None, [page.title, page.big, rows, *page.paragraphs, "-- ", *page.small])) + "\n"


def _html(page: Page, language: str) -> str:
    parts = [f'<p style="margin: 0 0 16px; font-size: 34px; letter-spacing: .16em;"><b>{escape(page.big)}</b></p>']
    parts = parts if page.big else []
    if page.rows:
        rows = "".join(map(_row, page.rows))
        parts.append(
            f'<table role="presentation" cellpadding="0" cellspacing="0" style="margin: 0 0 16px;">{rows}</table>'
        )
    parts += [f'<p style="margin: 0 0 14px;">{_lines(text)}</p>' for text in page.paragraphs]
    parts.append('<div class="line" style="margin: 22px 0 14px; border-top: 1px solid #e2ded6;"></div>')
    quiet = 'class="quiet" style="margin: 0 0 12px; font-size: 13px; color: #6b665c;"'
    parts += [f"<p {quiet}>{_lines(text)}</p>" for text in page.small]
    return _HTML.substitute(language=language, title=escape(page.title), body="\n".join(parts))


def _row(row: tuple[str, str]) -> str:
    name, value = map(escape, row)
    quiet = 'class="quiet" style="padding: 2px 20px 2px 0; color: #6b665c; vertical-align: top;"'
    return f'<tr><td {quiet}>{name}</td><td style="padding: 2px 0;">{value}</td></tr>'


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>\n")
