"""What can go wrong with payments.

TradewindError
├── PaymentUnknown            404
├── DisputeUnknown            404
├── PaymentProviderUnknown    404
├── PaymentMethodNotOffered   422
├── CashAboveItsCap           422
├── CardNumberGiven           400
├── AnotherPaymentIsOpen      409
├── AmountCannotBeCaptured    409
├── AmountCannotBeRefunded    409
├── ConfirmationCodeIsWrong   403
├── WebhookIsNotAuthentic     400
├── PaymentWasRefused         402
├── PaymentProviderFailed     502
└── PaymentDataIsInvalid      500
"""

from tradewind.kit import InputIsInvalid, NotFound, TradewindError


class PaymentUnknown(NotFound):
    """No payment has this id, or the session or order has none."""

    code = "payment_unknown"


class DisputeUnknown(NotFound):
    """No dispute has this id."""

    code = "dispute_unknown"


class PaymentProviderUnknown(NotFound):
    """No provider of this name is set up here."""

    code = "payment_provider_unknown"


class PaymentMethodNotOffered(TradewindError):
    """The market does not offer this payment method, or no provider that is set up can take it."""

    code = "payment_method_not_offered"
    http_status = 422


class CashAboveItsCap(TradewindError):
    """The order is dearer than what may be paid on delivery in its market."""

    code = "cash_above_cap"
    http_status = 422


class CardNumberGiven(InputIsInvalid):
    """A card number arrived where a provider's token belongs: card data must never reach this shop."""

    code = "card_number_given"


class AnotherPaymentIsOpen(TradewindError):
    """The session has a payment whose end is open or that succeeded, so a second one would charge twice."""

    code = "another_payment_open"
    http_status = 409


class AmountCannotBeCaptured(TradewindError):
    """More would be captured than was authorized, or nothing is authorized."""

    code = "amount_cannot_be_captured"
    http_status = 409


class AmountCannotBeRefunded(TradewindError):
    """More would be refunded than was captured."""

    code = "amount_cannot_be_refunded"
    http_status = 409


class ConfirmationCodeIsWrong(TradewindError):
    """The code for a cash order does not match, or was tried too often."""

    code = "confirmation_code_wrong"
    http_status = 403


class WebhookIsNotAuthentic(InputIsInvalid):
    """A webhook has no valid signature of its provider, is too old, or cannot be read."""

    code = "webhook_not_authentic"


class PaymentWasRefused(TradewindError):
    """The provider or the risk rules said no to a step of a payment."""

    code = "payment_refused"
    http_status = 402


class PaymentProviderFailed(TradewindError):
    """The provider gave no answer that can be used; what happened is unknown until it is asked again."""

    code = "payment_provider_failed"
    http_status = 502


class PaymentDataIsInvalid(TradewindError):
    """A file of payment methods or risk rules does not have the form it must have."""

    code = "payment_data_invalid"
