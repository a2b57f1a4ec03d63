-- Facts that could not be used. The row stays; the fact is missing or stands on a default.
INSERT INTO issue_rows
WITH found AS (
    SELECT CASE WHEN unit_row > 0 THEN unit_row ELSE source_row END AS source_row, table_name, sku, unnest(list_filter([
        CASE WHEN weight_text IS NOT NULL AND weight_read IS NULL AND NOT regexp_full_match(weight_text, '\s*0*[.,]?0*\s*[\p{L}\p{M}.]*\s*')
             THEN {'field': 'weight', 'value': weight_text, 'reason': 'this is not a weight in the unit that the mapping says', 'hint': 'set unit and decimal: weight = { column = "…", unit = "kg", decimal = "," }'} END,
        CASE WHEN dimensions_text IS NOT NULL AND dimensions_incomplete AND NOT regexp_full_match(dimensions_text, '\s*0*[.,]?0*\s*[\p{L}\p{M}.]*\s*')
             THEN {'field': 'dimensions', 'value': dimensions_text, 'reason': 'length, width and height are not all readable', 'hint': 'map all three with a unit, or dimensions = { column = "…", unit = "cm" }'} END,
        CASE WHEN gtin_problem IS NOT NULL THEN {'field': 'gtin', 'value': gtin_text, 'reason': 'this is not a GTIN: ' || gtin_problem, 'hint': 'ask the supplier for the number on the pack; leave it empty when there is none'} END,
        CASE WHEN named(hs_code_text) IS NOT NULL AND hs_given IS NULL THEN {'field': 'hs_code', 'value': hs_code_text, 'reason': 'this is not a tariff code of 6, 8 or 10 digits', 'hint': 'for Chinese codes say country = "CN" in the mapping'} END,
        CASE WHEN origin_given IS NOT NULL AND origin_found IS NULL THEN {'field': 'origin', 'value': origin_given, 'reason': 'no country of this name is known', 'hint': 'write the country''s name or its two letters'} END,
        CASE WHEN home_price_text IS NOT NULL AND home_price_read IS NULL AND home_price_wanted IS NULL THEN {'field': 'home_price', 'value': home_price_text, 'reason': 'the price has no currency', 'hint': 'add currency = "EUR" (or yours) to the mapping'} END,
        CASE WHEN home_price_read <= 0 THEN {'field': 'home_price', 'value': home_price_text, 'reason': 'a price of nothing is not a price', 'hint': 'correct the price in the source'} END,
        CASE WHEN cost_text IS NOT NULL AND cost_from NOT IN ('supplier', 'measured', 'person') THEN {'field': 'cost', 'value': cost_text, 'reason': 'this is not an amount of ' || coalesce(cost_wanted, 'any currency'), 'hint': 'give cost a currency, and decimal = "," when it is written so'} END,
        CASE WHEN rating_text IS NOT NULL AND rating_milli IS NULL THEN {'field': 'rating', 'value': rating_text, 'reason': 'this is not a rating between 0 and 5', 'hint': 'map a rating of 5'} END,
        CASE WHEN bad_images > 0 THEN {'field': 'images', 'value': list_filter(image_entries, lambda i: NOT is_picture(i))[1], 'reason': bad_images || ' picture addresses are neither absolute nor a path below media/', 'hint': 'give full addresses (https://…), or put the pictures below media/'} END,
        CASE WHEN category_text IS NOT NULL AND NOT list_contains(getvariable('slugs'), trim(category_text)) THEN {'field': 'category', 'value': category_text, 'reason': 'this is not one of our categories', 'hint': 'use a slug of docs/reference/mapping.md, or map the column to home_category'} END,
        CASE WHEN category IS NULL AND home_category IS NOT NULL THEN {'field': 'category', 'value': home_category, 'reason': 'the home category leads to none of ours', 'hint': '[categories] in the mapping: "' || home_category || '" = "<slug>"'} END
    ], lambda x: x IS NOT NULL)) AS issue
    FROM chunk WHERE problem IS NULL
)
SELECT source_row, table_name, issue.field, substr(issue.value, 1, 500), issue.reason, issue.hint,
       substr(md5(concat_ws(chr(31), table_name, source_row, sku, issue.field)), 1, 12)
FROM found;
INSERT INTO issue_rows
SELECT source_row, table_name, 'stock', substr(s.text, 1, 500), 'this is not a whole number of units', 'map a column of whole numbers to stock, or give words = { "in stock" = 10 }',
       substr(md5(concat_ws(chr(31), table_name, source_row, sku, 'stock', s.location)), 1, 12)
FROM (SELECT CASE WHEN unit_row > 0 THEN unit_row ELSE source_row END AS source_row, table_name, sku, unnest(stock) AS s FROM chunk WHERE problem IS NULL)
WHERE s.text IS NOT NULL AND whole_units(s.text) IS NULL;
