"""Illustrations of what stands on a desk or in a kitchen. Each takes a pen and the paint of a color option."""

from tradewind.adapters.demo.pen import GLASS, INK, METAL, PAPER, WOOD, Paint, Pen


def headphones(pen: Pen, paint: Paint) -> None:
    pen.floor(500, 815, 300)
    pen.ring(500, 490, 270, 46, paint.body, 180, 360)
    pen.ring(500, 490, 248, 16, paint.deep, 190, 350)
    for left, cushion in ((190, 268), (690, 676)):
        pen.box(left, 470, left + 120, 770, paint.body, 55)
        pen.box(cushion, 490, cushion + 56, 750, paint.deep, 28)
        pen.disc(left + 60, 620, 26, paint.side)


def earbuds(pen: Pen, paint: Paint) -> None:
    pen.floor(500, 815, 280)
    pen.box(280, 540, 720, 800, paint.body, 110)
    pen.box(280, 620, 720, 640, paint.side)
    pen.disc(500, 710, 14, paint.deep)
    for x in (390, 610):
        pen.disc(x, 350, 74, paint.body)
        pen.box(x - 24, 360, x + 24, 540, paint.body, 24)
        pen.disc(x, 340, 34, paint.deep)
        pen.box(x - 8, 440, x + 8, 510, paint.side, 8)


def speaker(pen: Pen, paint: Paint) -> None:
    pen.floor(500, 805, 290)
    pen.box(330, 220, 670, 800, paint.body, 120)
    for row in range(8):
        for column in range(5):
            pen.disc(396 + column * 52, 350 + row * 50, 10, paint.deep)
    pen.box(420, 255, 580, 285, paint.side, 15)
    pen.line(paint.deep, 20, (668, 330), (745, 420), (668, 520))


def power_bank(pen: Pen, paint: Paint) -> None:
    pen.floor(500, 825, 230)
    pen.box(340, 180, 660, 820, paint.body, 60)
    pen.box(340, 180, 400, 820, paint.side, 50)
    pen.box(440, 250, 610, 330, INK, 18)
    for place, width in enumerate((60, 42, 24)):
        pen.box(460, 270 + place * 16, 460 + width, 278 + place * 16, "#7fd6a4")
    pen.shape(paint.deep, (545, 480), (480, 610), (530, 610), (500, 720), (585, 570), (532, 570))


def charger(pen: Pen, paint: Paint) -> None:
    pen.floor(480, 805, 240)
    pen.box(440, 215, 470, 330, METAL, 10)
    pen.box(550, 215, 580, 330, METAL, 10)
    pen.box(320, 310, 700, 800, paint.body, 70)
    pen.box(320, 310, 380, 800, paint.side, 60)
    for top in (470, 570, 670):
        pen.box(455, top, 610, top + 44, INK, 22)


def keyboard(pen: Pen, paint: Paint) -> None:
    pen.floor(500, 705, 400)
    pen.box(110, 340, 890, 700, paint.side, 40)
    pen.box(125, 330, 875, 670, paint.body, 34)
    for row in range(4):
        shift = (0, 14, 26, 8)[row]
        for column in range(12):
            left = 155 + column * 57 + shift
            accent = (row, column) in {(0, 0), (2, 11)}
            pen.box(left, 358 + row * 60, left + 46, 406 + row * 60, paint.deep if accent else PAPER, 9)
    pen.box(340, 604, 660, 648, PAPER, 9)


def mouse(pen: Pen, paint: Paint) -> None:
    pen.floor(500, 825, 210)
    pen.box(330, 200, 670, 820, paint.body, 170)
    pen.line(paint.deep, 8, (500, 210), (500, 450))
    pen.line(paint.deep, 8, (335, 450), (665, 450))
    pen.box(478, 290, 522, 400, paint.deep, 22)
    pen.box(488, 310, 512, 350, METAL, 10)


