-- The variants that some market must judge anew: `source` as the snapshot holds them, `facts_all` narrow and in clean lines.
-- In: the snapshot's Parquet, needed (sku, input_hash). Out: source, facts_all.
create or replace temp table source as
select p.*, n.input_hash
from read_parquet(?) as p
join needed as n on n.sku = p.sku;

create or replace temp table facts_all as
select
    sku, product_id, row_hash, input_hash, public_id(sku) as offer_id,
    case when product_id <> sku then public_id(product_id) end as group_id,
    category, category_from, one_line(home_category) as home_category,
    one_line(brand) as brand, brand_from, gtin, gtin_from, gtin_problem, gtin_duplicate_of, one_line(mpn) as mpn, language,
    one_line(color) as color, one_line(size) as size, one_line(material) as material, one_line(pattern) as pattern,
    one_line(gender) as gender, one_line(age_group) as age_group,
    len(images)::bigint as image_count, images[1] as first_image, image_width, image_height, image_from,
    cost_minor, cost_currency, cost_from, cost_note, home_price_minor, home_price_currency,
    weight_g, weight_from, length_mm, width_mm, height_mm, dimensions_from, hs_code, hs_from, origin, origin_from,
    condition, battery, rating_milli, rating_count, sold_count,
    list_filter(map_keys(titles), lambda code: trim(titles[code]) <> '') as has_language,
    coalesce(list_max(list_transform(map_values(descriptions), lambda text: length(text))), 0)::bigint as description_length,
    list_filter([
        case when weight_from = 'category_default' then 'weight' end,
        case when dimensions_from = 'category_default' then 'dimensions' end,
        case when hs_from = 'category_default' then 'hs' end,
        case when origin_from = 'category_default' then 'origin' end,
        case when cost_from in ('category_default', 'derived') then 'cost' end
    ], lambda fact: fact is not null) as defaulted
from source
