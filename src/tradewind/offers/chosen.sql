-- The narrow half of the offers: what was decided about each chosen variant, without any text, sorted by offer_id: sorting
-- the narrow half costs a fraction of sorting the wide one.
-- In: selection, served, price_output, text_choice. Out: chosen.
create or replace temp table chosen as
select
    s.sku, s.offer_id, t.language, t.supplied, t.text_from,
    v.quantity, v.location_id, v.lane_id, v.ships_from, v.min_days, v.max_days,
    p.* exclude (sku, problem)
from selection as s
join served as v on v.sku = s.sku
join price_output as p on p.sku = s.sku
join text_choice as t on t.sku = s.sku
where s.chosen
order by s.offer_id
