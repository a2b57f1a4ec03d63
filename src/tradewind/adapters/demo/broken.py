"""The rows of the sample catalog that are broken on purpose: what a merchandiser meets on a Monday."""

from collections.abc import Sequence

from tradewind.adapters.demo.maker import Row

_RESTRICTED = "美妆"
_FULLWIDTH = str.maketrans("0123456789.", "0123456789.")


def broken_rows(sound: Sequence[Row]) -> list[tuple[str, Row]]:
    """(what is wrong, the row) for each broken row; made from copies of sound ones, with skus of their own but for the duplicate."""
    # Copies of what may travel, so that each row has one fault and not also a battery.
    source = [row for row in sound if row["条形码"] and row["英文名称"] and row["电池"] == "无" and row["一级类目"] != _RESTRICTED]

    def copy(place: int, name: str, **changes: str) -> Row:
        row = source[place * 19 % len(source)]
        return row | {"商品编码": f"TWX-{name}", "款号": f"TWX-{name}", "条形码": "", "商品名称": f"{row['商品名称']} {name}"} | changes

    first, rival = source[4], source[9]
    digits = source[13]["条形码"]
    return [
        ("wrong check digit", copy(1, "GTIN", 条形码=digits[:-1] + str((int(digits[-1]) + 3) % 10))),
        ("weight with unit and decimal comma", copy(2, "WEIGHT", 毛重="1,2 kg")),
        ("no cost", copy(3, "COST", 采购价="")),
        (
            "shouting and promotion",
            copy(
                4,
                "SHOUT",
                商品名称="【限时秒杀】全网最低价!!! " + source[76]["商品名称"] + " 包邮",
                英文名称="BEST PRICE!!! " + source[76]["英文名称"].upper() + " FREE SHIPPING - BUY NOW",
            ),
        ),
        ("markup in the texts", copy(5, "HTML", **_marked_up(source[95]))),
        ("a sku that exists already", first | {"商品名称": first["商品名称"] + "(重复上传)"}),
        ("the GTIN of another seller", copy(6, "RIVAL", 条形码=rival["条形码"], 评价数="3", 累计销量="5")),
        ("no tariff code", copy(7, "NOHS", 海关编码="")),
        ("a category that may not travel", copy(8, "WEAPON", **_weapon())),
        (
            "control characters",
            copy(9, "CONTROL", 英文名称=source[117]["英文名称"] + "\x07\x1b", 商品描述=source[117]["商品描述"] + "\x0b"),
        ),
        ("a NUL character", copy(10, "NUL", 型号="A\x00B")),
        ("full-width digits", copy(11, "WIDE", 采购价="128.50".translate(_FULLWIDTH), 毛重="640".translate(_FULLWIDTH))),
        ("no title at all", copy(12, "NAMELESS", 商品名称="", 英文名称="", 德文名称="", 泰文名称="")),
        ("no sku", copy(14, "NOSKU", 商品编码="")),
        ("a picture that is no address", copy(15, "PICTURE", 图片="图片见附件")),
    ]


def _marked_up(row: Row) -> Row:
    return {
        "商品描述": f'<div style="color:red"><p>{row["商品描述"]}</p><br/><br/><img src="detail.jpg"></div>',
        "英文描述": f"<p>{row['英文描述']}</p>&nbsp;&amp;nbsp;<script>track()</script><ul><li>Shenzhen &amp; Ningbo</li></ul>",
    }


def _weapon() -> Row:
    return {
        "商品名称": "拓野 Hunter 复合弩 户外狩猎",
        "英文名称": "Tuoye Hunter Compound Crossbow",
        "德文名称": "",
        "泰文名称": "",
        "德文描述": "",
        "泰文描述": "",
        "一级类目": "户外",
        "二级类目": "狩猎",
        "三级类目": "弩",
        "海关编码": "9307000000",
    }
