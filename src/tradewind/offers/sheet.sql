-- The sheet: what no market changes about a variant, made once for all of them, in the order of offer_id, and only for variants
-- that some market chose. What depends on a language stands there once for each language that some market wants of it (<name>_<n>).
-- Every inner join finds exactly one row and probes with the left side, so the order of `source` stays.
-- Other rooms read the whole specifications (spec_map) for their columns; the sheet itself keeps them as JSON only.
-- In: source, wanted (sku, wants_<n>), color_word, material_word, category_word. Out: sheet.
create or replace temp table sheet as
with worded as (
    select
        p.offer_id, p.sku, p.product_id, p.group_id, p.category, p.home_category, p.brand, p.mpn, p.gtin, p.gtin_problem,
        p.color as own_color, p.size, p.pattern, p.gender, p.age_group, p.image_width, p.image_height,
        p.weight_g, p.hs_code, p.battery, p.home_language, p.specs as spec_map, p.rating_milli, p.rating_count, coalesce(p.condition, 'new') as condition,
        case when cardinality(p.options) = 0 then '{}' else to_json(p.options)::varchar end as options,
        case when cardinality(p.specs) = 0 then '{}' else to_json(p.specs)::varchar end as specs,
        list_transform(p.images, lambda image: absolute_url($public_url, image)) as images,
        list_filter([
            case when p.weight_from = 'category_default' then 'weight' end,
            case when p.dimensions_from = 'category_default' then 'dimensions' end,
            case when p.hs_from = 'category_default' then 'hs' end,
            case when p.origin_from = 'category_default' then 'origin' end,
            case when p.cost_from in ('category_default', 'derived') then 'cost' end
        ], lambda fact: fact is not null) as defaulted,
        $worded
    from source as p
    join wanted as w on w.sku = p.sku
    join color_word as c on c.word = coalesce(p.color, '')
    join material_word as m on m.word = coalesce(p.material, '')
    join category_word as k on k.word = coalesce(p.category, '')
),
hashed as (
    select *,
        $hashed,
        sha256(concat_ws(chr(31),
            sku, product_id, coalesce(category, ''), coalesce(home_category, ''), coalesce(brand, ''), coalesce(mpn, ''),
            coalesce(size, ''), coalesce(pattern, ''), coalesce(gender, ''), coalesce(age_group, ''),
            coalesce(hs_code, ''), coalesce(battery, ''),
            options, specs, coalesce(array_to_string(images, ' '), ''), array_to_string(defaulted, ' '),
            coalesce(rating_milli, -1), coalesce(rating_count, -1))) as fact_hash
    from worded
)
select h.* exclude (spec_map),
    $more
from hashed as h
$joins
