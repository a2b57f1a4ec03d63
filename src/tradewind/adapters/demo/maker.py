"""Invents the products of the sample catalog from hand-written words: equal seeds give equal rows."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass

from stdnum import ean

from tradewind.adapters.demo.pictures import PICTURE_SIZE, STYLES, Picture
from tradewind.adapters.demo.words import Kind, Phrase, words

GTIN_PREFIX = "952"  # GS1 keeps it for demonstrations and examples: no shop sells such a number
COLUMNS = (
    "商品编码",
    "款号",
    "商品名称",
    "英文名称",
    "德文名称",
    "泰文名称",
    "商品描述",
    "英文描述",
    "德文描述",
    "泰文描述",
    "品牌",
    "条形码",
    "型号",
    "一级类目",
    "二级类目",
    "三级类目",
    "颜色",
    "尺码",
    "材质",
    "适用性别",
    "适用年龄",
    "规格参数",
    "图片",
    "图片宽",
    "图片高",
    "采购价",
    "零售价",
    "毛重",
    "包装尺寸",
    "海关编码",
    "原产地",
    "成色",
    "电池",
    "评分",
    "评价数",
    "累计销量",
)
MEDIA = "demo"  # the folder below media/ that holds the pictures
_BATTERY = {"none": "无", "contained": "内置", "packed": "同包装", "standalone": "纯电池"}
_GENDER = {"unisex": "中性", "female": "女", "male": "男"}
_MOST_COLORS_EVERY = 4  # every fourth product comes in all its colors
_SIZES_EVERY = 5
_ENGLISH_MISSING_EVERY = 23
Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Made:
    """One row of the catalog and the pictures it names."""

    row: Row
    pictures: tuple[Picture, ...]
    slug: str


def make_products(seed: int) -> Iterator[Made]:
    """Every sound variant of the sample catalog, kind by kind."""
    serial = 0
    for number, kind in enumerate(words().kinds):
        for place in range(kind.products):
            chance = random.Random(f"{seed}/{kind.id}/{place}")  # noqa: S311 - chance, not a secret
            product = _Product(kind, number, place, chance)
            for color, size in product.variants():
                serial += 1
                yield product.variant(color, size, serial)


def gtin(serial: int) -> str:
    """An invented GTIN-13 with a right check digit."""
    body = f"{GTIN_PREFIX}{serial:09d}"
    return body + str(ean.calc_check_digit(body))


class _Product:
    def __init__(self, kind: Kind, number: int, place: int, chance: random.Random) -> None:
        self.kind, self.place, self.chance = kind, place, chance
        self.product_id = f"TW{number + 1:02d}{place + 1:02d}"
        self.brand = words().brands[kind.brands[place % len(kind.brands)]]
        self.model = kind.models[place]
        self.noun = kind.nouns[place % len(kind.nouns)]
        self.traits = chance.sample(kind.traits, 2)
        self.has_english = (number * 7 + place + 5) % _ENGLISH_MISSING_EVERY != 0
        self.cost = chance.randint(*kind.cost) // 10 * 10
        self.weight = chance.randint(*kind.weight) // 5 * 5
        self.sides = [side + chance.randint(-6, 6) for side in kind.size]
        self.specs = {spec[0]: chance.choice(spec[1:]) for spec in kind.specs}
        self.rating = chance.randint(38, 49)
        self.sold = chance.randint(40, 90) ** 3 // 97

    def variants(self) -> list[tuple[str, tuple[str, str] | None]]:
        """Color and size of each variant."""
        colors = self.kind.colors if self.place % _MOST_COLORS_EVERY == 0 else (self.kind.colors[self.place % len(self.kind.colors)],)
        sizes: tuple[tuple[str, str] | None, ...] = self.kind.sizes or (None,)
        if self.place % _SIZES_EVERY != 1 and len(colors) > 1:
            sizes = sizes[:1]
        return [(color, size) for color in colors for size in sizes]

    def variant(self, color: str, size: tuple[str, str] | None, serial: int) -> Made:
        pictures = self._pictures(color)
        shade = words().colors[color].names
        row = dict.fromkeys(COLUMNS, "") | {
            "商品编码": "-".join([self.product_id, color.upper()[:4], *([size[0][:3]] if size else [])]),
            "款号": self.product_id,
            "商品名称": self._title("zh", shade, size),
            "商品描述": self._description("zh"),
            "品牌": self.brand[1],
            "条形码": gtin(serial) if self.chance.randint(0, 15) else "",
            "型号": self.model,
            "颜色": words().colors[color].plain,
            "尺码": size[0] if size else "",
            "规格参数": json.dumps(self.specs, ensure_ascii=False),
            "图片": " | ".join(f"{MEDIA}/{picture.name}" for picture in pictures),
            "图片宽": str(PICTURE_SIZE),
            "图片高": str(PICTURE_SIZE),
            "原产地": "中国",
            "成色": "全新",
            "电池": _BATTERY[self.kind.battery],
            "海关编码": self.kind.hs_code,
        }
        row |= dict(zip(("一级类目", "二级类目", "三级类目"), self.kind.home, strict=False)) | self._figures() | self._foreign(shade, size)
        return Made(row, pictures, self.kind.slug)

    def _figures(self) -> Row:
        gender, age = self.kind.apparel or ("", "")
        reviews = self.sold * self.chance.randint(2, 9) // 20
        return {
            "采购价": _yuan(self.cost),
            "零售价": _yuan(self.cost * self.chance.randint(16, 23) // 100 * 10),
            "毛重": str(self.weight),
            "包装尺寸": "×".join(str(side) for side in self.sides),
            "评分": f"{self.rating // 10}.{self.rating % 10}",
            "评价数": str(reviews),
            "累计销量": str(self.sold),
            "适用性别": _GENDER.get(gender, ""),
            "适用年龄": "成人" if age == "adult" else "",
            "材质": self.specs.get("材质", self.specs.get("面料", "")),
        }

    def _foreign(self, shade: Phrase, size: tuple[str, str] | None) -> Row:
        row: Row = {}
        for title, description, language in (("德文名称", "德文描述", "de"), ("泰文名称", "泰文描述", "th")):
            if all(language in phrase for phrase in (self.noun, *self.kind.traits)):
                row |= {title: self._title(language, shade, size), description: self._listing(language, shade)}
        if self.has_english:
            row |= {"英文名称": self._title("en", shade, size), "英文描述": self._description("en")}
        return row

    def _title(self, language: str, shade: Phrase, size: tuple[str, str] | None) -> str:
        sized = [size[0] if language == "zh" else size[1]] if size else []
        noun, traits = self.noun[language], [trait[language] for trait in self.traits]
        if language == "zh":
            return " ".join([self.brand[0], self.model, noun, *traits, shade["zh"], *sized])
        return ", ".join([f"{self.brand[1]} {self.model} {noun}", *traits, shade[language], *sized])

    def _description(self, language: str) -> str:
        texts = list(self.kind.text[language])
        first = self.place % len(texts)
        closing = words().closing[language]
        ordered = [*texts[first:], *texts[:first], closing[self.place % len(closing)]]
        return ("" if language == "zh" else " ").join(ordered)

    def _listing(self, language: str, shade: Phrase) -> str:
        traits = ", ".join(trait[language] for trait in self.kind.traits)
        opening = (
            words()
            .opening[language]
            .format(brand=self.brand[1], model=self.model, noun=self.noun[language], color=shade[language], traits=traits)
        )
        closing = words().closing[language]
        return opening + " ".join(closing[(self.place + step) % len(closing)] for step in range(2))

    def _pictures(self, color: str) -> tuple[Picture, ...]:
        paint = words().colors[color].paint
        styles = (self.place % STYLES, (self.place + 1) % STYLES)
        return tuple(Picture(f"{self.kind.id}-{color}-{style + 1}.webp", self.kind.drawing, paint, style) for style in styles)


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"
