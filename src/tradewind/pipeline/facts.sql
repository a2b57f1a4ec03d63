-- The variants that some market must judge anew, in the order of their offer ids, with texts of one line cleaned: one question
-- about a whole row is cheaper than one a column, and clean rows are the rule.
-- In: the snapshot's Parquet, needed (sku). Out: source, facts_all (what decisions read of it).
create or replace temp table source as
with asked as (
    select
        p.*,
        regexp_matches(
            concat_ws('|', '', p.brand, p.mpn, p.home_category, p.color, p.size, p.material, p.pattern, p.gender, p.age_group, ''),
            '[\x{0}-\x{1f}\x{7f}-\x{9f}\x{2028}\x{2029}\x{fffe}\x{ffff}]|\| | \|') as is_messy_row
    from read_parquet(?) as p
    join needed as n on n.sku = p.sku
),
cleaned as (
    select
        sku, product_id, public_id(sku) as offer_id,
        case when product_id <> sku then public_id(product_id) end as group_id,
        category,
        case when is_messy_row then one_line(home_category) else nullif(home_category, '') end as home_category,
        case when is_messy_row then one_line(brand) else nullif(brand, '') end as brand,
        case when is_messy_row then one_line(mpn) else nullif(mpn, '') end as mpn,
        case when is_messy_row then one_line(color) else nullif(color, '') end as color,
        case when is_messy_row then one_line(size) else nullif(size, '') end as size,
        case when is_messy_row then one_line(material) else nullif(material, '') end as material,
        case when is_messy_row then one_line(pattern) else nullif(pattern, '') end as pattern,
        case when is_messy_row then one_line(gender) else nullif(gender, '') end as gender,
        case when is_messy_row then one_line(age_group) else nullif(age_group, '') end as age_group,
        language as home_language, gtin, gtin_problem, gtin_duplicate_of, titles, descriptions, options, specs, images, image_width, image_height,
        cost_minor, cost_currency, cost_from, weight_g, weight_from, length_mm, width_mm, height_mm, dimensions_from,
        hs_code, hs_from, origin, origin_from, condition, battery, rating_milli, rating_count,
        list_filter(map_keys(titles), lambda code: trim(titles[code]) <> '') as has_language,
        coalesce(list_max(list_transform(map_values(descriptions), lambda text: length(text))), 0)::bigint as description_length
    from asked
)
select *, title_brand(brand, '') as brand_abroad, title_mpn(mpn) as model
from cleaned;

create or replace temp view facts_all as
select
    sku, product_id, offer_id, category, brand, mpn, gtin, gtin_duplicate_of,
    len(images)::bigint as image_count, image_width, image_height,
    cost_minor, cost_currency, cost_from, weight_g, weight_from, length_mm, width_mm, height_mm, dimensions_from,
    hs_code, hs_from, origin, origin_from, condition, battery, rating_milli, rating_count, has_language, description_length,
    brand_abroad, model
from source
