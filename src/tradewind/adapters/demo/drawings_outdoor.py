"""Illustrations of what is worn, carried and played with. Each takes a pen and the paint of a color option."""

from tradewind.adapters.demo.pen import GLASS, INK, METAL, PAPER, WOOD, Paint, Pen


def shirt(pen: Pen, paint: Paint) -> None:
    pen.floor(500, 865, 250)
    pen.shape(
        paint.body, (330, 210), (670, 210), (880, 360), (790, 480), (690, 420), (690, 850), (310, 850), (310, 420), (210, 480), (120, 360)
    )
    pen.disc(500, 205, 95, paint.backdrop(), 70)
    pen.ring(500, 205, 100, 18, paint.side, 10, 170)
    pen.line(paint.side, 7, (310, 420), (300, 500))
    pen.line(paint.side, 7, (690, 420), (700, 500))
    pen.box(560, 430, 640, 520, paint.side, 8)


def dress(pen: Pen, paint: Paint) -> None:
    pen.floor(500, 905, 270)
    pen.line(paint.deep, 20, (420, 110), (430, 220))
    pen.line(paint.deep, 20, (580, 110), (570, 220))
    pen.shape(paint.body, (390, 190), (610, 190), (620, 440), (780, 880), (220, 880), (380, 440))
    pen.shape(paint.backdrop(), (440, 185), (560, 185), (500, 270))
    pen.box(380, 425, 620, 465, paint.deep, 10)
    for x, y in ((430, 560), (560, 600), (360, 740), (500, 720), (640, 760), (430, 840), (590, 850), (460, 350), (550, 360)):
        pen.disc(x, y, 20, paint.side)
        pen.disc(x, y, 8, PAPER)


def jacket(pen: Pen, paint: Paint) -> None:
    pen.floor(500, 875, 270)
    pen.shape(paint.side, (330, 250), (130, 480), (170, 800), (280, 790), (330, 520))
    pen.shape(paint.side, (670, 250), (870, 480), (830, 800), (720, 790), (670, 520))
    pen.box(300, 230, 700, 865, paint.body, 50)
    pen.disc(500, 230, 165, paint.side, 120)
    pen.disc(500, 245, 105, paint.deep, 78)
    pen.line(INK, 12, (500, 330), (500, 850))
    for left in (345, 555):
        pen.line(paint.deep, 12, (left, 650), (left + 100, 610))
    pen.box(300, 480, 700, 494, paint.side)


def shoe(pen: Pen, paint: Paint) -> None:
    pen.floor(500, 735, 400)
    pen.shape(paint.body, (140, 360), (300, 340), (400, 400), (560, 430), (720, 540), (880, 590), (890, 650), (130, 650))
    pen.shape(paint.side, (140, 360), (230, 350), (260, 650), (130, 650))
    pen.box(110, 640, 910, 730, PAPER, 44)
    pen.box(110, 695, 910, 735, paint.deep, 20)
    for place in range(4):
        x, y = 410 + place * 62, 405 + place * 28
        pen.line(PAPER, 14, (x, y + 60), (x + 60, y))
    pen.line(paint.deep, 16, (300, 560), (520, 520), (640, 600))


def scarf(pen: Pen, paint: Paint) -> None:
    pen.floor(520, 895, 230)
    pen.shape(paint.side, (560, 330), (740, 330), (760, 820), (600, 820))
    pen.shape(paint.body, (360, 330), (560, 330), (520, 860), (330, 860))
    pen.disc(470, 320, 250, paint.body, 130)
    pen.disc(470, 290, 150, paint.deep, 56)
    for place in range(5):
        pen.line(paint.body, 12, (350 + place * 40, 860), (346 + place * 40, 900))
        pen.line(paint.side, 12, (618 + place * 32, 820), (620 + place * 32, 860))
    for top in (520, 600, 740):
        pen.box(350, top, 530, top + 26, paint.deep)


def backpack(pen: Pen, paint: Paint) -> None:
    pen.floor(500, 885, 260)
    pen.ring(500, 190, 80, 26, paint.deep, 180, 360)
    pen.box(235, 430, 330, 800, paint.side, 40)
    pen.box(670, 430, 765, 800, paint.side, 40)
    pen.box(280, 170, 720, 880, paint.body, 150)
    pen.ring(500, 420, 170, 14, paint.deep, 190, 350)
    pen.box(340, 540, 660, 830, paint.side, 50)
    pen.box(340, 590, 660, 604, paint.deep)
    pen.box(485, 590, 515, 660, METAL, 10)
    pen.box(430, 440, 570, 480, WOOD, 8)


def suitcase(pen: Pen, paint: Paint) -> None:
    pen.floor(500, 905, 240)
    pen.box(400, 90, 425, 280, METAL)
    pen.box(575, 90, 600, 280, METAL)
    pen.box(385, 75, 615, 120, INK, 20)
    pen.box(280, 250, 720, 860, paint.body, 60)
    for left in (350, 430, 510, 590):
        pen.box(left, 290, left + 40, 820, paint.side, 18)
    for x in (340, 660):
        pen.disc(x, 875, 30, INK)
    pen.box(690, 500, 726, 600, METAL, 8)


