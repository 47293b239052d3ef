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
from bot.texts import Words, moment, price, words
from storage.confirmations import CODE_SECONDS, Confirmations
from storage.orders import Orders
from storage.outbox import QueuedMail
from storage.shipments import Shipments
from storage.tickets import Tickets

_ON_THE_WAY = {OrderState.SENT, OrderState.PRINTED, OrderState.POSTED, OrderState.DELIVERED, OrderState.RETURNED}
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

    async def write(self, letter: QueuedMail) -> EmailMessage | None:
        """The mail, as it is to be sent now. None where nobody waits for it any more."""
        pages = {"code": self._code, "answer": self._answer}
        page = await pages.get(letter.kind, self._receipt)(letter, words(letter.language))
        return self._mail(letter, page) if page else None

    async def _code(self, letter: QueuedMail, say: Words) -> Page | None:
        code = await self._confirmations.draw(letter.user_id, letter.address or "")
        if code is None:
            return None
        body = [say("mail-code", minutes=CODE_SECONDS // 60), say("mail-code-not-you")]
        return Page(say("mail-code-subject"), say("mail-code-title"), [], body, self._imprint(say), big=code)

    async def _answer(self, letter: QueuedMail, say: Words) -> Page | None:
        answer = await self._tickets.answer(int(letter.about))
        if answer is None:
            return None
        number, text, attached = answer
        paragraphs = [text] if text else []
        if attached:
            paragraphs.append(say("mail-answer-file"))
        title = say("mail-answer-title", ticket=number)
        small = [say("mail-answer-why"), *self._imprint(say)]
        return Page(title, title, [], paragraphs, small, thread=f"ticket-{number}")

    async def _receipt(self, letter: QueuedMail, say: Words) -> Page | None:
        order = await self._orders.find(letter.about)
        if order is None:
            return None
        title = say(f"mail-{letter.kind}-title")
        paragraphs = [say(f"mail-{letter.kind}")]
        if letter.kind == "paid" and order.consented_at:
            paragraphs.append(say(f"mail-consent-{order.product}", time=moment(order.consented_at, exactly=True)))
        rows = [
            (say("mail-order"), order.id),
            (say("mail-what"), what(say, order)),
            (say("mail-price"), price(say, order.amount, order.currency)),
            *self._of_prints(say, order, letter.kind),
            (say("mail-sold-by"), self._seller(say)[0]),
            (say("mail-paid-at"), moment(order.paid_at, exactly=True)),
        ]
        if letter.kind in ("withdrawn", "refunded"):
            rows.append((say(f"mail-{letter.kind}-at"), moment(letter.at, exactly=True)))
        if letter.kind == "posted" and (way := trail(say, await self._shipments.find(order.id))):
            paragraphs.append(way)
        small = self._imprint(say) if letter.kind in _ON_THE_WAY else self._terms(say, order)
        subject = say("mail-subject", title=title, order=order.id)
        return Page(subject, title, rows, paragraphs, small)

    def _of_prints(self, say: Words, order: Order, kind: str) -> list[tuple[str, str]]:
        back = order.returned if kind == "refunded-part" else 0
        rows = (("mail-shipping", order.shipping), ("mail-back", back))
        return [(say(key), price(say, amount, order.currency)) for key, amount in rows if amount]

    def _seller(self, say: Words) -> tuple[str, str]:
        """Name and contact, as /terms says them."""
        settings = self._settings
        return settings.seller_name or say("mail-seller-unnamed"), settings.seller_contact or say("mail-seller-here")

    def _imprint(self, say: Words) -> list[str]:
        name, contact = self._seller(say)
        return [say("mail-seller", name=name, contact=contact)]

    def _terms(self, say: Words, order: Order) -> list[str]:
        """The terms themselves: a mail outlives what a chat shows."""
        if order.terms_version is None:
            return self._imprint(say)
        name, contact = self._seller(say)
        prints = "yes" if self._settings.sells_prints or order.product is Product.PRINT else "no"
        values = {"version": order.terms_version, "name": name, "contact": contact, "prints": prints}
        return [say(f"terms-{order.terms_version}", **values)]

    def _mail(self, letter: QueuedMail, page: Page) -> EmailMessage:
        """Headers cannot be forged by what is in them: the policy refuses line breaks."""
        sender = self._settings.mail_from or ""
        domain = parseaddr(sender)[1].rpartition("@")[2]
        mail = EmailMessage(policy=SMTP)
        mail["From"] = sender
        mail["To"] = letter.address
        mail["Subject"] = page.subject
        mail["Date"] = format_datetime(datetime.fromtimestamp(letter.at, UTC))
        # The same event is the same mail at each try; but each try has a code of its own.
        number = secrets.token_hex(16) if letter.kind == "code" else letter.message_id
        mail["Message-ID"] = f"<{number}@{domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail["Content-Language"] = letter.language
        if page.thread:
            mail["In-Reply-To"] = mail["References"] = f"<{page.thread}@{domain}>"
        mail.set_content(_plain(page))
        mail.add_alternative(_html(page, letter.language), subtype="html")
        return mail


def what(say: Words, order: Order) -> str:
    """What was sold, in words."""
    if order.product is Product.CREDITS:
        return say("credits", count=order.credits)
    if order.product is Product.PRINT:
        return described(say, order)
    return (
        say("order-photo", tool=say(f"tool-{order.tool}")) if order.product is Product.PHOTO else say("order-unknown")
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
