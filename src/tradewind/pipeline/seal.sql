-- The offers as they are published: with their verdict, and one hash of everything that a surface renders of them, so that equal
-- hashes need no publishing. The texts, and what no market changes, were hashed once for all markets; a hash over the hashes
-- changes exactly when they do. The run's id is not part of it. In: offer_rows, judged (row by row).
select
    o.* exclude (fact_hash),
    j.verdict,
    sha256(concat_ws(chr(31),
        j.content_hash, j.verdict, o.fact_hash, o.language,
        o.price_minor, o.tax_included, o.quantity, o.location_id, o.lane_id, o.min_days, o.max_days, o.return_days,
        o.cost_amount, o.freight_amount, o.customs_value_amount, o.duty_amount, o.fee_amount, o.margin_amount, o.tax_amount,
        o.ending_amount, o.duty_ppm, o.tax_ppm, o.margin_ppm, o.fx_numerator, o.fx_denominator, o.rate_card_id,
        array_to_string(o.rule_ids, ' '), o.certainty, coalesce(o.band, -1), o.duty_low_amount,
        'announced ' || o.list_price_minor || ' ' || o.sale_starts || ' ' || o.sale_ends)) as content_hash
from offer_rows as o
positional join judged as j
where o.sku is not null
