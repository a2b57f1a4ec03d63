-- Exact readings of supplier text. Numbers stay text until they are integers: no DOUBLE and no DECIMAL touches a fact.

-- Words that suppliers write where a value is missing. Longer texts are never one of them, and lower() of them would cost.
CREATE OR REPLACE TEMP MACRO present(t) AS
    CASE WHEN strlen(t) > 24 THEN t
         WHEN regexp_full_match(t, '(?i)[ \t\n\r　]*(?:null|none|nil|nan|n/a|na|#n/a|undefined|unknown|-|--|—|无|暂无|没有|\[\]|\{\})?[ \t\n\r　]*') THEN NULL
         ELSE t END;

-- For names of things (brand, mpn, gtin, material …), where a zero also says that there is none.
CREATE OR REPLACE TEMP MACRO named(t) AS CASE WHEN regexp_full_match(trim(t), '(?:0|0\.0|0\.00|\[\])?') THEN NULL ELSE trim(t) END;

CREATE OR REPLACE TEMP MACRO plain_number(t, decimal_mark) AS
    CASE WHEN regexp_full_match(t, '\d{1,15}') THEN t
         WHEN decimal_mark = '.' AND regexp_full_match(t, '\d{0,15}\.\d{1,12}') THEN t
         WHEN decimal_mark = '.' AND regexp_full_match(t, '\d{1,3}(,\d{3}){1,4}(\.\d{1,12})?') THEN replace(t, ',', '')
         WHEN decimal_mark = ',' AND regexp_full_match(t, '\d{0,15},\d{1,12}') THEN replace(t, ',', '.')
         WHEN decimal_mark = ',' AND regexp_full_match(t, '\d{1,3}(\.\d{3}){1,4}(,\d{1,12})?') THEN replace(replace(t, '.', ''), ',', '.')
         WHEN NOT contains(t, CASE decimal_mark WHEN ',' THEN '.' ELSE ',' END) AND regexp_full_match(t, '\d{1,3}([ \x{A0}\x{2009}\x{202F}''’]\d{3}){1,4}([.,]\d{1,12})?')
         THEN replace(regexp_replace(t, '[^0-9.,]', '', 'g'), ',', '.')
    END;

-- A plain number times ten thousand, further decimals cut: enough for grams given in kilograms or pounds.
CREATE OR REPLACE TEMP MACRO ten_thousandths(n) AS
    TRY_CAST('0' || split_part(n, '.', 1) AS BIGINT) * 10000 + TRY_CAST(substr(split_part(n, '.', 2) || '0000', 1, 4) AS BIGINT);

-- A bare number needs no capturing, which costs ten times the look for it. Behind it stands any word: what is no unit has no factor below.
-- Groups of three digits may stand apart: "1 299,00", "1'299.00". Thai units are often written with full stops: "ก.ก.".
CREATE OR REPLACE TEMP MACRO measure_number(t) AS
    CASE WHEN regexp_full_match(t, '[0-9][0-9.,]*') THEN t
         ELSE regexp_extract(t, '^\s*([0-9]{1,3}(?:[ \x{A0}\x{2009}\x{202F}''’][0-9]{3})+(?:[.,][0-9]+)?|[0-9][0-9.,]*|\.[0-9]+)[\s\x{A0}]*(?:[^0-9.,\s\x{A0}]+\.?)*\s*$', 1) END;
CREATE OR REPLACE TEMP MACRO measure_unit(t, unit) AS
    CASE WHEN regexp_full_match(t, '[0-9][0-9.,]*') THEN lower(unit)
         ELSE lower(coalesce(nullif(replace(regexp_extract(t, '([^0-9.,\s\x{A0}''’][^0-9,\s]*)\s*$', 1), '.', ''), ''), unit)) END;

-- Source: the international pound is 453.59237 g exactly, an ounce is a sixteenth of it; a Chinese jin is 500 g, a Thai khit 100 g.
CREATE OR REPLACE TEMP MACRO grams(tenths, unit) AS
    CASE WHEN tenths > 100000000000 THEN NULL
         WHEN unit IN ('g', 'gram', 'grams', 'gr', '克', 'กรัม', 'ก') THEN half_up(tenths, 10000)
         WHEN unit IN ('kg', 'kgs', 'kilogram', 'kilograms', '公斤', '千克', 'กก', 'กิโลกรัม', 'กิโล') THEN half_up(tenths, 10)
         WHEN unit IN ('lb', 'lbs', 'pound', 'pounds', 'ปอนด์') THEN half_up(tenths * 45359237, 1000000000)
         WHEN unit IN ('oz', 'ounce', 'ounces', 'ออนซ์') THEN half_up(tenths * 45359237, 16000000000)
         WHEN unit IN ('jin', '斤', '市斤') THEN half_up(tenths, 20)
         WHEN unit = 'ขีด' THEN half_up(tenths, 100)
         WHEN unit IN ('mg', '毫克', 'มก', 'มิลลิกรัม') THEN half_up(tenths, 10000000)
    END;
