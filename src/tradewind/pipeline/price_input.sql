-- What pricing needs to know of each variant that a lane serves. In: facts, served. Out: price_input.
create or replace temp table price_input as
select
    f.sku, f.category, f.cost_minor, f.cost_currency, f.weight_g, f.length_mm, f.width_mm, f.height_mm, f.hs_code, f.origin,
    s.location_id, s.lane_id, s.imported
from facts as f
join served as s on s.sku = f.sku
