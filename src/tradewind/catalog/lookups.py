"""Small tables that the normalizing joins: categories, keywords, countries. Made once; home categories once for each distinct text."""

import re
from collections.abc import Iterable, Mapping
from functools import cache

import duckdb
from babel import Locale

from tradewind.catalog.categories import categories
from tradewind.kit import currency_digits

MAX_CATEGORY_TEXTS = 500_000
_LANGUAGES = ("en", "zh", "de", "fr", "es", "it", "th", "vi", "ja")
_MORE_NAMES = {
    "china": "CN", "mainland china": "CN", "p.r.c.": "CN", "prc": "CN", "p.r. china": "CN", "made in china": "CN", "中国大陆": "CN", "中国制造": "CN",
    "usa": "US", "u.s.a.": "US", "united states of america": "US", "uk": "GB", "great britain": "GB", "england": "GB", "korea": "KR",
    "south korea": "KR", "hong kong": "HK", "香港": "HK", "中国香港": "HK", "macao": "MO", "macau": "MO", "taiwan": "TW", "台湾": "TW", "中国台湾": "TW",
    "viet nam": "VN", "czech republic": "CZ", "holland": "NL", "turkey": "TR", "russia": "RU",
}  # fmt: skip
_PROVINCES = "北京 天津 上海 重庆 河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 海南 四川 贵州 云南 陕西 甘肃 青海 内蒙古 广西 西藏 宁夏 新疆"
COLOR_NAMES = ("color", "colour", "颜色", "颜色分类", "farbe", "cor")
SIZE_NAMES = ("size", "尺码", "尺寸", "größe", "tamanho", "鞋码")
MATERIAL_NAMES = ("material", "材质", "材料", "面料")


