-- Raw facts become a snapshot's variants, one chunk at a time. Reads text_chunk, given_facts, home_categories,
-- google_categories, keywords, country_names and category_defaults; leaves the table `chunk`.
CREATE OR REPLACE TEMP TABLE chunk AS
WITH named_rows AS (
    SELECT *,
           trim(sku_text) AS sku,
           without_shop(short_text(brand_text)) AS brand_clean,
           regexp_replace(CASE WHEN starts_with(gtin_text, '[')
                               THEN coalesce(list_filter(json_extract_string(gtin_text, '$[*]'), lambda g: gtin_problem(g) = '')[1], json_extract_string(gtin_text, '$[0]'))
                               ELSE named(gtin_text) END, '[\s-]', '', 'g') AS gtin_digits,
           CASE WHEN len(options) = 0 THEN [] ELSE
                list_filter(list_transform(options, lambda e: {'k': short_text(e.k), 'v': short_text(e.v)}),
                            lambda e: e.k IS NOT NULL AND e.v IS NOT NULL AND e.v NOT IN ('Default Title', 'default', '标准', '默认')) END AS option_entries,
           CASE WHEN len(specs) = 0 THEN [] ELSE
                list_filter(list_transform(specs, lambda e: {'k': short_text(e.k), 'v': substr(short_text(e.v), 1, 500)}),
                            lambda e: e.k IS NOT NULL AND e.v IS NOT NULL)[1:60] END AS spec_entries,
           list_distinct_in_order(list_transform(images, lambda i: trim(i))) AS image_entries
    FROM text_chunk
),
with_given AS (
    SELECT n.*, g.* EXCLUDE (sku), CASE WHEN list_contains(getvariable('slugs'), trim(category_text)) THEN trim(category_text) END AS own_slug,
           coalesce(nullif(trim(product_text), ''), n.sku) AS product_id,
           first_of_each_key(option_entries) AS options_map, first_of_each_key(spec_entries) AS specs_map,
           list_filter(image_entries, lambda i: is_picture(i)) AS pictures,
           h.slug AS home_slug, h.how AS home_how, gc.slug AS google_slug,
           cn.code AS origin_code
    FROM (SELECT *, product_id_text AS product_text,
                 coalesce(nullif(trim(origin_text), ''), list_filter(spec_entries, lambda e: e.k IN ('产地', '原产地', '原产国', 'country of origin'))[1].v) AS origin_given
          FROM named_rows) n
    LEFT JOIN given_facts g ON g.sku = n.sku
    LEFT JOIN home_categories h ON h.home_category = n.home_category
    LEFT JOIN google_categories gc ON gc.google_text = n.google_category_text
    LEFT JOIN country_names cn ON cn.name = lower(n.origin_given)
),
classified AS (
    SELECT *,
           -- What a product is decides over the shelf that it stands on; only one category has such words today.
           CASE WHEN regexp_matches(any_title, getvariable('decisive_pattern')) OR regexp_matches(home_category, getvariable('decisive_pattern'))
                THEN getvariable('decisive_slug') END AS decisive_slug,
           CASE WHEN given_category IS NULL AND own_slug IS NULL AND home_how IS DISTINCT FROM 'map' AND google_slug IS NULL AND home_slug IS NULL
                THEN longest(regexp_extract_all(lower(any_title), getvariable('keyword_pattern'))) END AS keyword
    FROM with_given
),
categorized AS (
    SELECT c.*,
           coalesce(given_category, own_slug, decisive_slug, CASE WHEN home_how = 'map' THEN home_slug END, google_slug, home_slug, k.slug) AS category,
           CASE WHEN given_category IS NOT NULL THEN 'person' WHEN own_slug IS NOT NULL THEN 'supplier' WHEN decisive_slug IS NOT NULL THEN 'derived' WHEN home_how = 'map' THEN 'person' WHEN google_slug IS NOT NULL THEN 'supplier'
                WHEN home_slug IS NOT NULL OR k.slug IS NOT NULL THEN 'derived' ELSE 'missing' END AS category_from
    FROM classified c LEFT JOIN keywords k ON k.word = c.keyword
),
measured AS (
    SELECT c.*, d.* EXCLUDE (slug),
           hs_of(named(hs_code_text), hs_country) AS hs_given,
           CASE WHEN home_price_minor > 0 THEN home_price_minor END AS price_minor,
           coalesce(origin_code, CASE WHEN starts_with(origin_given, '中国') OR regexp_matches(origin_given, getvariable('province_pattern')) THEN 'CN' END) AS origin_found,
           gtin_problem(gtin_digits) AS gtin_wrong,
           ten_thousandths(plain_number(trim(rating_text), '.')) // 10 AS rating_found
    FROM categorized c LEFT JOIN category_defaults d ON d.slug = coalesce(c.category, '')
),
facts AS (
    SELECT sku, product_id, source_row, unit_row, table_name, left_out, any_title, stock,
           category, category_from, home_category, category_text,
           coalesce(given_brand, brand_clean) AS brand,
           CASE WHEN given_brand IS NOT NULL THEN 'person' WHEN brand_clean IS NOT NULL THEN coalesce(brand_source, 'supplier') ELSE 'missing' END AS brand_from,
           coalesce(given_gtin, CASE WHEN gtin_wrong = '' THEN gtin_digits END) AS gtin,
           CASE WHEN given_gtin IS NOT NULL THEN 'person' WHEN gtin_wrong = '' THEN coalesce(gtin_source, 'supplier') ELSE 'missing' END AS gtin_from,
           CASE WHEN given_gtin IS NULL AND gtin_digits IS NOT NULL THEN nullif(gtin_wrong, '') END AS gtin_problem, gtin_text,
           short_text(mpn_text) AS mpn,
           titles, text_run, description_languages, description_length, description_hash,
           coalesce(short_text(color_text), option_value(options_map, getvariable('color_names'))) AS color,
           coalesce(short_text(size_text), option_value(options_map, getvariable('size_names'))) AS size,
           coalesce(short_text(material_text), option_value(specs_map, getvariable('material_names'))) AS material,
           short_text(pattern_text) AS pattern, lower(short_text(gender_text)) AS gender, lower(short_text(age_group_text)) AS age_group,
           options_map AS options, specs_map AS specs, pictures AS images, len(image_entries) - len(pictures) AS bad_images, image_entries,
           coalesce(TRY_CAST(named(image_width_text) AS BIGINT), CASE WHEN len(pictures) > 0 THEN default_image_width END) AS image_width,
           coalesce(TRY_CAST(named(image_height_text) AS BIGINT), CASE WHEN len(pictures) > 0 THEN default_image_height END) AS image_height,
           CASE WHEN TRY_CAST(named(image_width_text) AS BIGINT) IS NOT NULL THEN coalesce(image_width_source, 'supplier')
                WHEN len(pictures) > 0 AND default_image_width IS NOT NULL THEN 'category_default' ELSE 'missing' END AS image_from,
           coalesce(given_cost_minor, cost_minor, half_up(price_minor * times_ppm(cost_times), 1000000), half_up(price_minor * default_cost_ppm, 1000000)) AS cost_minor,
           CASE WHEN given_cost_minor IS NOT NULL THEN given_cost_currency WHEN cost_minor IS NOT NULL THEN cost_currency
                WHEN price_minor * coalesce(times_ppm(cost_times), default_cost_ppm) IS NOT NULL THEN home_price_currency END AS cost_currency,
           CASE WHEN given_cost_minor IS NOT NULL THEN 'person' WHEN cost_minor IS NOT NULL THEN coalesce(cost_source, 'supplier')
                WHEN price_minor * times_ppm(cost_times) IS NOT NULL THEN 'derived'
                WHEN price_minor * default_cost_ppm IS NOT NULL THEN 'category_default' ELSE 'missing' END AS cost_from,
           CASE WHEN coalesce(given_cost_minor, cost_minor) IS NOT NULL THEN given_by
                WHEN price_minor * times_ppm(cost_times) IS NOT NULL THEN cost_times || ' × home price (said by the mapping)'
                WHEN price_minor * default_cost_ppm IS NOT NULL THEN default_cost_text || ' × home price (' || default_note || ')' END AS cost_note,
           cost_text, cost_wanted,
           price_minor AS home_price_minor, CASE WHEN price_minor IS NOT NULL THEN home_price_currency END AS home_price_currency,
           home_price_text, home_price_minor AS home_price_read, home_price_wanted,
           coalesce(given_weight_g, weight_g, default_weight_g) AS weight_g, weight_text, weight_g AS weight_read,
           CASE WHEN given_weight_g IS NOT NULL THEN 'person' WHEN weight_g IS NOT NULL THEN coalesce(weight_source, 'supplier')
                WHEN default_weight_g IS NOT NULL THEN 'category_default' ELSE 'missing' END AS weight_from,
           CASE WHEN given_length_mm IS NOT NULL THEN 'person' WHEN least(length_mm, width_mm, height_mm) > 0 AND length_mm * width_mm * height_mm IS NOT NULL
                THEN coalesce(dimensions_source, 'supplier') WHEN default_length_mm IS NOT NULL THEN 'category_default' ELSE 'missing' END AS dimensions_from,
           length_mm AS length_read, width_mm AS width_read, height_mm AS height_read,
           given_length_mm, given_width_mm, given_height_mm, default_length_mm, default_width_mm, default_height_mm,
           coalesce(dimensions_text, length_text, width_text, height_text) AS dimensions_text,
           coalesce(given_hs_code, hs_given, default_hs_code) AS hs_code, hs_given, hs_code_text,
           CASE WHEN given_hs_code IS NOT NULL THEN 'person' WHEN hs_given IS NOT NULL THEN coalesce(hs_code_source, 'supplier')
                WHEN default_hs_code IS NOT NULL THEN 'category_default' ELSE 'missing' END AS hs_from,
           coalesce(given_origin, origin_found, default_origin) AS origin, origin_found, origin_given,
           CASE WHEN given_origin IS NOT NULL THEN 'person' WHEN origin_found IS NOT NULL THEN coalesce(origin_source, 'supplier')
                WHEN default_origin IS NOT NULL THEN 'category_default' ELSE 'missing' END AS origin_from,
           CASE WHEN regexp_matches(lower(condition_text), 'refurb|renewed|翻新') THEN 'refurbished' WHEN regexp_matches(lower(condition_text), 'used|二手|gebraucht') THEN 'used' ELSE 'new' END AS condition,
           coalesce(given_battery, CASE WHEN lower(battery_text) IN ('none', 'contained', 'packed', 'standalone') THEN lower(battery_text) END, default_battery) AS battery,
           CASE WHEN rating_found BETWEEN 0 AND 5000 THEN rating_found END AS rating_milli, rating_text,
           TRY_CAST(rating_count_text AS BIGINT) AS rating_count, TRY_CAST(sold_count_text AS BIGINT) AS sold_count,
           text_flags AS flags
    FROM measured
)
SELECT * EXCLUDE (length_read, width_read, height_read, given_length_mm, given_width_mm, given_height_mm, default_length_mm, default_width_mm, default_height_mm),
       CASE dimensions_from WHEN 'missing' THEN NULL WHEN 'person' THEN given_length_mm WHEN 'category_default' THEN default_length_mm ELSE length_read END AS length_mm,
       CASE dimensions_from WHEN 'missing' THEN NULL WHEN 'person' THEN given_width_mm WHEN 'category_default' THEN default_width_mm ELSE width_read END AS width_mm,
       CASE dimensions_from WHEN 'missing' THEN NULL WHEN 'person' THEN given_height_mm WHEN 'category_default' THEN default_height_mm ELSE height_read END AS height_mm,
       length_read IS NULL OR width_read IS NULL OR height_read IS NULL AS dimensions_incomplete,
       TRY_CAST('0x' || substr(md5(product_id), 1, 8) AS UBIGINT) % getvariable('shard_count') AS shard,
       CASE
         WHEN left_out IS NOT NULL THEN {'field': left_out.field, 'value': left_out.value, 'reason': 'the mapping leaves out rows with this value', 'hint': 'change `where` of the primary table in the mapping to take them in'}
         WHEN sku IS NULL OR sku = '' THEN {'field': 'sku', 'value': sku, 'reason': 'the row has no id', 'hint': 'map another column to sku, or make one: sku = { fields = ["…"], prefix = "…" }'}
         WHEN regexp_matches(sku, '[\x{0}-\x{1F}\x{7F}]') THEN {'field': 'sku', 'value': regexp_replace(sku, '[\x{0}-\x{1F}\x{7F}]', '�', 'g'), 'reason': 'the id holds control characters', 'hint': 'clean the id in the source'}
         WHEN strlen(sku) > 200 THEN {'field': 'sku', 'value': substr(sku, 1, 200), 'reason': 'the id is longer than 200 bytes', 'hint': 'map a shorter column to sku'}
         WHEN any_title IS NULL THEN {'field': 'title', 'value': NULL, 'reason': 'the row has no title', 'hint': 'fill in the title, or map another column to it'}
         WHEN home_price_text IS NOT NULL AND home_price_read IS NULL AND home_price_wanted IS NOT NULL
         THEN {'field': 'home_price', 'value': home_price_text, 'reason': 'this is not an amount of ' || home_price_wanted, 'hint': 'write it like 1299.00, or say decimal = "," in the mapping'}
       END AS problem
FROM facts;
