"""Drafts a mapping from a file: columns are guessed by their names, English and Chinese, and shown with sample values."""

import json
import re
from collections.abc import Mapping, Sequence

from tradewind.catalog.compiling import literal
from tradewind.catalog.ports import StagedTable
from tradewind.db import duck

SAMPLE_ROWS = 200
SAMPLE_CHARS = 60
_MEMORY_MB = 256

# attribute: names that a column may have, the surest first; compared without case, spaces and marks.
_NAMES: Mapping[str, Sequence[str]] = {
    "sku": (
        "sku",
        "skucode",
        "variantsku",
        "itemcode",
        "productsn",
        "goodssn",
        "货号",
        "商品编码",
        "编码",
        "商品编号",
        "sku编码",
        "id",
        "productid",
        "编号",
    ),
    "product_id": ("itemgroupid", "parentsku", "spu", "spuid", "groupid", "handle", "goodsid"),
    "title": ("title", "name", "productname", "producttitle", "商品名称", "产品名称", "名称", "标题", "品名"),
    "description": (
        "description",
        "desc",
        "detail",
        "details",
        "bodyhtml",
        "shortdescription",
        "longdescription",
        "商品描述",
        "描述",
        "详情",
        "商品详情",
        "简介",
    ),
    "brand": ("brand", "brandname", "vendor", "manufacturer", "supplier", "品牌", "品牌名称"),
    "gtin": ("gtin", "ean", "ean13", "barcode", "upc", "isbn", "条码", "条形码", "商品条码", "69码"),
    "mpn": ("mpn", "model", "partnumber", "modelnumber", "型号", "规格型号"),
    "home_category": (
        "category",
        "categories",
        "producttype",
        "productcategoryname",
        "categoryname",
        "type",
        "分类",
        "类目",
        "类别",
        "商品分类",
    ),
    "google_category": ("googleproductcategory",),
    "color": ("color", "colour", "颜色"),
    "size": ("size", "尺码", "规格"),
    "material": ("material", "材质", "面料"),
    "gender": ("gender", "性别"),
    "age_group": ("agegroup",),
    "images": (
        "images",
        "image",
        "imagelink",
        "imageurl",
        "picture",
        "pic",
        "picurl",
        "gallery",
        "imgurl",
        "图片",
        "主图",
        "图片链接",
        "thumbnail",
    ),
    "home_price": ("price", "retailprice", "saleprice", "售价", "零售价", "销售价", "价格", "单价", "市场价"),
    "cost": ("cost", "costprice", "purchaseprice", "costofgoodssold", "成本", "成本价", "进价", "采购价", "供货价"),
    "weight": (
        "weight",
        "weightg",
        "weightkg",
        "shippingweight",
        "grossweight",
        "packageweight",
        "重量",
        "毛重",
        "毛重kg",
        "净重",
        "重量kg",
        "重量g",
    ),
    "length": ("length", "lengthcm", "长", "长度", "长cm"),
    "width": ("width", "widthcm", "宽", "宽度", "宽cm"),
    "height": ("height", "heightcm", "高", "高度", "高cm"),
    "hs_code": ("hscode", "hs", "tariffcode", "海关编码", "hs编码", "税则号"),
    "origin": ("origin", "countryoforigin", "madein", "原产地", "产地", "原产国"),
    "rating": ("rating", "stars", "score", "评分"),
    "sold_count": ("sold", "soldcount", "sales", "sale", "销量", "已售"),
}
_STOCK = ("stock", "quantity", "qty", "inventory", "onhand", "availablestock", "currentstock", "库存", "库存数量", "数量", "可用库存")
_CHINESE = re.compile(r"[一-鿿]")
_UNITS = (
    ("kg", "kg"),
    ("公斤", "kg"),
    ("千克", "kg"),
    ("斤", "jin"),
    ("lb", "lb"),
    ("oz", "oz"),
    ("cm", "cm"),
    ("厘米", "cm"),
    ("mm", "mm"),
    ("毫米", "mm"),
    ("克", "g"),
    ("(g)", "g"),
    ("_g", "g"),
)


