-- What Google's words need once for each word of a shard. In: source, color_word, channel_category.
-- Out: channel_word (by category), channel_color (by color): path_<n>, google_color_<n> and color_count_<n> by language.
create or replace temp table channel_word as
select w.word, max(k.google_category) as google_category, coalesce(bool_or(k.is_apparel), false) as is_apparel, $paths
from (select distinct coalesce(category, '') as word from source) as w
left join channel_category as k on k.category = w.word
group by w.word;

create or replace temp table channel_color as
with shown as (
    select word, $shown from color_word
)
select word, $colors from shown
