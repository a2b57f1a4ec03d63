-- Step 2 of a shard: which lane serves each variant. Reads `facts`, `stock` (unique by sku and location) and `serving_lane`; makes `served`.
-- Goods already imported serve before a direct parcel (their lane has the lower rank), if the lane can carry them and has stock.
CREATE OR REPLACE TEMP TABLE served AS
WITH carried AS (
    SELECT sku, coalesce(weight_g, 0) AS weight_g, coalesce(battery, 'none') <> 'none' AS has_battery FROM facts
),
-- The lane's rank and its quantity in one number, so that a plain min() chooses: the lowest rank, then the largest quantity.
in_stock AS (
    SELECT carried.sku, min(lane.rank << 40 | (max_quantity() - least(stock.quantity, max_quantity()))) AS best
    FROM stock
    JOIN serving_lane AS lane ON lane.location_id = stock.location_id
    JOIN carried ON carried.sku = stock.sku
    WHERE stock.quantity >= lane.min_quantity
        AND carried.weight_g <= lane.max_weight_g
        AND (lane.takes_batteries OR NOT carried.has_battery)
    GROUP BY carried.sku
),
-- What no lane has in stock is shown with the lane that would serve it; one that could not lift it comes last.
elsewhere AS (
    SELECT carried.sku,
        min((CASE WHEN carried.weight_g <= lane.max_weight_g THEN 0::BIGINT ELSE 1::BIGINT END) << 40 | lane.rank_without_stock) AS best
    FROM carried
    ANTI JOIN in_stock ON in_stock.sku = carried.sku
    CROSS JOIN serving_lane AS lane
    WHERE lane.takes_batteries OR NOT carried.has_battery
    GROUP BY carried.sku
)
SELECT in_stock.sku, lane.location_id, lane.lane_id,
    max_quantity() - (in_stock.best & max_quantity()) AS quantity,
    lane.min_days, lane.max_days, lane.ships_from, lane.imported,
    CASE WHEN lane.imported THEN 'imported_stock_nearby' ELSE 'direct_parcel_no_imported_stock' END AS reason
FROM in_stock
JOIN serving_lane AS lane ON lane.rank = in_stock.best >> 40
UNION ALL
SELECT elsewhere.sku, lane.location_id, lane.lane_id,
    0 AS quantity,
    lane.min_days, lane.max_days, lane.ships_from, lane.imported,
    CASE WHEN elsewhere.best >> 40 = 1 THEN 'too_heavy_for_every_lane' ELSE 'out_of_stock_everywhere' END AS reason
FROM elsewhere
JOIN serving_lane AS lane ON lane.rank_without_stock = elsewhere.best & max_quantity()
