"""What a session has to say, in the shopper's words. A message names a code and values; here it gets a sentence, and the field it belongs to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tradewind.checkout import CheckoutSession, Message
from tradewind.kit import Currency, Money
from tradewind.web.speech import Speech

_SENTENCES: Mapping[str, Callable[[Callable[[str], str]], str]] = {
    "out_of_stock": lambda say: say("%(title)s has just been sold out."),
    "item_unavailable": lambda say: say("%(title)s is no longer sold here."),
    "no_lines": lambda say: say("Your cart is empty."),
    "email_missing": lambda say: say("Please enter your e-mail address: the confirmation goes there."),
    "address_missing": lambda say: say("Please enter the delivery address."),
    "address_outside_market": lambda say: say("This shop delivers within %(country)s only."),
    "address_undeliverable": lambda say: say("We cannot deliver to this address."),
    "address_incomplete": lambda say: say("Please fill in this field."),
    "postcode_invalid": lambda say: say("This postcode does not exist there."),
    "option_unavailable": lambda say: say("The delivery you chose is no longer possible; please choose again."),
    "tax_added_later": lambda say: say("Sales tax is added once the address is known."),
    "tax_unknown": lambda say: say("The sales tax cannot be calculated at the moment. Please try again in a few minutes."),
    "discount_rejected": lambda say: say("The code %(code)s does not apply."),
    "discount_used_up": lambda say: say("This discount has just been used up."),
    "eligibility_accepted": lambda say: say("%(title)s: we check this when you pay."),
    "eligibility_not_accepted": lambda say: say("A benefit that was named does not apply here."),
    "eligibility_invalid": lambda say: say("We could not confirm your right to “%(title)s”. Nothing was charged."),
    "payment_declined": lambda say: say("The payment was declined. Nothing was charged; please try another way to pay."),
    "payment_not_finished": lambda say: say("The payment was not finished. Nothing was charged."),
    "payment_challenge": lambda say: say("Your bank wants to confirm the payment."),
    "session_expired": lambda say: say("This checkout has expired; your cart is still there."),
}
"""The sentences by their codes; a session says one or two of them, so each is only looked up when it is wanted."""
_FIELDS = {"name": "name", "lines": "line1", "city": "city", "region": "region", "postcode": "postcode"}


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence, the field of the form it stands at ("" for the page), and whether it keeps from buying.

    `is_expected`: an untouched form, or a cart, lacks it by nature and is not scolded for it.
    """

    text: str
    field: str
    is_error: bool
    is_expected: bool = False


def told(session: CheckoutSession, speech: Speech) -> list[Told]:
    """Every message of the session, each sentence once."""
    found = [
        Told(sentence(one, session, speech), _field(one), one.type == "error", one.code == "address_missing") for one in session.messages
    ]
    return list(dict.fromkeys(found))


def _field(message: Message) -> str:
    if message.code == "address_incomplete":
        return _FIELDS.get(str(message.params.get("field", "")), "")
    return {"email_missing": "email", "postcode_invalid": "postcode", "discount_rejected": "code", "discount_used_up": "code"}.get(
        message.code, ""
    )


def sentence(message: Message, session: CheckoutSession, speech: Speech) -> str:
    """What a message says."""
    say, given = speech.text, message.params
    title = str(given.get("title") or given.get("offer_id") or "")
    if message.code == "out_of_stock" and int(given.get("available", 0)) > 0:
        return say("Only %(count)s left of %(title)s.") % {"count": speech.count(int(given["available"])), "title": title}
    if message.code == "totals_changed":
        before, after = (speech.money(Money(int(given[name]), Currency(session.currency))) for name in ("before", "after"))
        return say("The total changed from %(before)s to %(after)s. Please check it before you pay.") % {"before": before, "after": after}
    values = {"title": title, "code": str(given.get("code", ""))}
    if message.code == "item_unavailable":
        values["title"] = title or say("An article")
    elif message.code == "address_outside_market":
        values["country"] = speech.country_name(str(given.get("market", "")))
    known = _SENTENCES.get(message.code)
    return (known(say) if known is not None else say("Something needs your attention before you can pay.")) % values