def fill_lookups(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes currency_scale(), the tables keywords and country_names, and the variables that the normalizing reads."""
    groups: dict[int, list[str]] = {}
    for code, digits in currency_digits().items():
        groups.setdefault(10**digits, []).append(code)
    cases = " ".join(f"WHEN regexp_full_match(code, '{'|'.join(codes)}') THEN {scale}" for scale, codes in groups.items())
    connection.execute(f"CREATE OR REPLACE TEMP MACRO currency_scale(code) AS CASE {cases} END")
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE keywords AS SELECT unnest(?::VARCHAR[]) AS word, unnest(?::VARCHAR[]) AS slug",
        [*_columns(keyword_slugs().items())],
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE country_names AS SELECT unnest(?::VARCHAR[]) AS name, unnest(?::VARCHAR[]) AS code",
        [*_columns(country_codes().items())],
    )
    connection.execute("CREATE OR REPLACE TEMP TABLE home_categories (home_category VARCHAR, slug VARCHAR, how VARCHAR)")
    connection.execute("CREATE OR REPLACE TEMP TABLE google_categories (google_text VARCHAR, slug VARCHAR)")
    variables: dict[str, object] = {
        "keyword_pattern": keyword_pattern(),
        "decisive_pattern": decisive_pattern(),
        "decisive_slug": decisive_slug(),
        "province_pattern": "^(" + "|".join(_PROVINCES.split()) + ")",
        "slugs": list(categories()),
        "color_names": list(COLOR_NAMES),
        "size_names": list(SIZE_NAMES),
        "material_names": list(MATERIAL_NAMES),
    }
    for name, value in variables.items():
        connection.execute(f"SET VARIABLE {name} = ?", [value])


def _columns(pairs: Iterable[tuple[str, str]]) -> tuple[list[str], list[str]]:
    listed = list(pairs)
    return [left for left, _ in listed], [right for _, right in listed]


@cache
def keyword_slugs() -> dict[str, str]:
    """Every keyword (and the plural of an English one) with the slug it reveals."""
    found: dict[str, str] = {}
    for category in categories().values():
        for word in category.keywords_en:
            found.setdefault(word.lower(), category.slug)
        for word in category.keywords_zh:
            found.setdefault(word.lower(), category.slug)
    for category in categories().values():
        for word in category.keywords_en:
            found.setdefault(word.lower() + "s", category.slug)
    return found


@cache
def keyword_pattern() -> str:
    """One pattern for all keywords: English words whole, with their plural; Chinese ones anywhere."""
    english = sorted({word.lower() for entry in categories().values() for word in entry.keywords_en}, key=lambda word: (-len(word), word))
    chinese = sorted({word.lower() for entry in categories().values() for word in entry.keywords_zh}, key=lambda word: (-len(word), word))
    return r"\b(?:" + "|".join(map(re.escape, english)) + r")s?\b|" + "|".join(map(re.escape, chinese))


def decisive_slug() -> str:
    """The category whose words outrank every path. There is one: the pattern says yes or no, not which."""
    (slug,) = (entry.slug for entry in categories().values() if entry.decisive)
    return slug


def decisive_pattern() -> str:
    """One pattern for the words of that category, whole words in any case."""
    return r"(?i)\b(?:" + "|".join(categories()[decisive_slug()].decisive) + r")\b|" + "|".join(_han_words())


def _han_words() -> Iterable[str]:
    """Chinese knows no word boundaries."""
    return (word for pattern in categories()[decisive_slug()].decisive for word in pattern.split("|") if not word.isascii())


@cache
def country_codes() -> dict[str, str]:
    """Names of countries in many languages, in lower case, with their ISO 3166 code (source: CLDR)."""
    found: dict[str, str] = {}
    for language in _LANGUAGES:
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha() and code not in ("EU", "UN", "EZ", "QO", "XA", "XB", "ZZ"):
                found.setdefault(name.lower(), code)
                found.setdefault(code.lower(), code)
    return found | _MORE_NAMES


def resolve_categories(connection: duckdb.DuckDBPyConnection, mapped: Mapping[str, str]) -> None:
    """Adds the home categories and Google categories of raw_chunk that have not been seen before."""
    rules = {home.lower().strip(): slug for home, slug in mapped.items()}
    keywords, pattern = keyword_slugs(), re.compile(keyword_pattern())
    new = connection.execute(
        f"SELECT DISTINCT home_category FROM raw_chunk WHERE home_category IS NOT NULL AND home_category NOT IN (SELECT home_category FROM home_categories) LIMIT {MAX_CATEGORY_TEXTS}"
    ).fetchall()
    found = [(text, *_home_slug(text, rules, keywords, pattern)) for (text,) in new]
    if found:
        connection.executemany("INSERT INTO home_categories VALUES (?, ?, ?)", found)
    new = connection.execute(
        f"SELECT DISTINCT google_category_text FROM raw_chunk WHERE google_category_text IS NOT NULL AND google_category_text NOT IN (SELECT google_text FROM google_categories) LIMIT {MAX_CATEGORY_TEXTS}"
    ).fetchall()
    if new:
        connection.executemany("INSERT INTO google_categories VALUES (?, ?)", [(text, google_slug(text)) for (text,) in new])


def _home_slug(text: str, rules: Mapping[str, str], keywords: Mapping[str, str], pattern: re.Pattern[str]) -> tuple[str | None, str | None]:
    """The mapping's word for the whole path, else for its deepest level; else the longest keyword of the deepest level that has one.

    A slug with a question mark behind it is a guess that nobody confirmed: it counts like a keyword.
    """
    levels = [level.strip().lower() for level in text.split(" > ")]
    for key in (text.lower(), *reversed(levels), "*"):
        if key in rules:
            return rules[key].removesuffix("?"), "keyword" if rules[key].endswith("?") else "map"
    for level in reversed(levels):
        words = sorted(pattern.findall(level), key=lambda word: -len(word))
        if words:
            return keywords[words[0]], "keyword"
    return None, None


def google_slug(text: str) -> str | None:
    """Our category for a Google category given as its number or as its path: the same, or the nearest above it."""
    if text.strip().isdigit():
        return next((entry.slug for entry in categories().values() if entry.google_category == int(text)), None)
    path = text.strip()
    above = [entry for entry in categories().values() if path == entry.google_path or path.startswith(entry.google_path + " > ")]
    return max(above, key=lambda entry: len(entry.google_path)).slug if above else None
