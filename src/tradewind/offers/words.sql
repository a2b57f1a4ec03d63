-- The words of the shard in every language of its markets, one row for each word that some product carries.
-- In: source, glossary_term, category_name. Out: color_word, material_word, category_word (word, and text_<n> by language).
create or replace temp table color_word as
select w.word, $texts
from (select distinct coalesce(color, '') as word from source) as w
left join glossary_term as t on t.kind = 'color' and t.source = lower(w.word)
group by w.word;

create or replace temp table material_word as
select w.word, $texts
from (select distinct coalesce(material, '') as word from source) as w
left join glossary_term as t on t.kind = 'material' and t.source = lower(w.word)
group by w.word;

create or replace temp table category_word as
select w.word, $texts
from (select distinct coalesce(category, '') as word from source) as w
left join category_name as t on t.category = w.word
group by w.word
