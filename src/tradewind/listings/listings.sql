-- Each offer in Google's words, in the order of the sheet (offer_id). A view: what no market changes was made with the sheet.
-- `full_*` is the offer's own value before it was fitted to Google; rules ask for it. In: sheet, chosen (row by row). Out: listing_rows,
-- with a row for each row of the sheet (is_chosen says which are the market's), and listings.
create or replace temp view listing_rows as
select
    s.offer_id, s.offer_id as id,
    $shown_title as title, $structured_title as structured_title,
    $shown_description as description, $structured_description as structured_description,
    $link_start || s.offer_id as link,
    s.image_link, s.additional_image_link,
    case when c.quantity > 0 then 'in_stock' else 'out_of_stock' end as availability,
    $price as price, $sale_price as sale_price, $sale_dates as sale_price_effective_date,
    s.short_brand as brand, s.gtin, s.short_mpn as mpn, s.identifier_exists, s.condition,
    s.google_product_category, $path as product_type, s.group_id as item_group_id,
    $google_color as color, s.short_size as size, left($material, 200) as material, s.short_pattern as pattern,
    s.google_gender as gender, s.google_age_group as age_group,
    $shipping as shipping, s.shipping_weight, c.ships_from as ships_from_country, s.custom_label_0, c.text_from as custom_label_1,
    $further,
    $title as full_title, $description as full_description, s.brand as full_brand, $color as full_color,
    $link_start || s.offer_id as full_link, $color_count as full_color_count,
    s.is_apparel, s.image_width, s.image_height, c.price_minor, s.gtin_problem, c.language, s.listing_hash, $text_hash as text_hash,
    c.sku is not null as is_chosen
from sheet as s
positional join chosen as c;

create or replace temp view listings as
select * from listing_rows where is_chosen
