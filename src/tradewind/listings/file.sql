-- The rows of listings.parquet, in the order of listing_rows. Few sets of rules are broken together, and most issues show no value
-- of the listing: the lists of the frequent sets are constants. In: listing_rows, judged (row by row).
select
    l.offer_id, $attributes, j.verdict,
    case j.broken $frequent
         else list_filter([$issues], lambda issue: issue is not null) end as issues,
    j.content_hash,
    case when j.verdict <> 'disapproved' then l.native_commerce end as native_commerce, l.consumer_notice, l.merchant_item_id
from listing_rows as l
positional join judged as j
where l.is_chosen
