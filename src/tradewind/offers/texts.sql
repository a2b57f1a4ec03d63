-- The wide half, made once for every market of the shard and only for variants that some market chose.
-- In: source, wanted_text. Out: texts, wide.
create or replace temp table texts as
select *, sha256(concat_ws(chr(31), title, description)) as text_hash
from (
    select
        w.sku, w.language,
        one_line(p.titles[w.language]) as title,
        paragraphs(p.descriptions[w.language]) as description
    from source as p
    join wanted_text as w on w.sku = p.sku
    where w.supplied
);

create or replace temp table wide as
select *, sha256(concat_ws(chr(31), options, specs, array_to_string(images, ' '))) as wide_hash
from (
    select
        p.sku, p.images,
        case when cardinality(p.options) = 0 then '{}' else to_json(p.options)::varchar end as options,
        case when cardinality(p.specs) = 0 then '{}' else to_json(p.specs)::varchar end as specs
    from source as p
    semi join wanted_text as w on w.sku = p.sku
);
