-- Step 4 of a shard: the landed price. Reads `price_input` and the tables of service.load; makes `price_output`.
-- The same steps in the same order as rules.py; a test proves the two equal, column by column. All amounts are BIGINT minor units
-- of 0 and more, so that nearest() (half up) and up() need not look at signs.
CREATE OR REPLACE TEMP TABLE price_output AS
WITH
-- A tariff code is looked up once, not once a product: the longest known prefix decides.
codes AS (
    SELECT DISTINCT hs_code, origin FROM price_input WHERE hs_code IS NOT NULL
),
coded AS (
    SELECT codes.hs_code, codes.origin,
        CASE WHEN codes.origin IS NULL THEN book.unknown_origin_group ELSE coalesce(price_origin.origin_group, '*') END AS origin_group
    FROM codes
    CROSS JOIN price_book AS book
    LEFT JOIN price_origin ON price_origin.origin = codes.origin
),
rated AS (
    SELECT coded.hs_code, coded.origin,
        coalesce(d10.duty_id, d8.duty_id, d6.duty_id, d4.duty_id, d2.duty_id) AS duty_id
    FROM coded
    LEFT JOIN price_duty AS d10 ON d10.origin_group = coded.origin_group AND d10.prefix = coded.hs_code[:10] AND length(coded.hs_code) >= 10
    LEFT JOIN price_duty AS d8 ON d8.origin_group = coded.origin_group AND d8.prefix = coded.hs_code[:8] AND length(coded.hs_code) >= 8
    LEFT JOIN price_duty AS d6 ON d6.origin_group = coded.origin_group AND d6.prefix = coded.hs_code[:6] AND length(coded.hs_code) >= 6
    LEFT JOIN price_duty AS d4 ON d4.origin_group = coded.origin_group AND d4.prefix = coded.hs_code[:4] AND length(coded.hs_code) >= 4
    LEFT JOIN price_duty AS d2 ON d2.origin_group = coded.origin_group AND d2.prefix = coded.hs_code[:2] AND length(coded.hs_code) >= 2
),
tariff AS (
    SELECT rated.hs_code, coalesce(rated.origin, '') AS origin_key, price_duty.duty_ppm, price_duty.rule_set,
        CASE WHEN rated.origin IS NULL THEN 2 ELSE price_duty.duty_rank END AS duty_rank
    FROM rated
    JOIN price_duty ON price_duty.duty_id = rated.duty_id
),
with_rules AS (
    SELECT
        item.sku, item.imported, item.weight_g, item.cost_currency,
        CASE WHEN item.cost_minor BETWEEN 1 AND book.max_cost_minor THEN item.cost_minor END AS sane_cost,
        item.cost_minor IS NULL OR item.cost_currency IS NULL AS cost_is_missing,
        CASE
            WHEN lane.volumetric_divisor > 0
                AND item.length_mm BETWEEN 1 AND book.max_side_mm
                AND item.width_mm BETWEEN 1 AND book.max_side_mm
                AND item.height_mm BETWEEN 1 AND book.max_side_mm
            THEN greatest(
                item.weight_g,
                (item.length_mm * item.width_mm * item.height_mm + lane.volumetric_divisor - 1) // lane.volumetric_divisor
            )
            ELSE item.weight_g
        END AS chargeable_g,
        lane.lane_id, lane.inbound_per_kg, lane.rate_card_id, lane.bands,
        fx.fx_numerator, fx.fx_denominator, fx.fx_rank,
        tariff.duty_ppm, tariff.duty_rank, tariff.rule_set,
        coalesce(margin.target_ppm, every.target_ppm) AS margin_ppm,
        coalesce(margin.margin_set, every.margin_set) AS margin_set
    FROM price_input AS item
    CROSS JOIN price_book AS book
    CROSS JOIN (SELECT target_ppm, margin_set FROM price_margin WHERE category = '*') AS every
    LEFT JOIN price_fx AS fx ON fx.cost_currency = item.cost_currency
    LEFT JOIN price_lane AS lane ON lane.lane_id = item.lane_id
    LEFT JOIN tariff ON tariff.hs_code = item.hs_code AND tariff.origin_key = coalesce(item.origin, '')
    LEFT JOIN price_margin AS margin ON margin.category = item.category
),
with_cost AS (
    SELECT *,
        nearest(sane_cost * fx_numerator, fx_denominator) AS cost,
        bands[CASE WHEN weight_g > 0 THEN (chargeable_g + band_step_g - 1) // band_step_g END] AS last_mile,
        1000000 - margin_ppm - nearest(duty_ppm * margin_ppm, 1000000) AS remainder_ppm
    FROM with_rules
    CROSS JOIN (SELECT band_step_g FROM price_book)
),
with_problem AS (
    SELECT with_cost.*,
        CASE
            WHEN cost_is_missing THEN 'cost_missing'
            WHEN fx_numerator IS NULL THEN 'fx_missing'
            WHEN cost IS NULL OR cost > book.max_cost_amount THEN 'cost_out_of_range'
            WHEN weight_g IS NULL OR weight_g <= 0 THEN 'weight_missing'
            WHEN lane_id IS NULL THEN 'no_rate_card'
            WHEN last_mile IS NULL THEN 'weight_over_limit'
            WHEN duty_ppm IS NULL THEN 'duty_unknown'
            WHEN NOT imported AND remainder_ppm < book.min_remainder_ppm THEN 'no_price_exists'
        END AS problem
    FROM with_cost
    CROSS JOIN price_book AS book
),
with_freight AS (
    SELECT book.*, priced.*,
        CASE WHEN imported THEN nearest(inbound_per_kg * chargeable_g, 1000) ELSE 0 END AS inbound,
        CASE WHEN imported THEN nearest(cost * book.import_fee_ppm, 1000000) ELSE book.parcel_fee END AS fee
    FROM with_problem AS priced
    CROSS JOIN price_book AS book
    WHERE problem IS NULL
),
with_bases AS (
    SELECT *,
        last_mile + inbound AS freight,
        cost + last_mile + inbound + fee AS before_duty,
        fee + CASE WHEN duty_counts_freight THEN 0 ELSE last_mile + inbound END AS undutied,
        CASE WHEN tax_counts_freight THEN 0 ELSE last_mile + inbound END AS untaxed,
        CASE WHEN threshold_counts_freight THEN last_mile + inbound ELSE 0 END AS freight_in_threshold
    FROM with_freight
),
-- First the low-value rule of a direct parcel, at the final price that it would give.
with_low_net AS (
    SELECT *, (CASE WHEN NOT imported AND low_value_up_to > 0 THEN up((before_duty + low_value_duty) * 1000000, 1000000 - margin_ppm) END) AS low_net
    FROM with_bases
),
with_low_price AS (
    SELECT *, to_ending(low_net + nearest((low_net - untaxed) * tax_ppm, 1000000), ending_step, ending_last) AS low_price
    FROM with_low_net
),
with_low_value AS (
    SELECT *, low_price - nearest((low_price - untaxed) * tax_ppm, 1000000 + tax_ppm) - freight - fee - low_value_duty AS low_customs_value
    FROM with_low_price
),
with_regime AS (
    SELECT *,
        CASE
            WHEN imported THEN 'imported'
            WHEN low_customs_value + freight_in_threshold <= low_value_up_to THEN 'low_value'
            ELSE 'general'
        END AS regime
    FROM with_low_value
),
-- Goods imported in bulk owed duty on their cost; a direct parcel owes it on its customs value, which holds the margin on the duty itself.
with_first_duty AS (
    SELECT *,
        CASE regime
            WHEN 'imported' THEN nearest((cost + CASE WHEN duty_counts_freight THEN inbound ELSE 0 END) * duty_ppm, 1000000)
            WHEN 'low_value' THEN low_value_duty
            ELSE nearest((before_duty - nearest(undutied * (1000000 - margin_ppm), 1000000)) * duty_ppm, remainder_ppm)
        END AS first_duty,
        greatest(low_value_up_to + 1 - freight_in_threshold, 0) AS least_value
    FROM with_regime
),
with_net AS (
    SELECT *,
        up((before_duty + first_duty) * 1000000, 1000000 - margin_ppm) AS wanted_net,
        CASE
            WHEN regime = 'general' AND low_value_up_to > 0 THEN
                least_value + freight + fee
                + greatest(low_value_duty, nearest((least_value + CASE WHEN duty_counts_freight THEN freight ELSE 0 END) * duty_ppm, 1000000))
            ELSE 0
        END AS least_net
    FROM with_first_duty
),
with_gross AS (
    SELECT *, greatest(wanted_net, least_net) + nearest((greatest(wanted_net, least_net) - untaxed) * tax_ppm, 1000000) AS gross
    FROM with_net
),
with_price AS (
    SELECT *, to_ending(gross, ending_step, ending_last) AS price FROM with_gross
),
-- Then tax and duty again, from the final price, so that the books tie.
with_tax AS (
    SELECT *, nearest((price - untaxed) * tax_ppm, 1000000 + tax_ppm) AS tax FROM with_price
),
with_duty AS (
    SELECT *,
        CASE WHEN regime = 'general' THEN nearest((price - tax - undutied) * duty_ppm, 1000000 + duty_ppm) ELSE first_duty END AS duty
    FROM with_tax
),
with_margin AS (
    SELECT *,
        price - tax - before_duty - duty AS rest,
        least(wanted_net - before_duty - first_duty, price - tax - before_duty - duty) AS margin
    FROM with_duty
),
priced AS (
    SELECT
        with_margin.*,
        price_rules.rule_ids,
        greatest(
            fx_rank, tax_rank,
            CASE WHEN regime = 'low_value' THEN low_value_rank ELSE duty_rank END,
            CASE WHEN regime = 'imported' THEN import_fee_rank ELSE parcel_fee_rank END
        ) AS certainty_rank
    FROM with_margin
    JOIN price_rules USING (regime, rule_set, margin_set)
)
SELECT
    sku, currency,
    price AS price_minor,
    cost AS cost_amount,
    freight AS freight_amount,
    CASE WHEN imported THEN cost ELSE price - tax - freight - fee - duty END AS customs_value_amount,
    duty AS duty_amount,
    fee AS fee_amount,
    margin AS margin_amount,
    tax AS tax_amount,
    rest - margin AS ending_amount,
    CASE WHEN regime = 'low_value' THEN 0 ELSE duty_ppm END AS duty_ppm,
    tax_ppm, margin_ppm, fx_numerator, fx_denominator, rate_card_id, rule_ids,
    CASE certainty_rank WHEN 0 THEN 'certain' WHEN 1 THEN 'likely' ELSE 'estimate' END AS certainty,
    NULL::VARCHAR AS problem
FROM priced
UNION ALL BY NAME
SELECT sku, book.currency, []::VARCHAR[] AS rule_ids, 'estimate' AS certainty, problem
FROM with_problem
CROSS JOIN price_book AS book
WHERE problem IS NOT NULL
