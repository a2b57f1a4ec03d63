-- Variant × market as every surface renders it, in the order of offer_id: the sheet with what this market decided.
-- A view: what is long stays in the sheet and is read where a file is written. In: sheet, chosen (row by row). Out: offer_rows, with a
-- row for each row of the sheet; sku is NULL where the market did not choose it.
create or replace temp view offer_rows as
select
    $market as market, s.offer_id, c.sku, s.product_id, $run_id as run_id, c.language, c.text_from,
    $title as title, $description as description,
    s.brand, s.gtin, s.mpn, s.category, s.home_category, $color as color, s.size, $material as material, s.pattern, s.gender,
    s.age_group, s.options, s.specs, s.images, s.condition, c.price_minor, $currency as currency,
    $tax_included as tax_included,
    case when c.quantity > 0 then 'in_stock' else 'out_of_stock' end as availability,
    c.quantity, c.location_id, c.lane_id, c.ships_from, c.min_days, c.max_days, $return_days::bigint as return_days,
    s.weight_g, s.rating_milli, s.rating_count, s.defaulted,
    c.cost_amount, c.freight_amount, c.customs_value_amount, c.duty_amount, c.fee_amount, c.margin_amount, c.tax_amount,
    c.ending_amount, c.duty_ppm, c.tax_ppm, c.margin_ppm, c.fx_numerator, c.fx_denominator, c.rate_card_id, c.rule_ids, c.certainty,
    c.band, c.duty_low_amount, s.hs_code, s.battery, c.list_price_minor, c.sale_starts, c.sale_ends,
    -- What the content hash still needs, and the Parquet file does not hold:
    s.fact_hash
from sheet as s
positional join chosen as c
