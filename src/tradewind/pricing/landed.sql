-- Step 4 of a shard: the landed price. Reads `price_input` and the tables of service.load; makes `price_output`.
-- The same steps in the same order as rules.py; a test proves the two equal, column by column. All amounts are BIGINT minor units
-- of 0 and more, so that nearest() (half up) and up() need not look at signs. statement.py fills in the numbers of the book, and
-- the steps of its bands from band.sql. What has a problem has no cost, and so no amount: no row is ever split off or joined back.
CREATE OR REPLACE TEMP TABLE price_output AS
WITH
-- A tariff code is looked up once, not once a product: the longest known prefix decides.
codes AS (
    SELECT DISTINCT hs_code, origin FROM price_input WHERE hs_code IS NOT NULL
),
coded AS (
    SELECT codes.hs_code, codes.origin,
        CASE WHEN codes.origin IS NULL THEN {unknown_group} ELSE coalesce(price_origin.group_no, {every_group}) END AS group_no,
        unnest([2, 4, 6, 8, 10]) AS digits
    FROM codes
    LEFT JOIN price_origin ON price_origin.origin = codes.origin
),
rated AS (
    SELECT coded.hs_code, coded.origin, arg_max(price_duty.numbers[coded.group_no], coded.digits) AS duty_no
    FROM coded
    JOIN price_duty ON price_duty.prefix = coded.hs_code[:coded.digits]
    WHERE price_duty.numbers[coded.group_no] IS NOT NULL
    GROUP BY coded.hs_code, coded.origin
),
code_taxes AS (
    SELECT hs_code,
        arg_max(number, length(prefix)) FILTER (kind = 'tax') AS tax_no,
        arg_max(ppm, length(prefix)) FILTER (kind = 'tax') AS tax_ppm,
        arg_max(certainty_rank, length(prefix)) FILTER (kind = 'tax') AS tax_rank,
        coalesce(sum(ppm) FILTER (kind = 'extra'), 0)::BIGINT AS extra_ppm,
        coalesce(bit_or(number) FILTER (kind = 'extra'), 0) AS extra_no,
        coalesce(arg_max(ppm, length(prefix)) FILTER (kind = 'simplified'), 0) AS simplified_ppm
    FROM (SELECT DISTINCT hs_code FROM codes)
    JOIN price_code ON starts_with(hs_code, prefix)
    GROUP BY hs_code
),
tariff AS (
    SELECT rated.hs_code, coalesce(rated.origin, '') AS origin_key,
        price_rate.duty_ppm, price_rate.low_ppm, price_rate.per_kg_micro, price_rate.per_item_micro, price_rate.needs_person,
        CASE WHEN rated.origin IS NULL THEN 2 ELSE price_rate.duty_rank END AS duty_rank,
        code_taxes.tax_ppm, code_taxes.tax_rank, code_taxes.extra_ppm, code_taxes.simplified_ppm,
        ((price_rate.rule_set * {tax_sets} + code_taxes.tax_no) * {extra_sets} + code_taxes.extra_no) * {margin_sets} AS rules_no
    FROM rated
    JOIN price_rate ON price_rate.duty_no = rated.duty_no
    JOIN code_taxes ON code_taxes.hs_code = rated.hs_code
),
with_rules AS (
    SELECT
        item.sku, item.imported, item.weight_g, item.cost_currency,
        CASE WHEN item.cost_minor BETWEEN 1 AND {max_cost_minor} THEN item.cost_minor END AS sane_cost,
        item.cost_minor IS NULL OR item.cost_currency IS NULL AS cost_is_missing,
        CASE
            WHEN lane.volumetric_divisor > 0
                AND item.length_mm BETWEEN 1 AND {max_side_mm}
                AND item.width_mm BETWEEN 1 AND {max_side_mm}
                AND item.height_mm BETWEEN 1 AND {max_side_mm}
            THEN greatest(
                item.weight_g,
                (item.length_mm * item.width_mm * item.height_mm + lane.volumetric_divisor - 1) // lane.volumetric_divisor
            )
            ELSE item.weight_g
        END AS chargeable_g,
        lane.lane_id, lane.inbound_per_kg, lane.rate_card_id, lane.amounts, lane.band_set,
        fx.fx_numerator, fx.fx_denominator, fx.fx_rank,
        tariff.duty_ppm, tariff.low_ppm, tariff.per_kg_micro, tariff.per_item_micro, tariff.needs_person, tariff.duty_rank,
        tariff.tax_ppm AS code_tax_ppm, tariff.tax_rank, tariff.extra_ppm, tariff.simplified_ppm,
        coalesce(margin.target_ppm, {every_margin_ppm}) AS margin_ppm,
        tariff.rules_no + coalesce(margin.margin_set, {every_margin_set}) AS rules_no
    FROM price_input AS item
    LEFT JOIN price_fx AS fx ON fx.cost_currency = item.cost_currency
    LEFT JOIN price_lane AS lane ON lane.lane_id = item.lane_id
    LEFT JOIN tariff ON tariff.hs_code = item.hs_code AND tariff.origin_key = coalesce(item.origin, '')
    LEFT JOIN price_margin AS margin ON margin.category = item.category
),
with_cost AS (
    SELECT *,
        nearest(sane_cost * fx_numerator, fx_denominator) AS any_cost,
        amounts[CASE WHEN weight_g > 0 THEN (chargeable_g + {band_step_g} - 1) // {band_step_g} END] AS last_mile
    FROM with_rules
),
with_problem AS (
    SELECT *,
        CASE
            WHEN cost_is_missing THEN 'cost_missing'
            WHEN fx_numerator IS NULL THEN 'fx_missing'
            WHEN any_cost IS NULL OR any_cost > {max_cost_amount} THEN 'cost_out_of_range'
            WHEN weight_g IS NULL OR weight_g <= 0 THEN 'weight_missing'
            WHEN lane_id IS NULL THEN 'no_rate_card'
            WHEN last_mile IS NULL THEN 'weight_over_limit'
            WHEN duty_ppm IS NULL THEN 'duty_unknown'
        END AS early_problem
    FROM with_cost
),
-- From here on only what is needed is carried: every name is planned again in every step.
with_goods AS (
    SELECT
        sku, imported, early_problem, rate_card_id, band_set, fx_numerator, fx_denominator, fx_rank, duty_ppm, low_ppm, needs_person,
        duty_rank, code_tax_ppm, tax_rank, extra_ppm, simplified_ppm, margin_ppm, rules_no,
        CASE WHEN early_problem IS NULL THEN any_cost END AS cost,
        last_mile + CASE WHEN early_problem IS NULL AND imported THEN nearest(inbound_per_kg * chargeable_g, 1000) ELSE 0 END AS freight,
        CASE WHEN early_problem IS NULL THEN {specific} END AS specific_micro,
        CASE WHEN early_problem IS NULL AND imported AND NOT needs_person THEN {bulk_dutiable} END AS bulk_dutiable
    FROM with_problem
),
-- Goods imported in bulk owed duty on their cost.
with_bulk AS (
    SELECT *,
        CASE WHEN bulk_dutiable IS NOT NULL THEN cost END AS bulk_cost,
        CASE WHEN bulk_dutiable IS NOT NULL THEN nearest(cost * {import_fee_ppm}, 1000000) END AS bulk_fee,
        nearest(bulk_dutiable * duty_ppm + specific_micro, 1000000) AS bulk_duty
    FROM with_goods
),
with_bulk_costs AS (
    SELECT *,
        CASE
            WHEN (bulk_cost + freight + bulk_fee + bulk_duty) * 1000000 <= {max_net_amount} * (1000000 - margin_ppm)
            THEN bulk_cost + freight + bulk_fee + bulk_duty
        END AS bulk_costs
    FROM with_bulk
),
with_bulk_net AS (
    SELECT *, up(bulk_costs * 1000000, 1000000 - margin_ppm) AS bulk_net FROM with_bulk_costs
),
with_bulk_price AS (
    SELECT *, to_ending(bulk_net + nearest((bulk_net - {bulk_untaxed}) * code_tax_ppm, 1000000), {ending_step}, {ending_last}) AS bulk_price
    FROM with_bulk_net
),
-- A direct parcel owes by the first band that it fits at its own final price.
{bands}
with_band AS (
    SELECT *, {picked_band} AS band FROM {last}
),
with_price AS (
    SELECT *,
        {picked_price} AS price,
        {picked_tax} AS tax,
        {picked_duty} AS duty,
        {picked_fee} AS fee,
        {picked_wanted} AS wanted,
        {picked_rate} AS used_duty_ppm,
        {picked_tax_ppm} AS used_tax_ppm,
        {picked_value} AS customs_value,
        {picked_low} AS duty_low,
        greatest(fx_rank, tax_rank, {picked_rank}) AS certainty_rank,
        {late_problem} AS late_problem
    FROM with_band
),
with_rest AS (
    SELECT *,
        price - tax - cost - freight - fee - duty AS rest,
        CASE WHEN price IS NOT NULL THEN {band_no} * {rules_size} + rules_no END AS picked_rules_no
    FROM with_price
)
SELECT
    sku, {currency} AS currency,
    price AS price_minor,
    CASE WHEN price IS NOT NULL THEN cost END AS cost_amount,
    CASE WHEN price IS NOT NULL THEN freight END AS freight_amount,
    customs_value AS customs_value_amount,
    duty AS duty_amount,
    duty_low AS duty_low_amount,
    fee AS fee_amount,
    least(wanted, rest) AS margin_amount,
    tax AS tax_amount,
    rest - least(wanted, rest) AS ending_amount,
    used_duty_ppm AS duty_ppm,
    used_tax_ppm AS tax_ppm,
    CASE WHEN price IS NOT NULL THEN margin_ppm END AS margin_ppm,
    CASE WHEN price IS NOT NULL THEN fx_numerator END AS fx_numerator,
    CASE WHEN price IS NOT NULL THEN fx_denominator END AS fx_denominator,
    CASE WHEN price IS NOT NULL THEN rate_card_id END AS rate_card_id,
    band,
    coalesce(price_rules.rule_ids, []) AS rule_ids,
    CASE WHEN price IS NULL THEN 'estimate' WHEN certainty_rank = 0 THEN 'certain' WHEN certainty_rank = 1 THEN 'likely' ELSE 'estimate' END AS certainty,
    CASE WHEN price IS NULL THEN coalesce(early_problem, late_problem, 'no_price_exists') END AS problem
FROM with_rest
LEFT JOIN price_rules ON price_rules.rules_no = with_rest.picked_rules_no
