-- One fingerprint for everything of a variant that a run reads: its facts, its pinned stock, its withdrawals and
-- what its announced reduction hangs on.
-- In: the snapshot's Parquet, the pinned stock, withdrawn (sku, market), price_key (sku, past). Out: inputs, stock.
create or replace temp table stock as
select sku, location_id, quantity from read_parquet(?);

create or replace temp table inputs as
with pinned as (
    select sku, string_agg(location_id || '=' || quantity, ' ' order by location_id) as levels from stock group by sku
),
taken as (
    select sku, string_agg(market, ' ' order by market) as markets from withdrawn group by sku
)
select p.sku, sha256(concat_ws(chr(31), p.row_hash, pinned.levels, 'withdrawn ' || taken.markets, 'published ' || price_key.past)) as input_hash
from read_parquet(?) as p
left join pinned on pinned.sku = p.sku
left join taken on taken.sku = p.sku
left join price_key on price_key.sku = p.sku
