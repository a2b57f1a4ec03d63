-- One band of a direct parcel (direct.py): the price that the band would give, and whether the parcel is within it at that price.
-- {n} is the band's number; a parcel that an earlier band took, or that has no price, has no cost_{n} here.
rates_{n} AS (
    SELECT *, {is_open} AS cost_{n}, {rate} AS rate_{n}, {tax_ppm} AS tax_ppm_{n}, {fee} AS fee_{n} FROM {before}
),
dutied_{n} AS (
    SELECT *, {dutied} AS dutied_{n}, {y} AS y_{n} FROM rates_{n}
),
remainder_{n} AS (
    SELECT *, 1000000 - margin_ppm - nearest(dutied_{n} * margin_ppm, 1000000) AS remainder_{n} FROM dutied_{n}
),
sane_{n} AS (
    SELECT *,
        CASE
            WHEN remainder_{n} >= {min_remainder_ppm} AND dutied_{n} <= {max_duty_ppm} {person}
                AND (cost_{n} + freight + fee_{n}) * (1000000 + dutied_{n}) <= {max_net_amount} * remainder_{n}
            THEN cost_{n} + freight + fee_{n}
        END AS costs_{n}
    FROM remainder_{n}
),
first_{n} AS (
    SELECT *,
        nearest(
            (costs_{n} - nearest((freight + fee_{n}) * (1000000 - margin_ppm), 1000000)) * dutied_{n}
                + nearest(nearest(y_{n}, 10000) * (1000000 - margin_ppm), 100),
            remainder_{n}
        ) AS first_{n}
    FROM sane_{n}
),
net_{n} AS (
    SELECT *, up((costs_{n} + first_{n}) * 1000000, 1000000 - margin_ppm) AS net_{n} FROM first_{n}
),
{thresholds}
price_{n} AS (
    SELECT *, to_ending({gross}, {ending_step}, {ending_last}) AS price_{n} FROM {priced_from}
),
{inside}
value_{n} AS (
    SELECT *, price_{n} - tax_{n} - freight - fee_{n} - duty_{n} AS goods_{n} FROM duty_{n}
),
fits_{n} AS (
    SELECT *, {customs_value} AS value_{n} FROM value_{n}
),
band_{n} AS (
    SELECT *, {fits} AS fits_{n} FROM fits_{n}
),