-- Less than half a gram still weighs something; nothing that we ship weighs over two tonnes.
CREATE OR REPLACE TEMP MACRO possible_weight(g, tenths) AS CASE WHEN tenths > 0 AND g BETWEEN 0 AND 2000000 THEN greatest(1, g) END;

CREATE OR REPLACE TEMP MACRO millimeters(tenths, unit) AS
    CASE WHEN tenths > 100000000000 THEN NULL
         WHEN unit IN ('mm', '毫米', 'มม', 'มิลลิเมตร') THEN half_up(tenths, 10000)
         WHEN unit IN ('cm', '厘米', '公分', 'ซม', 'เซนติเมตร') THEN half_up(tenths, 1000)
         WHEN unit IN ('m', '米', 'ม', 'เมตร') THEN half_up(tenths, 10)
         WHEN unit IN ('in', 'inch', 'inches', '英寸', 'นิ้ว') THEN half_up(tenths * 254, 100000)
         WHEN unit IN ('ft', 'feet', 'foot', 'ฟุต') THEN half_up(tenths * 3048, 100000)
    END;
CREATE OR REPLACE TEMP MACRO possible_length(mm) AS CASE WHEN mm BETWEEN 1 AND 50000 THEN mm END;
-- "30 x 20 x 5 cm", "300*200*50mm": the unit behind the last number counts for all three.
CREATE OR REPLACE TEMP MACRO dimension_number(t, position) AS
    regexp_extract(t, '^\s*([0-9.,]+)\s*(?:mm|cm|m|in|ซม\.?|มม\.?|นิ้ว)?\s*[x×*X]\s*([0-9.,]+)\s*(?:mm|cm|m|in|ซม\.?|มม\.?|นิ้ว)?\s*[x×*X]\s*([0-9.,]+)\s*[\p{L}\p{M}.]*\s*$', position);
CREATE OR REPLACE TEMP MACRO dimension_unit(t, unit) AS lower(coalesce(nullif(replace(regexp_extract(t, '([\p{L}\p{M}][\p{L}\p{M}.]*)\s*$', 1), '.', ''), ''), unit));

-- An amount may stand with its currency before or behind: "12.70 USD", "¥1,299", "199元", "Rs. 799", "1 299,00 €".
-- The commonest way to write one needs no capturing.
CREATE OR REPLACE TEMP MACRO amount_number(t) AS
    CASE WHEN regexp_full_match(t, '[A-Z]{3} [0-9][0-9.,]*') THEN substr(t, 5)
         ELSE regexp_extract(t, '^\s*(?:\p{Sc}|[A-Za-z]{1,3}[.$]?|R\$|元|￥)?[\s\x{A0}]*([0-9]{1,3}(?:[ \x{A0}\x{2009}\x{202F}''’][0-9]{3})+(?:[.,][0-9]+)?|[0-9][0-9.,]*|\.[0-9]+)[\s\x{A0}]*(?:\p{Sc}|[A-Za-z]{1,3}|Kč|元|円|บาท)?\s*$', 1) END;
CREATE OR REPLACE TEMP MACRO amount_code(t) AS
    CASE WHEN regexp_full_match(t, '[A-Z]{3} [0-9][0-9.,]*') THEN substr(t, 1, 3) ELSE upper(regexp_extract(t, '[A-Za-z]{3}')) END;
CREATE OR REPLACE TEMP MACRO amount_sign(t) AS
    CASE WHEN contains(t, '€') THEN 'EUR' WHEN contains(t, '£') THEN 'GBP' WHEN contains(t, '元') THEN 'CNY' WHEN contains(t, '฿') OR contains(t, 'บาท') THEN 'THB'
         WHEN contains(t, '₹') THEN 'INR' WHEN contains(t, '₫') THEN 'VND' WHEN contains(t, 'Kč') THEN 'CZK' END;
-- More decimals than the currency has are an error, except zeros.
CREATE OR REPLACE TEMP MACRO minor_units(n, scale) AS
    CASE WHEN scale = 1 AND rtrim(split_part(n, '.', 2), '0') = '' THEN TRY_CAST('0' || split_part(n, '.', 1) AS BIGINT)
         WHEN scale = 100 AND strlen(rtrim(split_part(n, '.', 2), '0')) <= 2
         THEN TRY_CAST('0' || split_part(n, '.', 1) || substr(split_part(n, '.', 2) || '00', 1, 2) AS BIGINT)
         WHEN scale = 1000 AND strlen(rtrim(split_part(n, '.', 2), '0')) <= 3
         THEN TRY_CAST('0' || split_part(n, '.', 1) || substr(split_part(n, '.', 2) || '000', 1, 3) AS BIGINT)
    END;
