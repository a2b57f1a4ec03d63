"""Spreadsheets as people really keep them: made here, in the encodings and with the habits of their countries."""

from pathlib import Path

import openpyxl

_GERMAN_HEAD = (
    "Artikelnummer;Bezeichnung;Beschreibung;Marke;EAN;Warengruppe;Farbe;Größe;EK-Preis (netto);UVP;Gewicht (kg);Zolltarifnummer;"
    "Ursprungsland;Bild;Lagerbestand;Bemerkung\n"
)
_MUG = "Becher aus emailliertem Stahl, fasst 350 ml. Für die Spülmaschine und das offene Feuer, mit verstärktem Rand."
_LAMP = "Leuchte mit Textilkabel und Fassung, 32 cm hoch. Der Schirm ist aus Kupfer und dunkelt mit den Jahren nach."
GERMAN = _GERMAN_HEAD + (
    f'HL-1;Emaille-Becher;"{_MUG}";Hafenlicht;4006381333931;Küche/Tassen;weiß;;"4,20 €";"12,90 €";0,18;7323 94 00;China;https://s.example/1.jpg;120;\n'
    f'HL-2;Emaille-Becher;"{_MUG}";Hafenlicht;;Küche/Tassen;blau;;"4,20 €";"12,90 €";0,18;7323 94 00;China;https://s.example/2.jpg;80;\n'
    f'HL-3;Tischleuchte;"{_LAMP}";Hafenlicht;;Wohnen/Leuchten;kupfer;;"1.018,90 €";"2.189,00 €";1,10;9405 21 00;China;https://s.example/3.jpg;14;Auslauf\n'
    'HL-4;Steingut-Teller;"Teller aus Steingut.";Hafenlicht;;Küche/Geschirr;natur;;auf Anfrage;19,90 €;0,60;6912 00 23;China;https://s.example/4.jpg;40;\n'
    ';Ohne Nummer;"Ein Artikel ohne Nummer.";Hafenlicht;;Sonstiges;;;3,00 €;9,00 €;0,2;;China;;;\n'
)
_CUP = "采用高温釉下彩工艺烧制的陶瓷马克杯，容量三百五十毫升，杯壁厚实，可放入微波炉和洗碗机使用，适合日常饮用咖啡与茶。"
CHINESE = [
    ["货号", "商品名称", "商品描述", "品牌", "商品分类", "颜色", "进价(元)", "零售价", "毛重", "海关编码", "产地", "主图", "库存"],
    ["A-01", "陶瓷马克杯", _CUP, "Shanye", "厨房用品", "白色", "12.50", "39.00", "1.2斤", "6912001000", "广东", "https://s.example/a1.jpg", "300"],
    ["A-02", "无线蓝牙耳机", _CUP, "Shanye", "耳机", "黑色", "89.00", "299.00", "0.5kg", "8518300000", "中国", "https://s.example/a2.jpg", "120"],
    ["A-03", "羊毛围巾", _CUP, "Shanye", "服饰配件", "灰色", "", "128.00", "220克", "6117101100", "中国", "https://s.example/a3.jpg", "60"],
]  # fmt: skip


def german_csv(folder: Path) -> Path:
    """Semicolons, decimal commas, euros in the cells, windows-1252."""
    return _text(folder / "preisliste.csv", GERMAN, "windows-1252")


def chinese_csv(folder: Path) -> Path:
    """Chinese names and units, GB18030."""
    return _text(folder / "baojia.csv", "".join(",".join(row) + "\n" for row in CHINESE), "gb18030")


def chinese_workbook(folder: Path) -> Path:
    """The same as an Excel workbook."""
    book = openpyxl.Workbook()
    for row in CHINESE:
        book.active.append(row)
    book.save(folder / "baojia.xlsx")
    book.close()
    return folder / "baojia.xlsx"


def _text(path: Path, text: str, encoding: str) -> Path:
    path.write_bytes(text.encode(encoding))
    return path
