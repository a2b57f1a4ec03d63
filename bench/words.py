"""Words for generated catalogs: forty kinds of goods and the phrases their shops use, in Chinese and English."""

from typing import NamedTuple


class Kind(NamedTuple):
    """One kind of goods. Weights in grams, costs in fen, both as (least, most)."""

    slug: str
    path: str
    noun_zh: str
    noun_en: str
    hs: str
    weight: tuple[int, int]
    cost: tuple[int, int]
    battery: str


KINDS = (
    Kind(
        "headphones",
        "数码 > 影音 > 耳机",
        "头戴式蓝牙耳机",
        "Wireless Over-Ear Headphones",
        "851830",
        (180, 420),
        (5900, 42000),
        "contained",
    ),
    Kind("speakers", "数码 > 影音 > 音箱", "便携蓝牙音箱", "Portable Bluetooth Speaker", "851821", (300, 1900), (4900, 39000), "contained"),
    Kind("phone-accessories", "数码 > 手机配件", "防摔手机壳", "Shockproof Phone Case", "392690", (25, 90), (480, 3900), "none"),
    Kind("power-banks", "数码 > 充电宝", "快充移动电源", "Fast-Charge Power Bank", "850760", (180, 620), (3900, 18900), "standalone"),
    Kind("chargers", "数码 > 充电器", "氮化镓充电器", "GaN Wall Charger", "850440", (60, 260), (1900, 12900), "none"),
    Kind("monitors", "电脑 > 显示器", "27英寸显示器", "27-Inch Monitor", "852852", (3900, 7200), (39000, 180000), "none"),
    Kind("keyboards", "电脑 > 外设 > 键盘", "机械键盘", "Mechanical Keyboard", "847160", (450, 1300), (6900, 49000), "none"),
    Kind("mice", "电脑 > 外设 > 鼠标", "无线静音鼠标", "Silent Wireless Mouse", "847160", (60, 140), (1900, 22000), "contained"),
    Kind("cables", "数码 > 线缆", "编织数据线", "Braided USB-C Cable", "854442", (20, 90), (350, 2900), "none"),
    Kind("networking", "电脑 > 网络", "双频路由器", "Dual-Band Router", "851762", (250, 900), (7900, 52000), "none"),
    Kind("storage", "电脑 > 存储", "移动固态硬盘", "Portable SSD", "847170", (35, 180), (14900, 78000), "none"),
    Kind("smart-watches", "数码 > 智能穿戴", "运动智能手表", "Sports Smart Watch", "910212", (35, 110), (8900, 69000), "contained"),
    Kind("cameras", "数码 > 摄像头", "高清网络摄像头", "HD Webcam", "852589", (90, 330), (5900, 36000), "none"),
    Kind("tops", "服装 > 上衣", "纯棉短袖T恤", "Cotton T-Shirt", "610910", (130, 280), (1900, 9900), "none"),
    Kind("jackets", "服装 > 外套", "轻薄羽绒服", "Lightweight Down Jacket", "620240", (320, 950), (9900, 46000), "none"),
    Kind("pants", "服装 > 裤子", "直筒休闲长裤", "Straight Casual Pants", "620342", (320, 700), (3900, 17000), "none"),
    Kind("dresses", "服装 > 连衣裙", "碎花雪纺连衣裙", "Floral Chiffon Dress", "620443", (180, 520), (4900, 26000), "none"),
    Kind("underwear", "服装 > 袜子", "精梳棉中筒袜", "Combed Cotton Crew Socks", "611595", (40, 160), (590, 3900), "none"),
    Kind("shoes", "鞋靴 > 运动鞋", "缓震跑步鞋", "Cushioned Running Shoes", "640411", (480, 980), (7900, 38000), "none"),
    Kind("scarves", "服饰 > 围巾", "羊毛混纺围巾", "Wool Blend Scarf", "621420", (90, 320), (2900, 19000), "none"),
    Kind(
        "backpacks", "箱包 > 双肩包", "防泼水通勤双肩包", "Water-Repellent Commuter Backpack", "420292", (520, 1400), (5900, 33000), "none"
    ),
    Kind("bags", "箱包 > 行李箱", "20英寸登机箱", "20-Inch Carry-On Suitcase", "420212", (2400, 3600), (12900, 58000), "none"),
    Kind("handbags", "箱包 > 钱包", "头层牛皮钱包", "Full-Grain Leather Wallet", "420231", (70, 220), (3900, 22000), "none"),
    Kind("jewelry", "饰品 > 项链", "925银项链", "Sterling Silver Necklace", "711311", (8, 60), (3900, 36000), "none"),
    Kind("personal-care", "个护 > 电动牙刷", "声波电动牙刷", "Sonic Electric Toothbrush", "850980", (120, 420), (5900, 29000), "contained"),
    Kind("decor", "家居 > 摆件", "手工陶瓷花瓶", "Handmade Ceramic Vase", "691310", (350, 1900), (2900, 19900), "none"),
    Kind("bedding", "家居 > 床品", "水洗棉四件套", "Washed Cotton Bedding Set", "630231", (1600, 3600), (12900, 49000), "none"),
    Kind("lighting", "家居 > 台灯", "护眼阅读台灯", "Eye-Care Reading Lamp", "940521", (480, 1900), (5900, 32000), "none"),
    Kind("appliances", "家电 > 扫地机器人", "扫拖一体机器人", "Robot Vacuum and Mop", "850811", (2900, 5200), (69000, 240000), "contained"),
    Kind("kitchen", "厨房 > 锅具", "不粘炒锅", "Nonstick Wok", "761510", (900, 2600), (5900, 28000), "none"),
    Kind("kitchen-appliances", "厨房 > 小家电", "电热水壶", "Electric Kettle", "851679", (800, 1700), (5900, 26000), "none"),
    Kind("furniture", "家具 > 椅子", "人体工学椅", "Ergonomic Chair", "940139", (9000, 19000), (36000, 160000), "none"),
    Kind("tools", "工具 > 螺丝刀", "精密螺丝刀套装", "Precision Screwdriver Set", "820540", (240, 1600), (2900, 18000), "none"),
    Kind("sports", "运动 > 瑜伽", "加厚防滑瑜伽垫", "Thick Non-Slip Yoga Mat", "950691", (800, 2600), (3900, 19000), "none"),
    Kind("outdoors", "户外 > 帐篷", "双人速开帐篷", "Two-Person Pop-Up Tent", "630622", (1500, 3900), (12900, 69000), "none"),
    Kind("toys", "玩具 > 积木", "拼装积木", "Building Block Set", "950300", (200, 1900), (2900, 29000), "none"),
    Kind("baby", "母婴 > 餐具", "硅胶辅食碗", "Silicone Baby Bowl", "392410", (90, 420), (1900, 9900), "none"),
    Kind("pets", "宠物 > 饮水机", "宠物循环饮水机", "Pet Water Fountain", "842121", (600, 1900), (5900, 24000), "none"),
    Kind("office", "办公 > 笔记本", "皮面横线笔记本", "Lined Hardcover Notebook", "482010", (180, 620), (990, 6900), "none"),
    Kind("instruments", "乐器 > 口琴", "复音口琴", "Tremolo Harmonica", "920590", (90, 310), (2900, 22000), "none"),
)

