"""The order that a session becomes: every fact as it was at that moment. Pure."""

from datetime import datetime

from tradewind.checkout.codec import as_json
from tradewind.checkout.model import CheckoutSession
from tradewind.orders import Order, OrderLine, OrderStatus
from tradewind.payments import Payment

_FACTS = ("language", "buyer", "destination", "totals", "applied", "codes", "tax_included", "price_lines", "source", "cart_id")


def an_order(session: CheckoutSession, payment: Payment, order_id: str, hold: str | None, at: datetime) -> Order:
    """The order of a session whose payment holds; its number is given by the database."""
    told = as_json(session)
    facts = {name: told[name] for name in _FACTS}
    facts["delivery"] = next((one for one in told["options"] if one["option_id"] == session.selected_option), None)
    facts["policies"] = {"return_days": session.return_days}
    facts["payment_method"] = payment.method
    return Order(
        order_id=order_id,
        number=0,
        session_id=session.session_id,
        payment_id=payment.payment_id,
        business=session.business,
        market=session.market,
        status=OrderStatus.OPEN,
        hold=hold,
        currency=session.currency,
        total_amount=session.total,
        email=session.buyer.email,
        lines=tuple(
            OrderLine(
                line_id=line.line_id,
                offer_id=line.offer_id,
                sku=line.sku,
                title=line.title,
                image=line.image,
                unit_price=line.unit_price,
                listed=line.listed,
                discount=line.discount + line.promotion,
                paid=line.paid,
                tax=line.tax,
                location_id=line.location_id,
                lane_id=line.lane_id,
                original=line.quantity,
                total=line.quantity,
            )
            for line in session.lines
        ),
        facts=facts,
        placed_at=at,
        updated_at=at,
    )
