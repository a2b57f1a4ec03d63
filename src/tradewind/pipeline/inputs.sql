-- One fingerprint for everything of a variant that a run reads: its facts and its pinned stock.
-- In: the snapshot's Parquet, the pinned stock. Out: inputs, stock.
create or replace temp table stock as
select sku, location_id, quantity from read_parquet(?);

create or replace temp table inputs as
with pinned as (
    select sku, string_agg(location_id || '=' || quantity, ' ' order by location_id) as levels from stock group by sku
)
select p.sku, sha256(concat_ws(chr(31), p.row_hash, pinned.levels)) as input_hash
from read_parquet(?) as p
left join pinned on pinned.sku = p.sku
