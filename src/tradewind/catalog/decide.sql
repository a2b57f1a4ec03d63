-- Decisions over the whole snapshot, on narrow columns only: which row keeps a sku, which variant keeps a shared GTIN.
-- Reads variant_keys (one row for each usable variant); leaves sku_losers and gtin_decisions, which the cursors of the shards read too.
CREATE OR REPLACE TABLE sku_losers AS
SELECT source_row, unit_row, table_name, sku, first_row
FROM (SELECT source_row, unit_row, table_name, sku,
             row_number() OVER (PARTITION BY sku ORDER BY source_row, unit_row) AS place,
             first_value(source_row) OVER (PARTITION BY sku ORDER BY source_row, unit_row) AS first_row
      FROM variant_keys WHERE sku IN (SELECT sku FROM variant_keys GROUP BY sku HAVING count(*) > 1))
WHERE place > 1;

CREATE OR REPLACE TABLE gtin_decisions AS
WITH rivals AS (
    SELECT k.*, lpad(gtin, 14, '0') AS gtin_14 FROM variant_keys k
    WHERE gtin IS NOT NULL AND NOT EXISTS (SELECT 1 FROM sku_losers l WHERE l.source_row = k.source_row AND l.unit_row = k.unit_row)
),
shared AS (SELECT * FROM rivals WHERE gtin_14 IN (SELECT gtin_14 FROM rivals GROUP BY gtin_14 HAVING count(*) > 1)),
ranked AS (
    SELECT *, row_number() OVER best AS place, first_value(sku) OVER best AS winner, first_value(quality_facts) OVER best AS winner_facts,
           first_value(coalesce(rating_milli, 0)) OVER best AS winner_rating, first_value(price_minor) OVER best AS winner_price
    FROM shared
    WINDOW best AS (PARTITION BY gtin_14 ORDER BY quality_facts DESC, coalesce(rating_milli, 0) DESC, price_minor ASC NULLS LAST, sku ASC)
)
SELECT sku, CASE WHEN place > 1 THEN winner END AS duplicate_of,
       CASE WHEN place = 1 THEN 'kept among variants with this GTIN: most facts, then best rating, then lowest price, then first sku'
            WHEN winner_facts > quality_facts THEN winner || ' has more facts (' || winner_facts || ' against ' || quality_facts || ')'
            WHEN winner_rating > coalesce(rating_milli, 0) THEN winner || ' is rated better (' || winner_rating || ' against ' || coalesce(rating_milli, 0) || ' thousandths)'
            WHEN winner_price < coalesce(price_minor, 9223372036854775807) THEN winner || ' is cheaper at home'
            ELSE winner || ' comes first by sku; all else is equal' END AS reason
FROM ranked;