-- The same answers as kit.gtin_problem, in the same words: a test proves it.
CREATE OR REPLACE TEMP MACRO gtin_digit(n, place) AS n // place % 10;
CREATE OR REPLACE TEMP MACRO gtin_sum(n) AS
    (gtin_digit(n, 1) + gtin_digit(n, 100) + gtin_digit(n, 10000) + gtin_digit(n, 1000000) + gtin_digit(n, 100000000)
     + gtin_digit(n, 10000000000) + gtin_digit(n, 1000000000000))
    + 3 * (gtin_digit(n, 10) + gtin_digit(n, 1000) + gtin_digit(n, 100000) + gtin_digit(n, 10000000) + gtin_digit(n, 1000000000)
     + gtin_digit(n, 100000000000) + gtin_digit(n, 10000000000000));
CREATE OR REPLACE TEMP MACRO gtin_problem(t) AS
    CASE WHEN t IS NULL THEN NULL
         WHEN NOT regexp_full_match(t, '[0-9]+') THEN 'it must be digits only'
         WHEN strlen(t) NOT IN (8, 12, 13, 14) THEN 'it has ' || strlen(t) || ' digits, not 8, 12, 13 or 14'
         WHEN gtin_sum(TRY_CAST(t AS BIGINT)) % 10 <> 0 THEN 'its check digit is wrong'
         WHEN TRY_CAST(t AS BIGINT) = 0 THEN 'it is all zeros'
         WHEN strlen(t) <> 8 AND regexp_matches(substr(lpad(t, 14, '0'), 2, 2), '^(02|04|05|2[0-9]|98|99)$')
         THEN 'its prefix is reserved (use inside a company, or coupons)'
         ELSE '' END;

-- Six digits mean the same everywhere; the rest of a Chinese code (8 to 13 digits) means something in China only.
CREATE OR REPLACE TEMP MACRO hs_digits(t) AS regexp_replace(t, '[\s.]', '', 'g');
CREATE OR REPLACE TEMP MACRO hs_of(t, country) AS
    CASE WHEN country = 'CN' AND regexp_full_match(hs_digits(t), '[0-9]{6,13}') AND strlen(hs_digits(t)) <> 7 THEN substr(hs_digits(t), 1, 6)
         WHEN country IS DISTINCT FROM 'CN' AND regexp_full_match(hs_digits(t), '[0-9]{6}([0-9]{2}){0,2}') THEN hs_digits(t) END;

-- Clean text, in steps that a caller names one by one, so that each is computed once.
-- Scripts and comments go with their content. A comment that holds no other mark goes like a tag, so only the others need the slow way:
-- what holds "<" or is never closed, and what a ">" ends without "--" before it.
CREATE OR REPLACE TEMP MACRO holds_scripts(t) AS
    contains(t, '<') AND regexp_matches(t, '<(?:(?i:script|style)|!--(?:[^<>]*(?:<|\z)|-?>|[^<>]*[^-<>]-?>))');
CREATE OR REPLACE TEMP MACRO without_scripts(t) AS
    regexp_replace(t, '(?is)<(?:script|style)\b.*?</(?:script|style)\s*>|<!--.*?-->|</?[a-z!][^<>]*>', ' ', 'g');
-- Tags that follow each other go at once, with the space between them, which would be made one space anyway.
CREATE OR REPLACE TEMP MACRO without_tags(t) AS
    CASE WHEN contains(t, '<') THEN regexp_replace(t, '</?[a-zA-Z!][^<>]*>[ \t\r\n]*(?:</?[a-zA-Z!][^<>]*>[ \t\r\n]*)*', ' ', 'g') ELSE t END;
-- One look for everything rare: control characters, full-width letters, promotional phrases. Only what it finds is worked on.
CREATE OR REPLACE TEMP MACRO is_odd(t) AS
    regexp_matches(t, '[\x{0}-\x{8}\x{B}\x{C}\x{E}-\x{1F}\x{7F}-\x{9F}\x{AD}\x{200B}-\x{200F}\x{2028}-\x{202E}\x{2060}\x{FEFF}\x{FFFD}０-９Ａ-Ｚａ-ｚ％＆＋－．／＝＠＃＊　]|(?i:free (?:worldwide |fast )?(?:shipping|delivery)|best price|hot sale|on sale|big sale|limited time|buy now|order now|lowest price|100% guarantee)|包邮|限时|特价|爆款|促销|秒杀|清仓|热卖|新品上市');
