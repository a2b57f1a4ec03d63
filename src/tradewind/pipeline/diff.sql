-- What publishing this shard would change. Offers that stay as they are are counted only.
-- In: current and published (offer_id, content_hash). Out: diff.
create or replace temp table diff as
select
    coalesce(c.offer_id, p.offer_id) as offer_id,
    case when p.offer_id is null then 'new' when c.offer_id is null then 'gone' else 'changed' end as change
from current_offers as c
full join published_offers as p on p.offer_id = c.offer_id
where c.content_hash is distinct from p.content_hash
order by 1
