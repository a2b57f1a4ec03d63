-- Each listing judged by the rules of the day: which of them it breaks (one bit a rule, in the order of the book), the verdict,
-- and the hash of everything that was rendered. The texts, and what no market changes, were hashed once for all markets; a hash
-- over the hashes changes exactly when they do. One row for each of listing_rows.
-- In: listing_rows. Out: judged.
create or replace temp table judged as
select offer_id, broken,
    case when broken = 0 then 'ok' when broken & $disapproving <> 0 then 'disapproved' when broken & $limiting <> 0 then 'limited'
         else 'warning' end as verdict,
    content_hash
from (
    select offer_id, case when is_chosen then ($checks)::bigint end as broken,
        case when is_chosen then sha256(concat_ws(chr(31),
            listing_hash, text_hash, coalesce(product_type, ''), link, availability, price, coalesce(shipping, ''),
            coalesce(ships_from_country, ''), custom_label_1,
            'sale ' || sale_price || ' ' || sale_price_effective_date$decided)) end as content_hash
    from listing_rows
)
