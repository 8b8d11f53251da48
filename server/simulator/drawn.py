"""Small real files for a phone without a camera: three drawn pictures and a short silent recording."""

import struct
import zlib

Colour = tuple[int, int, int]
WIDTH, HEIGHT = 320, 240

SKY, GRASS, ROAD, LINE, HOLE, WALL, ROOF, BIN, WATER = (
    (214, 230, 236), (176, 198, 160), (120, 126, 130), (236, 236, 228), (62, 64, 66), (232, 222, 204), (150, 84, 66), (64, 120, 88),
    (120, 160, 190),
)  # fmt: skip


def png(rows: list[list[Colour]]) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    raw = b"".join(b"\0" + bytes(value for pixel in row for value in pixel) for row in rows)
    head = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(raw, 9)) + chunk(b"IEND", b"")


class Sheet:
    """A little drawing board."""

    def __init__(self) -> None:
        self.rows = [[SKY for _ in range(WIDTH)] for _ in range(HEIGHT)]

    def box(self, left: int, top: int, right: int, bottom: int, colour: Colour) -> None:
        for y in range(max(0, top), min(HEIGHT, bottom)):
            self.rows[y][max(0, left) : min(WIDTH, right)] = [colour] * (min(WIDTH, right) - max(0, left))

    def oval(self, x: int, y: int, wide: int, high: int, colour: Colour) -> None:
        for row in range(max(0, y - high), min(HEIGHT, y + high)):
            half = int(wide * max(0.0, 1 - ((row - y) / high) ** 2) ** 0.5)
            self.box(x - half, row, x + half, row + 1, colour)

    def roof(self, left: int, right: int, bottom: int, high: int) -> None:
        for step in range(high):
            inset = (right - left) // 2 * step // high
            self.box(left + inset, bottom - step, right - inset, bottom - step + 1, ROOF)


def road() -> bytes:
    sheet = Sheet()
    sheet.box(0, 100, WIDTH, HEIGHT, GRASS)
    sheet.box(0, 130, WIDTH, 220, ROAD)
    for x in range(10, WIDTH, 60):
        sheet.box(x, 173, x + 32, 178, LINE)
    sheet.oval(190, 196, 34, 12, HOLE)
    sheet.oval(182, 193, 18, 5, WATER)
    sheet.box(40, 60, 100, 100, WALL)
    sheet.roof(32, 108, 60, 22)
    return png(sheet.rows)


def bins() -> bytes:
    sheet = Sheet()
    sheet.box(0, 150, WIDTH, HEIGHT, GRASS)
    sheet.box(60, 50, 260, 150, WALL)
    sheet.roof(46, 274, 50, 34)
    for x in (90, 150, 210):
        sheet.box(x, 120, x + 40, 190, BIN)
        sheet.box(x - 4, 112, x + 44, 122, HOLE)
    sheet.oval(150, 200, 30, 8, ROAD)
    return png(sheet.rows)


def ditch() -> bytes:
    sheet = Sheet()
    sheet.box(0, 90, WIDTH, HEIGHT, GRASS)
    for row in range(90, HEIGHT):
        wide = 10 + (row - 90) // 2
        sheet.box(160 - wide, row, 160 + wide, row + 1, WATER)
    sheet.oval(150, 170, 40, 10, HOLE)
    sheet.box(220, 60, 280, 90, WALL)
    sheet.roof(212, 288, 60, 20)
    return png(sheet.rows)


PICTURES = {"road": ("路面坑洼", road), "bins": ("垃圾桶满了", bins), "ditch": ("水沟堵了", ditch)}


def recording(seconds: int) -> bytes:
    """AMR-NB at 12.2 kbit/s: fifty frames a second of 32 bytes, all silence."""
    return b"#!AMR\n" + (b"\x3c" + bytes(31)) * (50 * max(1, min(60, seconds)))
