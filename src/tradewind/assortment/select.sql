-- Who travels to this market, and every reason why one does not. What was decided on the way is carried along, so that no later
-- statement joins it again. In: facts, served, price_output, text_choice, policy, policy_category, withdrawn_here. Out: selection.
create or replace temp table selection as
with judged as (
    select
        f.sku, f.product_id, f.offer_id,
        (case when f.image_count > 0 then 120 + 30 * least(f.image_count - 1, 4)
              + case when f.image_width >= 1500 then 60 when f.image_width >= 500 then 40 else 0 end else 0 end
         + least(f.description_length, 600) // 3
         + if(f.gtin is not null, 120, 0) + if(f.brand is not null, 50, 0) + if(f.mpn is not null, 30, 0)
         + if(f.weight_from in ('measured', 'supplier', 'person'), 50, 0)
         + if(f.dimensions_from in ('measured', 'supplier', 'person'), 30, 0)
         + if(f.cost_from in ('measured', 'supplier', 'person'), 50, 0)
         + if(f.hs_from in ('measured', 'supplier', 'person'), 40, 0)
         + if(f.origin_from in ('measured', 'supplier', 'person'), 30, 0)
         + case when f.rating_milli is null or coalesce(f.rating_count, 0) < 5 then 50
                else least(greatest(f.rating_milli - 3000, 0), 2000) // 20 end)::bigint as quality,
        f.category, f.battery, f.condition, f.gtin_duplicate_of, f.cost_minor, f.weight_g, f.hs_code, f.origin,
        f.image_count, f.brand, f.gtin, c.code as category_code,
        w.sku is not null as is_withdrawn, s.sku is not null as is_served, s.reason as serving_reason, t.sku is not null as is_readable,
        p.problem$carried
    from facts as f
    left join policy_category as c on c.category = f.category
    left join withdrawn_here as w on w.sku = f.sku
    left join served as s on s.sku = f.sku
    left join text_choice as t on t.sku = f.sku
    left join price_output as p on p.sku = f.sku
),
with_codes as (
    select j.*, concat_ws(' ',
        case when is_withdrawn then 'withdrawn' end,
        case when category_code = 'prohibited_category' then 'prohibited_category' end,
        case when category_code = 'restricted_category' then 'restricted_category' end,
        case when (battery is not null and not list_contains(y.carried_batteries, battery))
               or (not is_served and coalesce(battery, 'none') <> 'none') then 'battery_not_carried' end,
        case when not list_contains(y.accepted_conditions, coalesce(condition, 'new')) then 'condition_not_accepted' end,
        case when gtin_duplicate_of is not null then 'duplicate_gtin' end,
        case when category is null then 'no_category' end,
        case when y.needs_cost and cost_minor is null then 'missing_cost' end,
        case when y.needs_weight and weight_g is null then 'missing_weight' end,
        case when y.needs_hs and hs_code is null then 'missing_hs' end,
        case when y.needs_origin and origin is null then 'missing_origin' end,
        case when y.needs_image and image_count = 0 then 'missing_image' end,
        case when image_count > 0 and image_count < y.min_images then 'too_few_images' end,
        case when y.needs_brand and brand is null then 'missing_brand' end,
        case when y.needs_gtin and gtin is null then 'missing_gtin' end,
        case when weight_g > y.max_weight_g or serving_reason = 'too_heavy_for_every_lane' then 'too_heavy' end,
        case when not is_served then 'no_lane' end,
        case when not is_readable then 'no_readable_text' end,
        -- What is missing was said above; saying it again as a problem of the price helps nobody.
        case when problem is not null and not (y.needs_cost and problem = 'cost_missing')
              and not (y.needs_weight and problem = 'weight_missing')
              and not (y.needs_hs and hs_code is null and problem = 'duty_unknown')
             then coalesce(n.code, 'price_problem_other') end,
        case when problem is null and price_minor is null and is_served then 'price_problem_other' end,
        case when price_minor > y.max_price_minor then 'price_above_limit' end,
        case when margin_ppm < y.min_margin_ppm then 'margin_below_floor' end,
        case when quality < y.min_quality then 'quality_below_minimum' end
    ) as codes
    from judged as j cross join policy as y
    left join price_reason as n on n.code = 'price_problem_' || j.problem
)
select
    sku, product_id, codes = '' as chosen,
    case when codes = '' then [] else string_split(codes, ' ') end as reasons,
    nullif(split_part(codes, ' ', 1), '') as primary_reason,
    quality, offer_id$names
from with_codes
