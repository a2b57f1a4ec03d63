-- Macros over lists and maps of facts.
CREATE OR REPLACE TEMP MACRO list_distinct_in_order(l) AS
    CASE WHEN len(l) < 2 THEN l ELSE list_filter(l, lambda x, i: list_position(l, x) = i) END;
CREATE OR REPLACE TEMP MACRO first_of_each_key(l) AS
    CASE WHEN len(l) = 0 THEN MAP {}::MAP(VARCHAR, VARCHAR)
         WHEN len(l) = 1 THEN map_from_entries(l)
         ELSE map_from_entries(list_filter(l, lambda e, i: list_position(list_transform(l, lambda y: y.k), e.k) = i)) END;
CREATE OR REPLACE TEMP MACRO option_value(m, names) AS
    list_filter(map_entries(m::MAP(VARCHAR, VARCHAR)), lambda e: list_contains(names, lower(e.key)))[1].value;
CREATE OR REPLACE TEMP MACRO is_picture(i) AS
    regexp_matches(i, '^https?://[^\s]+$')
    OR (regexp_matches(i, '(?i)^[^:?*<>|\s/\\][^:?*<>|\\]*\.(jpe?g|png|webp|gif|avif|bmp|tiff?)$') AND NOT contains(i, '..'));
CREATE OR REPLACE TEMP MACRO longest(words) AS
    CASE WHEN len(words) = 0 THEN NULL WHEN len(words) = 1 THEN words[1]
         ELSE list_reduce(words, lambda a, b: CASE WHEN strlen(b) > strlen(a) THEN b ELSE a END) END;
-- "0.7" is 700000 millionths.
CREATE OR REPLACE TEMP MACRO times_ppm(t) AS
    TRY_CAST('0' || split_part(t, '.', 1) AS BIGINT) * 1000000 + TRY_CAST(substr(split_part(t, '.', 2) || '000000', 1, 6) AS BIGINT);
-- "12", "12.0", "1,200" and "1 200" are whole units; less than nothing counts as nothing.
CREATE OR REPLACE TEMP MACRO whole_units(t) AS
    CASE WHEN regexp_full_match(trim(t), '-\d{1,9}(\.0*)?') THEN 0
         WHEN regexp_full_match(trim(t), '\d{1,9}(\.0*)?') THEN TRY_CAST(split_part(trim(t), '.', 1) AS BIGINT)
         WHEN regexp_full_match(trim(t), '\d{1,3}(,\d{3})+|\d{1,3}([ \x{A0}\x{2009}\x{202F}''’]\d{3})+') THEN TRY_CAST(regexp_replace(t, '[^0-9]', '', 'g') AS BIGINT) END;
