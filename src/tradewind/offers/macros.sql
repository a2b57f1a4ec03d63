-- Text as one clean line: control characters, line ends and what XML 1.0 forbids become one space. The match is tested
-- first because a replacement costs many times more and clean text is the rule. The pattern comes from offers/rules.py.
create or replace temp macro is_messy(value) as
    regexp_matches(value, '[\x{0}-\x{1f}\x{7f}-\x{9f}\x{2028}\x{2029}\x{fffe}\x{ffff}]|^ | $');
create or replace temp macro one_line(value) as
    case when is_messy(value)
         then nullif(trim(regexp_replace(value, '[\x{0}-\x{20}\x{7f}-\x{9f}\x{2028}\x{2029}\x{fffe}\x{ffff}]+', ' ', 'g')), '')
         else nullif(value, '') end;
create or replace temp macro paragraphs(value) as
    case when is_messy(value)
         then nullif(trim(regexp_replace(value, '[\x{0}-\x{9}\x{b}-\x{20}\x{7f}-\x{9f}\x{2028}\x{2029}\x{fffe}\x{ffff}]+', ' ', 'g'), e' \n'), '')
         else nullif(value, '') end;
-- A brand that readers of the language can read: a Chinese one by its name abroad, when content knows it, or by the part in Latin
-- letters of one that is written in both ("小米 Xiaomi"); a maker for a brand is not the brand.
create or replace temp macro title_brand(brand, language) as
    case when language = 'zh' or not regexp_matches(brand, '[一-鿿぀-ヿ]') then brand
         else coalesce(getvariable('brands_abroad')[lower(brand)],
                       case when not regexp_matches(brand, '制造商|代工|同款|专用|适用')
                            then nullif(trim(regexp_extract(brand, '[A-Za-z][A-Za-z0-9&.'' -]*[A-Za-z0-9]')), '') end) end;
-- A word that readers of the language can read, or nothing.
create or replace temp macro readable_word(word, language) as
    case when language = 'zh' or not regexp_matches(word, '[一-鿿぀-ヿ]') then word end;
-- A model that says something to a shopper: a digest, a UUID or a long number does not.
create or replace temp macro title_mpn(mpn) as
    case when not regexp_matches(mpn, '(?i)[0-9a-f]{16}|^[0-9a-f]{8}-[0-9a-f-]{20,}$') then mpn end;
-- An id that Google, a URL and a file name all take as it is: the text itself when it is one, else a digest of it.
create or replace temp macro public_id(value) as
    case when regexp_full_match(value, '[A-Za-z0-9._-]{1,50}') then value else 'tw-' || left(sha256(value), 20) end;
create or replace temp macro absolute_url(public_url, image) as
    replace(replace(case when starts_with(image, 'https://') or starts_with(image, 'http://') then image
         else public_url || '/media/' || ltrim(image, '/') end, ' ', '%20'), ',', '%2C');