def yoga_mat(pen: Pen, paint: Paint) -> None:
    pen.floor(500, 760, 380)
    pen.shape(paint.body, (330, 610), (920, 610), (860, 750), (270, 750))
    pen.shape(paint.side, (360, 640), (880, 640), (874, 654), (354, 654))
    pen.box(120, 470, 460, 750, paint.side, 130)
    pen.disc(290, 610, 138, paint.body)
    for radius in (105, 72, 38):
        pen.ring(290, 610, radius, 14, paint.deep)
    pen.ring(290, 610, 150, 18, INK, 200, 330)


def tent(pen: Pen, paint: Paint) -> None:
    pen.disc(760, 230, 70, "#f3d58a")
    pen.floor(500, 795, 420)
    pen.shape(paint.body, (480, 260), (110, 780), (640, 780))
    pen.shape(paint.side, (480, 260), (640, 780), (890, 780))
    pen.shape(paint.deep, (470, 400), (330, 780), (560, 780))
    pen.shape(GLASS, (470, 400), (330, 780), (380, 780))
    pen.line(INK, 8, (480, 260), (480, 210))
    pen.line(METAL, 6, (110, 780), (60, 810))
    pen.line(METAL, 6, (890, 780), (940, 810))


def blocks(pen: Pen, paint: Paint) -> None:
    pen.floor(500, 835, 340)
    pen.box(200, 600, 430, 830, paint.body, 12)
    pen.box(450, 600, 800, 830, "#8fb1c8", 12)
    pen.disc(625, 830, 105, paint.backdrop())
    pen.box(510, 828, 740, 870, paint.backdrop())
    pen.box(290, 400, 520, 595, "#e4b54a", 12)
    pen.box(540, 400, 640, 595, WOOD, 12)
    pen.shape("#c9704f", (270, 395), (655, 395), (462, 210))
    pen.disc(315, 715, 54, paint.deep)
    pen.disc(405, 498, 44, PAPER)


def plush(pen: Pen, paint: Paint) -> None:
    pen.floor(500, 895, 230)
    for x in (330, 670):
        pen.disc(x, 220, 88, paint.body)
        pen.disc(x, 225, 48, paint.side)
    pen.disc(500, 700, 220, paint.body, 190)
    pen.disc(500, 370, 225, paint.body, 200)
    pen.disc(500, 720, 120, paint.backdrop(55), 110)
    pen.disc(500, 430, 92, PAPER, 70)
    pen.disc(500, 400, 28, INK, 20)
    for x in (410, 590):
        pen.disc(x, 340, 20, INK)
        pen.disc(x, 850, 78, paint.side, 48)
    pen.ring(500, 440, 26, 8, INK, 20, 160)


def fountain(pen: Pen, paint: Paint) -> None:
    pen.floor(500, 795, 310)
    pen.shape(paint.body, (200, 520), (800, 520), (740, 790), (260, 790))
    pen.disc(500, 520, 300, paint.side, 76)
    pen.disc(500, 515, 262, "#b9d9e4", 60)
    pen.box(470, 330, 530, 520, paint.body, 26)
    pen.disc(500, 330, 92, paint.body, 34)
    for left, right in ((430, 360), (570, 640)):
        pen.line("#b9d9e4", 16, (left, 340), (right, 500))
    pen.disc(500, 680, 36, paint.deep)


def notebook(pen: Pen, paint: Paint) -> None:
    pen.floor(510, 865, 260)
    pen.box(300, 175, 735, 860, PAPER, 20)
    pen.box(280, 160, 710, 845, paint.body, 24)
    pen.box(280, 160, 345, 845, paint.side, 24)
    pen.box(630, 160, 650, 845, paint.deep)
    pen.box(430, 300, 580, 400, PAPER, 8)
    pen.line(paint.deep, 6, (455, 335), (555, 335))
    pen.line(paint.deep, 6, (455, 365), (525, 365))
    pen.shape("#c9704f", (420, 845), (450, 845), (450, 920), (435, 900), (420, 920))


def tool(pen: Pen, paint: Paint) -> None:
    pen.floor(500, 795, 370)
    pen.box(140, 430, 860, 790, paint.deep, 40)
    pen.box(165, 455, 835, 765, paint.side, 28)
    for place in range(12):
        left = 200 + place * 50
        pen.box(left, 600, left + 28, 730, METAL, 6)
        pen.box(left + 8, 560, left + 20, 605, INK, 4)
    pen.box(200, 485, 470, 535, "#c9704f", 25)
    pen.box(465, 498, 760, 522, METAL, 6)
    pen.shape(paint.body, (140, 425), (860, 425), (800, 250), (200, 250))
    pen.line(paint.deep, 8, (260, 330), (740, 330))


def ukulele(pen: Pen, paint: Paint) -> None:
    pen.floor(500, 925, 200)
    pen.box(470, 90, 530, 520, paint.deep, 10)
    pen.box(450, 60, 550, 180, paint.side, 20)
    for x, y in ((438, 90), (438, 145), (562, 90), (562, 145)):
        pen.disc(x, y, 16, METAL)
    pen.disc(500, 560, 155, paint.body, 130)
    pen.disc(500, 740, 215, paint.body, 175)
    pen.disc(500, 610, 66, INK)
    pen.ring(500, 610, 78, 10, paint.side)
    pen.box(430, 790, 570, 822, paint.deep, 8)
    for x in (482, 494, 506, 518):
        pen.line("#f4f2ec", 3, (x, 130), (x, 800))
