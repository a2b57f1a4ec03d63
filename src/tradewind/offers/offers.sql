-- Variant × market as every surface renders it, in the order of offer_id. The verdict and the content hash come with the listing.
-- In: chosen_now, facts_all, texts, wide, market_terms, category_name, glossary_term. Out: offers.
create or replace temp table offers as
with worded as (
    select
        c.* exclude (supplied), f.* exclude (sku, offer_id), w.images, w.options, w.specs, w.wide_hash,
        color_term.text as color_text, material_term.text as material_text,
        case when c.supplied then t.title
             else concat_ws(' ', title_brand(f.brand, c.language), n.text, title_mpn(f.mpn), coalesce(color_term.text, f.color)) end as title,
        t.description, t.text_hash
    from chosen_now as c
    join facts_all as f on f.sku = c.sku
    join wide as w on w.sku = c.sku
    left join texts as t on t.sku = c.sku and t.language = c.language and c.supplied
    left join category_name as n on n.category = f.category and n.language = c.language
    left join glossary_term as color_term
        on color_term.kind = 'color' and color_term.language = c.language and color_term.source = lower(f.color)
    left join glossary_term as material_term
        on material_term.kind = 'material' and material_term.language = c.language and material_term.source = lower(f.material)
)
select
    m.market, offer_id, sku, product_id, m.run_id, language, text_from, title,
    -- A page and a feed need a description; the title is the honest one when the supplier wrote none in this language.
    coalesce(description, title) as description,
    brand, gtin, mpn, category, home_category,
    coalesce(color_text, color) as color, size, coalesce(material_text, material) as material, pattern, gender, age_group,
    options, specs,
    list_transform(images, lambda image: absolute_url(m.public_url, image)) as images,
    coalesce(condition, 'new') as condition, price_minor, m.currency, m.tax_included,
    case when quantity > 0 then 'in_stock' else 'out_of_stock' end as availability,
    quantity, location_id, lane_id, ships_from, min_days, max_days, m.return_days, weight_g, rating_milli, rating_count,
    defaulted,
    cost_amount, freight_amount, customs_value_amount, duty_amount, fee_amount, margin_amount, tax_amount, ending_amount,
    duty_ppm, tax_ppm, margin_ppm, fx_numerator, fx_denominator, rate_card_id, rule_ids, certainty,
    -- What the listing and the content hash still need, and the Parquet file does not hold:
    group_id, image_width, image_height, gtin_problem, coalesce(text_hash, sha256(title)) as text_hash, wide_hash
from worded cross join market_terms as m
-- A left join hands on what it matched before what it did not, chunk by chunk, so the probing side's order is not kept.
order by offer_id
