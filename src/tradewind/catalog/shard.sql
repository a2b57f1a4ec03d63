-- One shard's variants from the parts of all chunks, in the contract's columns and order.
SELECT sku, product_id, source_row,
       sha256(concat_ws(chr(31), sku, product_id, category, category_from, home_category, brand, brand_from, gtin, gtin_from, gtin_problem,
              gtin_duplicate_of, gtin_reason, mpn, language, array_to_string(map_keys(titles), ','), array_to_string(map_values(titles), chr(30)),
              description_languages, description_hash, coalesce(color, chr(30)), coalesce(size, chr(30)),
              coalesce(material, chr(30)), coalesce(pattern, chr(30)), coalesce(gender, chr(30)), coalesce(age_group, chr(30)), options::VARCHAR, specs::VARCHAR,
              array_to_string(images, chr(30)), coalesce(image_width, -1), coalesce(image_height, -1), image_from, coalesce(cost_minor, -1), cost_currency, cost_from,
              cost_note, coalesce(home_price_minor, -1), home_price_currency, coalesce(weight_g, -1), weight_from, coalesce(length_mm, -1), coalesce(width_mm, -1),
              coalesce(height_mm, -1), dimensions_from, coalesce(hs_code, chr(30)), hs_from, coalesce(origin, chr(30)), origin_from, condition, battery,
              coalesce(rating_milli, -1), coalesce(rating_count, -1), coalesce(sold_count, -1), array_to_string(flags, ','))) AS row_hash,
       category, category_from, home_category, brand, brand_from, gtin, gtin_from, gtin_problem, gtin_duplicate_of, gtin_reason, mpn, language,
       titles, descriptions, color, size, material, pattern, gender, age_group, options, specs, images, image_width, image_height, image_from,
       cost_minor, cost_currency, cost_from, cost_note, home_price_minor, home_price_currency, weight_g, weight_from,
       length_mm, width_mm, height_mm, dimensions_from, hs_code, hs_from, origin, origin_from, condition, battery,
       rating_milli, rating_count, sold_count, flags
FROM (SELECT p.*, $descriptions AS descriptions, d.duplicate_of AS gtin_duplicate_of, d.reason AS gtin_reason, $language AS language
      FROM read_parquet($parts) p
      JOIN read_parquet($texts) t ON t.text_run = p.text_run
      LEFT JOIN gtin_decisions d ON d.sku = p.sku
      WHERE NOT EXISTS (SELECT 1 FROM sku_losers l WHERE l.source_row = p.source_row AND l.unit_row = p.unit_row))
ORDER BY sku