BRANDS = (
    "云鹊 Yunque", "拓野 Tuoye", "澄屋 Chengwu", "迅岚 Xunlan", "Larkmoor", "Northpane", "Quillbrook", "禾序 Hexu", "Vantoro", "木间 Mujian",
    "Brindle & Co", "海屿 Haiyu", "Solvane", "青峤 Qingqiao", "Ostrel", "芒芒 Mangmang", "Pemberlin", "叁仟 Sanqian", "Kaveno", "半日 Banri",
)  # fmt: skip

COLORS = (
    ("黑色", "Black"), ("白色", "White"), ("雾蓝", "Mist Blue"), ("鼠尾草绿", "Sage Green"), ("酒红", "Burgundy"), ("奶茶色", "Milk Tea"),
    ("银灰", "Silver Gray"), ("樱花粉", "Sakura Pink"), ("藏青", "Navy"), ("姜黄", "Mustard"), ("橄榄绿", "Olive"), ("香芋紫", "Taro Purple"),
)  # fmt: skip

MATERIALS = ("棉", "聚酯纤维", "铝合金", "ABS", "不锈钢", "陶瓷", "硅胶", "羊毛", "牛皮", "竹")

TRAITS = (
    ("轻薄便携", "lightweight"), ("加厚升级", "extra thick"), ("静音", "quiet"), ("长续航", "long battery life"), ("防水", "waterproof"),
    ("送礼", "gift-ready"), ("大容量", "large capacity"), ("可折叠", "foldable"), ("耐磨", "hard-wearing"), ("免安装", "no assembly"),
    ("家用", "for the home"), ("办公", "for the office"), ("学生", "for students"), ("户外", "for outdoors"), ("2026新款", "2026 model"),
    ("触控", "touch control"), ("亲肤", "soft on skin"), ("速干", "quick-drying"), ("环保材质", "recycled material"), ("经典款", "classic fit"),
)  # fmt: skip

