-- What a market decided about each variant of the sheet, row by row in the sheet's order; NULLs where it did not choose it.
-- In: selection_now, sheet. Out: chosen.
create or replace temp table chosen as
select c.* exclude (offer_id, product_id, chosen, reasons, primary_reason, quality)
from (select sku, rowid as place from sheet) as s
left join (from selection_now where chosen) as c on c.sku = s.sku
order by s.place
