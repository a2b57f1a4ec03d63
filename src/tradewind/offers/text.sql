-- Which text a variant shows in this market: the supplier's in the first language, else one built from glossary terms in it,
-- else the same along the market's list of languages, marked as a fallback.
-- In: facts, market_language, category_name. Out: text_choice.
create or replace temp table text_choice as
with candidate as (
    select f.sku, l.position * 2 + if(list_contains(f.has_language, l.language), 0, 1) as rank
    from facts as f
    cross join market_language as l
    left join category_name as c on c.category = f.category and c.language = l.language
    where list_contains(f.has_language, l.language)
       -- A title of a category name alone says nothing: a brand or a model must stand beside it.
       or (c.text is not null and (f.model is not null or case when l.language = 'zh' then f.brand else f.brand_abroad end is not null))
),
best as (
    select sku, min(rank) as rank from candidate group by sku
)
select
    b.sku, l.language, b.rank % 2 = 0 as supplied,
    case when b.rank = 0 then 'supplier' when b.rank = 1 then 'template' else 'fallback' end as text_from
from best as b
join market_language as l on l.position = b.rank // 2