def monitor(pen: Pen, paint: Paint) -> None:
    pen.floor(500, 835, 260)
    pen.box(455, 650, 545, 800, METAL)
    pen.box(340, 795, 660, 830, paint.side, 16)
    pen.box(120, 190, 880, 680, paint.deep, 26)
    pen.box(142, 212, 858, 640, "#cfe0e6", 10)
    pen.shape("#8fb3bd", (142, 640), (380, 400), (520, 540), (660, 360), (858, 640))
    pen.disc(700, 300, 44, "#f3d58a")


def watch(pen: Pen, paint: Paint) -> None:
    pen.floor(500, 900, 170)
    pen.box(405, 110, 595, 420, paint.side, 40)
    pen.box(405, 580, 595, 890, paint.side, 40)
    for top in (690, 750, 810):
        pen.disc(500, top, 12, paint.deep)
    pen.disc(500, 500, 205, paint.body)
    pen.disc(500, 500, 165, INK)
    pen.ring(500, 500, 130, 16, "#7fd6a4", 270, 520)
    pen.line(PAPER, 14, (500, 500), (500, 410))
    pen.line(PAPER, 14, (500, 500), (565, 530))
    pen.box(700, 470, 728, 530, METAL, 10)


def lamp(pen: Pen, paint: Paint) -> None:
    pen.shape("#fff4cc", (300, 400), (150, 800), (560, 800), (520, 330))
    pen.floor(650, 825, 210)
    pen.box(500, 780, 800, 822, WOOD, 20)
    pen.line(paint.deep, 22, (650, 780), (720, 500), (470, 300))
    pen.disc(720, 500, 26, METAL)
    pen.shape(paint.body, (270, 400), (390, 220), (540, 290), (530, 350), (330, 450))
    pen.disc(455, 270, 34, paint.side)


def fan(pen: Pen, paint: Paint) -> None:
    pen.floor(500, 855, 200)
    pen.box(475, 640, 525, 820, paint.side)
    pen.box(340, 810, 660, 850, paint.body, 20)
    pen.disc(500, 430, 270, paint.side)
    pen.disc(500, 430, 248, PAPER)
    for points in (((500, 430), (430, 220), (590, 210)), ((500, 430), (715, 470), (650, 590)), ((500, 430), (350, 600), (282, 470))):
        pen.shape(paint.body, *points)
    for radius in (90, 150, 210):
        pen.ring(500, 430, radius, 6, paint.side)
    pen.disc(500, 430, 44, paint.deep)


def robot(pen: Pen, paint: Paint) -> None:
    pen.floor(500, 740, 370)
    pen.disc(500, 580, 370, paint.side, 170)
    pen.disc(500, 540, 370, paint.body, 165)
    pen.disc(500, 500, 96, paint.deep, 44)
    pen.disc(500, 480, 96, paint.side, 44)
    pen.disc(500, 620, 22, "#7fd6a4", 10)
    pen.line(paint.deep, 6, (190, 560), (330, 640), (500, 668), (670, 640), (810, 560))


def kettle(pen: Pen, paint: Paint) -> None:
    pen.floor(480, 835, 250)
    pen.ring(690, 500, 130, 44, INK, 270, 450)
    pen.shape(paint.side, (330, 480), (150, 330), (130, 370), (330, 620))
    pen.shape(paint.body, (360, 260), (600, 260), (690, 790), (280, 790))
    pen.box(400, 215, 560, 265, paint.deep, 20)
    pen.disc(480, 205, 24, INK)
    pen.box(260, 785, 710, 830, INK, 18)


def wok(pen: Pen, paint: Paint) -> None:
    pen.floor(430, 720, 260)
    pen.line(WOOD, 46, (690, 470), (910, 350))
    pen.disc(410, 500, 320, paint.side, 215)
    pen.disc(410, 470, 320, paint.body, 180)
    pen.disc(410, 490, 270, paint.deep, 140)
    for x, y, color in ((330, 480, "#7fae5f"), (420, 520, "#d9604a"), (480, 460, "#e4b54a"), (380, 545, "#7fae5f"), (510, 520, "#d9604a")):
        pen.disc(x, y, 34, color, 20)
    for x in (350, 430):
        pen.line("#ffffffaa", 12, (x, 250), (x + 24, 200), (x, 150))


