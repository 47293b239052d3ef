"""What can go wrong with a payment service."""


class RefundRefusedError(Exception):
    """The payment cannot be given back. The text is the service's name for the reason."""


class CardTroubleError(Exception):
    """Stripe cannot be asked now: try again. The text is the kind of trouble."""


class BadSignatureError(Exception):
    """Not Stripe's, not for us, or too old."""
