-- Each offer in Google's words, judged by the rules of the day; one row an offer, in the order of `offers` (offer_id).
-- The numbered checks and the list of rules are written by listings/rules.py. In: offers, channel_terms, channel_category. Out: listings.
create or replace temp table listings as
with rendered as (
    select
        o.offer_id,
        o.offer_id as id,
        case when length(o.title) > 150 then regexp_replace(left(o.title, 150), '\s+\S{0,30}$$', '') else o.title end as title,
        case when length(o.description) > 5000 or contains(o.description, chr(10))
             then left(replace(o.description, chr(10), ' '), 5000) else o.description end as description,
        t.link_start || o.offer_id as link,
        o.images[1] as image_link,
        case when len(o.images) > 1 then array_to_string(o.images[2:11], ',') end as additional_image_link,
        o.availability,
        case when t.digits = 0 then o.price_minor::varchar
             else concat(o.price_minor // t.scale, '.', lpad((o.price_minor % t.scale)::varchar, t.digits, '0')) end
            || ' ' || t.currency as price,
        left(o.brand, 70) as brand,
        o.gtin,
        left(o.mpn, 70) as mpn,
        case when o.gtin is null and o.mpn is null and o.brand is null then 'no' end as identifier_exists,
        o.condition,
        k.google_category as google_product_category,
        k.path as product_type,
        o.group_id as item_group_id,
        case when o.color is null or regexp_matches(o.color, '[0-9#]|^[A-Za-z]$$') then null
             when not regexp_matches(o.color, '[/,;|、，]') then left(o.color, 40)
             else array_to_string(list_transform(list_filter(string_split_regex(o.color, '\s*[/,;|、，]\s*'),
                  lambda name: name <> '')[1:3], lambda name: left(name, 32)), '/') end as color,
        left(o.size, 100) as size,
        left(o.material, 200) as material,
        left(o.pattern, 100) as pattern,
        case when lower(o.gender) in ('male', 'men', 'man', 'mens', 'men''s', 'boys', '男', '男士') then 'male'
             when lower(o.gender) in ('female', 'women', 'woman', 'womens', 'women''s', 'girls', '女', '女士') then 'female'
             when lower(o.gender) in ('unisex', 'all', '中性', '通用') then 'unisex' end as gender,
        case when lower(o.age_group) in ('newborn', 'infant', 'toddler', 'kids', 'adult') then lower(o.age_group)
             when lower(o.age_group) in ('adults', '成人') then 'adult'
             when lower(o.age_group) in ('children', 'kid', 'child', '儿童') then 'kids' end as age_group,
        t.shipping,
        o.weight_g || ' g' as shipping_weight,
        o.ships_from as ships_from_country,
        case when len(o.defaulted) = 0 then 'own_facts' else left('default ' || array_to_string(o.defaulted, ' '), 100) end
            as custom_label_0,
        o.text_from as custom_label_1,
        o.title as full_title, o.description as full_description, o.brand as full_brand, o.color as full_color,
        t.link_start || o.offer_id as full_link,
        case when regexp_matches(o.color, '[/,;|、，]') then len(string_split_regex(o.color, '[/,;|、，]')) else 1 end
            as full_color_count,
        -- The texts were hashed once for all markets; a hash over the hash changes exactly when they do.
        o.text_hash,
        coalesce(k.is_apparel, false) as is_apparel, o.image_width, o.image_height, o.price_minor, o.gtin_problem, o.language
    from offers as o
    cross join channel_terms as t
    left join channel_category as k on k.category = o.category and k.language = o.language
),
judged as (
    select *, concat_ws(chr(30),
        $checks
    ) as broken
    from rendered
)
select
    offer_id, $attributes,
    case when broken = '' then 'ok' else ($rules)[split_part(broken, chr(31), 1)::int].severity end as verdict,
    case when broken = '' then [] else list_transform(string_split(broken, chr(30)), lambda entry: struct_pack(
        rule := ($rules)[split_part(entry, chr(31), 1)::int].rule,
        attribute := ($rules)[split_part(entry, chr(31), 1)::int].attribute,
        severity := ($rules)[split_part(entry, chr(31), 1)::int].severity,
        value := split_part(entry, chr(31), 2),
        action := ($rules)[split_part(entry, chr(31), 1)::int].action)) end as issues,
    sha256(concat_ws(chr(31), $hashed)) as content_hash
from judged
