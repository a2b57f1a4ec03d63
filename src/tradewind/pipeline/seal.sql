-- The offers as they are published: with their verdict, and one hash of everything that a surface renders of them, so that equal
-- hashes need no publishing; what is long was hashed once for all markets. The run's id is not part of it.
-- `listings` was made from `offers` row by row; the shard checks that.
-- In: offers, listings.
select
    o.* exclude (group_id, image_width, image_height, gtin_problem, text_hash, wide_hash),
    l.verdict,
    sha256(concat_ws(chr(31),
        l.content_hash, l.verdict, o.text_hash, o.sku, o.product_id, o.language, o.category, coalesce(o.home_category, ''),
        coalesce(o.color, ''), coalesce(o.size, ''), coalesce(o.material, ''), coalesce(o.pattern, ''), coalesce(o.gender, ''),
        coalesce(o.age_group, ''), coalesce(o.brand, ''), coalesce(o.mpn, ''), o.wide_hash,
        o.price_minor, o.tax_included, o.quantity, o.location_id, o.lane_id,
        o.min_days, o.max_days, o.return_days, coalesce(o.rating_milli, -1), coalesce(o.rating_count, -1),
        o.cost_amount, o.freight_amount, o.customs_value_amount, o.duty_amount, o.fee_amount, o.margin_amount, o.tax_amount,
        o.ending_amount, o.duty_ppm, o.tax_ppm, o.margin_ppm, o.fx_numerator, o.fx_denominator, o.rate_card_id,
        array_to_string(o.rule_ids, ' '), o.certainty)) as content_hash
from offers as o
positional join listings as l
