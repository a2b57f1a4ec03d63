-- One band of a direct parcel (direct.py): the price that the band would give, and whether the parcel is within it at that price.
-- {n} is the band's number; a parcel that an earlier band took, or that has no price, has no cost_{n} here. Few steps with much in
-- each: what a step names by * costs the planner time in every shard.
rates_{n} AS (
    SELECT *, {is_open} AS cost_{n}, {rate} AS rate_{n}, {tax_ppm} AS tax_ppm_{n}, {fee} AS fee_{n}, {dutied} AS dutied_{n}, {y} AS y_{n},
        1000000 - margin_ppm - nearest({dutied} * margin_ppm, 1000000) AS remainder_{n}{edge}
    FROM {before}
),
costs_{n} AS (
    SELECT *,
        CASE
            WHEN remainder_{n} >= {min_remainder_ppm} AND dutied_{n} <= {max_duty_ppm} {person}
                AND (cost_{n} + freight + fee_{n}) * (1000000 + dutied_{n}) <= {max_net_amount} * remainder_{n}
            THEN cost_{n} + freight + fee_{n}
        END AS costs_{n}{edge_duty}
    FROM rates_{n}
),
first_{n} AS (
    SELECT *,
        nearest(
            (costs_{n} - nearest((freight + fee_{n}) * (1000000 - margin_ppm), 1000000)) * dutied_{n}
                + nearest(nearest(y_{n}, 10000) * (1000000 - margin_ppm), 100),
            remainder_{n}
        ) AS first_{n}{edge_net}
    FROM costs_{n}
),
net_{n} AS (
    SELECT *, up((costs_{n} + first_{n}) * 1000000, 1000000 - margin_ppm) AS net_{n}{least} FROM first_{n}
),
price_{n} AS (
    SELECT *, to_ending({gross}, {ending_step}, {ending_last}) AS price_{n} FROM net_{n}
),
{inside}
band_{n} AS (
    SELECT *, price_{n} - tax_{n} - freight - fee_{n} - duty_{n} AS goods_{n}, {fits} AS fits_{n} FROM duty_{n}
),