CREATE OR REPLACE TEMP MACRO without_controls(t) AS
    regexp_replace(t, '[\x{0}-\x{8}\x{B}\x{C}\x{E}-\x{1F}\x{7F}-\x{9F}\x{AD}\x{200B}-\x{200F}\x{2028}-\x{202E}\x{2060}\x{FEFF}\x{FFFD}]', '', 'g');
-- Letters, digits and signs only: full-width commas and brackets are right in Chinese text.
CREATE OR REPLACE TEMP MACRO half_width(t) AS
    translate(t, '０１２３４５６７８９ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ％＆＋－．／＝＠＃＊　',
                 '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz%&+-./=@#* ');
CREATE OR REPLACE TEMP MACRO without_promotion(t) AS
    regexp_replace(t, '(?i)[\[【(（!★☆*]*\s*(?:free (?:worldwide |fast )?(?:shipping|delivery)|best price|hot sale|on sale|big sale|limited time(?: offer)?|buy now|order now|lowest price|100% guarantee|包邮|限时|特价|爆款|促销|秒杀|清仓|热卖|新品上市)\s*[\]】)）!！★☆*]*', ' ', 'g');
CREATE OR REPLACE TEMP MACRO flat_lines(t) AS
    CASE WHEN contains(t, chr(10)) OR contains(t, chr(13)) OR contains(t, chr(9)) OR contains(t, chr(160))
         THEN replace(replace(replace(replace(t, chr(10), ' '), chr(13), ' '), chr(9), ' '), chr(160), ' ') ELSE t END;
-- `  +` begins with a fixed letter, so the search jumps from one to the next; ` {2,}` looks at every letter.
CREATE OR REPLACE TEMP MACRO single_spaced(t) AS CASE WHEN contains(t, '  ') THEN regexp_replace(t, '  +', ' ', 'g') ELSE t END;
-- trim() reads the whole text letter by letter; a look at both ends does not.
CREATE OR REPLACE TEMP MACRO trimmed(t) AS CASE WHEN regexp_matches(t, '^\p{Zs}') OR regexp_matches(t, '\p{Zs}$') THEN trim(t) ELSE t END;
CREATE OR REPLACE TEMP MACRO one_spaced(t) AS trim(regexp_replace(t, '[ \t\r\n]{2,}|[\t\r\n]', ' ', 'g'));
-- Counting letters costs far more than the look for two loud words, which almost no title has: CASE keeps that order.
CREATE OR REPLACE TEMP MACRO is_shouting(t) AS
    CASE WHEN t IS NULL THEN NULL WHEN regexp_matches(t, '[A-Z]{4,}[^A-Za-z0-9].*[A-Z]{4,}') THEN
    strlen(t) >= 12 AND strlen(regexp_replace(t, '[^A-Z]+', '', 'g')) >= 10
    AND strlen(regexp_replace(t, '[^A-Z]+', '', 'g')) * 10 >= strlen(regexp_replace(t, '[^A-Za-z]+', '', 'g')) * 8
    ELSE false END;
CREATE OR REPLACE TEMP MACRO calm(t) AS
    list_aggregate(list_transform(string_split(t, ' '), lambda w: CASE WHEN regexp_full_match(w, '[A-Z]{4,}[,.!:;]?') THEN substr(w, 1, 1) || lower(substr(w, 2)) ELSE w END), 'string_agg', ' ');
-- "华为官方旗舰店" is Huawei's own shop: the brand without the shop. A maker (制造商) is none: "X制造商" makes for X, and its goods are not X's.
CREATE OR REPLACE TEMP MACRO without_shop(t) AS
    CASE WHEN regexp_matches(t, '(?:店|商城)$')
         THEN nullif(regexp_replace(t, '[ ·-]*(?:品牌|官方|京东|天猫|海外|自营|专卖)*(?:旗舰店|专卖店|专营店|自营店|官方店|商城)$', ''), '') ELSE t END;
-- Short texts (color, size, brand): one look decides whether there is anything to clean.
CREATE OR REPLACE TEMP MACRO short_text(t) AS
    CASE WHEN regexp_matches(t, '[<\x{0}-\x{1F}\x{7F}-\x{A0}\x{AD}\x{200B}-\x{202E}\x{2060}\x{FEFF}\x{FFFD}０-９Ａ-Ｚａ-ｚ　]|  |^[ 0\[]| $|^$')
         THEN named(one_spaced(translate(regexp_replace(regexp_replace(t, '</?[a-zA-Z!][^<>]*>', ' ', 'g'),
              '[\x{0}-\x{8}\x{B}\x{C}\x{E}-\x{1F}\x{7F}-\x{9F}\x{AD}\x{200B}-\x{200F}\x{2028}-\x{202E}\x{2060}\x{FEFF}\x{FFFD}]', '', 'g'),
              '０１２３４５６７８９ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ　' || chr(160),
              '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz  ')))
         ELSE t END;
