-- Step 2 of a shard: which lane serves each variant. Reads `facts`, `stock` and `serving_lane`; makes `served`.
-- Goods already imported serve before a direct parcel (the preference of their lane is lower), if the lane can carry them and has stock.
CREATE OR REPLACE TEMP TABLE served AS
WITH stock_at AS (
    SELECT sku, location_id, sum(quantity)::BIGINT AS quantity
    FROM stock
    GROUP BY sku, location_id
),
candidates AS (
    SELECT
        facts.sku,
        lane.*,
        greatest(coalesce(stock_at.quantity, 0), 0) AS quantity,
        coalesce(stock_at.quantity, 0) >= lane.min_quantity AS has_stock,
        coalesce(facts.weight_g, 0) <= lane.max_weight_g AS can_lift
    FROM facts
    CROSS JOIN serving_lane AS lane
    LEFT JOIN stock_at ON stock_at.sku = facts.sku AND stock_at.location_id = lane.location_id
    WHERE lane.takes_batteries OR coalesce(facts.battery, 'none') = 'none'
),
-- One number sorts the candidates: a lane that can lift it and has stock, then one that can lift it, each time the preferred lane first.
ranked AS (
    SELECT
        sku,
        arg_min(
            struct_pack(location_id, lane_id, quantity, has_stock, min_days, max_days, ships_from, imported, can_lift),
            (CASE WHEN can_lift THEN 0 ELSE 2 END + CASE WHEN has_stock THEN 0 ELSE 1 END) * 1000000
            + CASE WHEN has_stock THEN preference ELSE out_of_stock_preference END
        ) AS best
    FROM candidates
    GROUP BY sku
)
SELECT
    sku,
    best.location_id AS location_id,
    best.lane_id AS lane_id,
    CASE WHEN best.has_stock THEN best.quantity ELSE 0 END::BIGINT AS quantity,
    best.min_days AS min_days,
    best.max_days AS max_days,
    best.ships_from AS ships_from,
    best.imported AS imported,
    CASE
        WHEN NOT best.can_lift THEN 'too_heavy_for_every_lane'
        WHEN NOT best.has_stock THEN 'out_of_stock_everywhere'
        WHEN best.imported THEN 'imported_stock_nearby'
        ELSE 'direct_parcel_no_imported_stock'
    END AS reason
FROM ranked