def teapot(pen: Pen, paint: Paint) -> None:
    pen.floor(440, 775, 300)
    pen.ring(690, 560, 95, 34, paint.side, 270, 450)
    pen.shape(paint.body, (260, 620), (110, 430), (160, 420), (300, 520))
    pen.disc(450, 590, 255, paint.body, 185)
    pen.disc(450, 420, 120, paint.side, 30)
    pen.disc(450, 395, 28, paint.deep)
    pen.disc(450, 600, 255, "#ffffff18", 60)
    pen.disc(830, 720, 88, paint.side, 22)
    pen.shape(paint.body, (742, 720), (918, 720), (890, 800), (770, 800))
    pen.disc(830, 722, 72, WOOD, 15)


def bottle(pen: Pen, paint: Paint) -> None:
    pen.floor(500, 885, 160)
    pen.box(370, 330, 630, 880, paint.body, 60)
    pen.box(370, 330, 430, 880, paint.side, 40)
    pen.box(400, 260, 600, 345, METAL, 14)
    pen.box(410, 120, 590, 270, paint.deep, 40)
    pen.ring(500, 130, 52, 20, paint.deep, 180, 360)
    pen.box(470, 560, 590, 580, "#ffffff66", 10)


def bedding(pen: Pen, paint: Paint) -> None:
    pen.floor(500, 775, 400)
    pen.box(120, 270, 880, 420, WOOD, 40)
    for left in (190, 520):
        pen.box(left, 370, left + 290, 520, PAPER, 60)
        pen.box(left + 20, 385, left + 270, 505, paint.backdrop(60), 50)
    pen.box(120, 470, 880, 770, paint.body, 40)
    pen.shape(paint.side, (120, 560), (880, 470), (880, 540), (120, 640))
    for x in (300, 500, 700):
        pen.line(paint.side, 5, (x, 640), (x, 765))


def vase(pen: Pen, paint: Paint) -> None:
    pen.floor(500, 875, 180)
    for x, y in ((500, 120), (400, 170), (610, 180)):
        pen.line("#8a8f6d", 8, (500, 420), (x, y + 40))
        pen.disc(x, y, 34, "#d8b36a", 44)
    pen.shape(paint.body, (430, 380), (570, 380), (600, 480), (400, 480))
    pen.disc(500, 660, 220, paint.body, 215)
    pen.disc(500, 385, 72, paint.deep, 16)
    pen.shape(paint.side, (318, 780), (682, 780), (620, 870), (380, 870))
    for y in (600, 640, 680):
        pen.line(paint.side, 6, (290, y), (710, y))


def jar(pen: Pen, paint: Paint) -> None:
    pen.floor(500, 785, 250)
    pen.box(270, 470, 730, 780, GLASS, 70)
    pen.box(300, 500, 700, 755, PAPER, 50)
    pen.box(250, 340, 750, 490, paint.side, 40)
    pen.box(250, 440, 750, 490, paint.deep, 24)
    pen.box(400, 585, 600, 600, paint.deep, 6)
    pen.box(440, 625, 560, 637, paint.side, 6)


def perfume(pen: Pen, paint: Paint) -> None:
    pen.floor(500, 845, 220)
    pen.box(310, 400, 690, 840, GLASS, 50)
    pen.box(345, 540, 655, 805, paint.body, 30)
    pen.box(440, 320, 560, 400, METAL, 8)
    pen.box(420, 170, 580, 330, paint.deep, 26)
    pen.box(400, 630, 600, 720, PAPER, 6)
    pen.line(paint.deep, 6, (430, 675), (570, 675))