def draft(staged: StagedTable, shown: str, *, language: str | None = None, currency: str | None = None) -> str:
    """The text of a mapping for the staged file: guesses first, then the columns that nobody guessed, as comments with samples."""
    samples = _samples(staged)
    guessed = guess(list(samples))
    chinese = sum(bool(_CHINESE.search(column + value)) for column, value in samples.items()) * 4 > len(samples)
    language = language or ("zh" if chinese else "en")
    money = currency or ("CNY" if chinese else None)
    lines = [
        f"# A first draft for {shown}: look it over, line by line. docs/reference/mapping.md explains every key.",
        f'name = "{shown.split(".", maxsplit=1)[0]}"',
        f'language = "{language}"',
    ]
    lines.append(
        f'currency = "{money}"' + ("" if currency else "  # guessed")
        if money
        else '# currency = "EUR"  # which currency are the prices in?'
    )
    if chinese:
        lines.append('country = "CN"  # whose tariff codes: of a Chinese code only the first six digits are used')
    lines += ["", "[attributes]"]
    if "sku" not in guessed:
        made = [guessed[name] for name in ("title", "brand") if name in guessed]
        lines.append(
            f'sku = {{ fields = {json.dumps(made, ensure_ascii=False)}, prefix = "my-" }}  # no id column was found: one is made of these fields'
        )
    for attribute in _NAMES:
        if attribute in guessed:
            column = guessed[attribute]
            lines.append(f"{attribute} = {_source(attribute, column, samples[column])}  # e.g. {_shown(samples[column])}")
    if "title" not in guessed:
        lines.append('# title = "…"  # which column holds the name? an import needs it')
    if "cost" not in guessed:
        lines.append('# cost = { from = "home_price", times = "0.6" }  # no cost column: say it openly, or leave the cost missing')
    stock = next((column for column in samples if _plain(column) in _STOCK), None)
    if stock:
        lines += [
            "",
            "[[stock]]",
            f"column = {json.dumps(stock, ensure_ascii=False)}  # e.g. {_shown(samples[stock])}",
            'location = "SZX-1"  # where does it lie?',
        ]
    rest = [column for column in samples if column not in guessed.values() and column != stock]
    if rest:
        lines += ["", "# not used:"] + [f"# {column} = {_shown(samples[column])}" for column in rest]
    return "\n".join(lines) + "\n"


def guess(columns: Sequence[str]) -> dict[str, str]:
    """Attribute to column, by name; each column is used once."""
    plain: dict[str, str] = {}
    for column in columns:
        plain.setdefault(_plain(column), column)
    found: dict[str, str] = {}
    for attribute, names in _NAMES.items():
        for name in names:
            if name in plain and plain[name] not in found.values():
                found[attribute] = plain[name]
                break
    return found


def _plain(column: str) -> str:
    return re.sub(r"[^a-z0-9一-鿿]", "", re.sub(r"^g:", "", column.lower()))


def _source(attribute: str, column: str, sample: str) -> str:
    name = json.dumps(column, ensure_ascii=False)
    if attribute in ("weight", "length", "width", "height"):
        if re.search(r"[A-Za-z克斤米]\s*$", sample):
            return f"{{ column = {name} }}"
        unit = next((unit for mark, unit in _UNITS if mark in column.lower()), "g" if attribute == "weight" else "cm")
        return f'{{ column = {name}, unit = "{unit}" }}'
    if attribute == "images" and "," in sample and not sample.startswith("["):
        return f'{{ column = {name}, split = "," }}'
    return name


def _shown(value: str) -> str:
    flat = re.sub(r"\s+", " ", value)
    flat = "".join(letter for letter in flat if letter.isprintable())
    return json.dumps(flat[:SAMPLE_CHARS] + ("…" if len(flat) > SAMPLE_CHARS else ""), ensure_ascii=False)


def _samples(staged: StagedTable) -> dict[str, str]:
    """Every column with the first value that it has in the first rows."""
    with duck.connect(threads=1, memory_limit_mb=_MEMORY_MB) as connection:
        found = connection.execute(f"SELECT * FROM read_parquet({literal(str(staged.parquet))}) ORDER BY _row LIMIT {SAMPLE_ROWS}")
        names = [column[0] for column in found.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    if staged.shape == "record":
        rows = [json.loads(str(row["_record"])) for row in rows]
    samples: dict[str, str] = dict.fromkeys(staged.columns, "")
    for row in rows:
        for name, value in row.items():
            if name in samples and not samples[name] and value not in (None, ""):
                samples[name] = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return samples