SENTENCES_ZH = (
    "采用一体成型工艺,边角经过三道打磨,握在手里没有毛刺。", "每一件出厂前都经过八小时老化测试,并附有独立质检编号。", "包装内含主体、说明书、收纳袋与一年质保卡。",
    "我们在深圳自有工厂生产,按批次保留样品两年备查。", "面料经过预缩水处理,机洗三十次后尺寸变化小于百分之三。", "适合通勤、出差与周末短途旅行,也可作为伴手礼。",
    "产品使用食品接触级材料,通过第三方检测机构的迁移测试。", "清洁时请用湿布擦拭,不要使用含酒精的清洁剂。", "颜色因屏幕显示可能略有差异,请以收到的实物为准。",
    "设计团队前后打样十二次,只为让按键的回弹更干脆。", "支持七天无理由退货,非人为损坏一年内免费更换配件。", "底部加装防滑垫,放在玻璃或木桌面上都很稳。",
    "经典配色来自江南旧屋的砖瓦与青苔,耐看不易过时。", "标准模式下噪音低于四十分贝,夜里使用也不打扰家人。", "尺寸为人工测量,可能存在一到三毫米误差。",
    "搭配同系列配件使用效果更好,接口与上一代产品通用。", "外箱采用再生纸浆缓冲,不使用一次性泡沫。", "发货前逐件称重并拍照留档,破损包赔。",
)  # fmt: skip

SENTENCES_EN = (
    "The shell is molded in one piece and its edges are polished three times, so nothing catches in the hand.",
    "Every unit runs for eight hours before it leaves the factory and carries its own inspection number.",
    "In the box: the product, a manual in four languages, a storage pouch and a one-year warranty card.",
    "We make it in our own workshop in Shenzhen and keep samples of each batch for two years.",
    "The fabric is pre-shrunk; after thirty washes its size changes by less than three percent.",
    "It suits commuting, business trips and weekend travel, and it makes a sensible gift.",
    "All parts that touch food are made of food-grade material and tested by an independent laboratory.",
    "Wipe it with a damp cloth; please do not use cleaners that contain alcohol.",
    "Colors may look slightly different on your screen.",
    "The team built twelve prototypes before the buttons felt right.",
    "Returns are accepted within seven days, and parts that fail within a year are replaced free of charge.",
    "Rubber feet keep it steady on glass and on wood.",
    "Its colors come from the bricks and moss of old houses south of the river.",
    "In standard mode it stays below forty decibels, quiet enough for the night.",
    "Sizes are measured by hand and may differ by one to three millimeters.",
    "It works with the accessories of the same series and with those of the previous generation.",
    "The carton is padded with recycled pulp instead of foam.",
    "Each parcel is weighed and photographed before it is shipped.",
)

NOISE = (
    "",
    "",
    "",
    "",
    "<br/>",
    "<p>",
    "&nbsp;",
    "<strong>",
    "</strong><br>",
    '<div style="margin:0">',
    "&amp;",
    "\n\n",
    "  ",
    "<!-- 详情 -->",
    "</p>\n<p>",
    "<li>",
)
