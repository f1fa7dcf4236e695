#!/usr/bin/python3
"""Odd pictures, what each decoder shall say of them, and Pillow's pixels wherever Pillow answers, for OddPictureTests.

    /usr/bin/python3 make_odd_pictures.py > ../ResNetFunctions.Tests/Inference/Decoding/odd.golden.json

It runs on Debian's python3-pil (9.4). The rule is Pillow's: what Pillow answers is answered, what it refuses is corrupt-image.
Where ours differs, `refused` or `answered` says so beside the picture, with the reason.
"""
import base64
import hashlib
import io
import json
import random
import struct
import sys
import warnings
import zlib

import PIL
from PIL import Image, ImageOps, JpegImagePlugin

sys.dont_write_bytecode = True
import odd_jpeg

warnings.simplefilter("ignore")
rng = random.Random(32)
W, H = 21, 13
pictures = []
UNSUPPORTED, CORRUPT = "unsupported-format", "corrupt-image"


def pillow(file):
    """Size, orientation and the hash of convert("RGB")'s bytes; None where Pillow refuses."""
    try:
        image = Image.open(io.BytesIO(file), formats=["JPEG", "PNG", "WEBP", "GIF", "BMP"])
        image.load()
        rgb = image.convert("RGB")
    except Exception:
        return None
    shown = ImageOps.exif_transpose(image)
    orientation = 1
    if shown is not image and isinstance(shown, Image.Image):
        named = image.getexif().get(0x0112)
        if named in (2, 3, 4, 5, 6, 7, 8):
            orientation = int(named)
    return rgb.size, orientation, hashlib.sha256(rgb.tobytes()).hexdigest()


def add(name, file, refused=None, answered=None):
    """refused: the code with which we refuse what Pillow answers, or another one than corrupt-image. answered: why we answer
    what Pillow refuses, or with other pixels."""
    seen = pillow(file)
    row = {"name": name, "status": refused or ("answered" if seen or answered else CORRUPT)}
    if seen and not refused and not answered:
        row |= {"width": seen[0][0], "height": seen[0][1], "orientation": seen[1], "rgb": seen[2]}
    pictures.append(row | {"file": base64.b64encode(file).decode()})


def saved(image, format, **options):
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def noise(mode, width=W, height=H):
    size = {"L": 1, "LA": 2, "RGB": 3, "RGBA": 4, "CMYK": 4}[mode] * width * height
    return Image.frombytes(mode, (width, height), rng.randbytes(size))


def smooth(mode, width=W, height=H):
    image = Image.new("RGB", (width, height))
    image.putdata([(x * 11 % 256, y * 17 % 256, (x * y) % 256) for y in range(height) for x in range(width)])
    return image.convert(mode)


# EXIF ---------------------------------------------------------------------------------------------------------------
BYTE, SHORT, LONG, RATIONAL, SSHORT, SLONG = 1, 3, 4, 5, 8, 9


def tiff(entries, order="<"):
    """entries: (tag, type, count, the four bytes of the value)."""
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)
    return head + struct.pack(order + "H", len(entries)) + b"".join(
        struct.pack(order + "HHI", tag, kind, count) + value for tag, kind, count, value in entries) + struct.pack(order + "I", 0)


def orientation(value, kind=SHORT, order="<", count=1):
    code = {BYTE: "B3x", SHORT: "H2x", LONG: "I", SSHORT: "h2x", SLONG: "i"}[kind]
    return tiff([(0x0112, kind, count, struct.pack(order + code, value))], order)


def rational(value):
    return tiff([(0x0112, RATIONAL, 1, struct.pack("<I", 26))]) + struct.pack("<II", value, 1)


base = saved(smooth("RGB"), "JPEG", quality=90)
JFIF_END = 20


def with_segments(*segments, file=base, at=JFIF_END):
    return file[:at] + b"".join(segments) + file[at:]


def app1(block):
    return odd_jpeg.segment(0xE1, b"Exif\0\0" + block)


# JPEG ---------------------------------------------------------------------------------------------------------------
for factors in ("11 11 11", "21 11 11", "22 11 11", "12 11 11", "41 11 11", "42 11 11", "14 11 11", "22 21 21", "22 12 12",
                "22 21 11", "11 21 11", "31 11 11", "44 11 11", "24 11 11", "41 21 21", "22 22 22"):
    add("jpeg factors " + factors, odd_jpeg.encode(37, 29, [(int(f[0]), int(f[1])) for f in factors.split()]))
for width, height in ((1, 1), (1, 29), (37, 1), (2, 3), (8, 8), (16, 17), (300, 2)):
    add(f"jpeg {width} x {height} 4:2:0", odd_jpeg.encode(width, height, [(2, 2), (1, 1), (1, 1)]))
add("jpeg grey", odd_jpeg.encode(37, 29, [(1, 1)]))
add("jpeg grey with factors 2 2", odd_jpeg.encode(37, 29, [(2, 2)]))
add("jpeg of 2 components", odd_jpeg.encode(37, 29, [(1, 1), (1, 1)]), refused=UNSUPPORTED)
add("jpeg rgb by adobe", odd_jpeg.encode(37, 29, [(1, 1)] * 3, jfif=False, adobe=0))
add("jpeg rgb by ids", odd_jpeg.encode(37, 29, [(1, 1)] * 3, jfif=False, ids=[82, 71, 66]))
add("jpeg odd ids", odd_jpeg.encode(37, 29, [(2, 2), (1, 1), (1, 1)], ids=[0, 1, 2]))
add("jpeg odd ids without jfif", odd_jpeg.encode(37, 29, [(2, 2), (1, 1), (1, 1)], jfif=False, ids=[7, 8, 9]))
add("jpeg cmyk", odd_jpeg.encode(37, 29, [(1, 1)] * 4, jfif=False, adobe=0))
add("jpeg ycck", odd_jpeg.encode(37, 29, [(1, 1)] * 4, jfif=False, adobe=2))
add("jpeg ycck subsampled", odd_jpeg.encode(37, 29, [(2, 2), (1, 1), (1, 1), (2, 2)], jfif=False, adobe=2))
add("jpeg cmyk without adobe", odd_jpeg.encode(37, 29, [(1, 1)] * 4, jfif=False))
add("jpeg not interleaved", odd_jpeg.encode(37, 29, [(2, 2), (1, 1), (1, 1)], interleaved=False))
add("jpeg restarts", odd_jpeg.encode(61, 45, [(2, 2), (1, 1), (1, 1)], restart=2))
add("jpeg restarts, not interleaved", odd_jpeg.encode(61, 45, [(2, 2), (1, 1), (1, 1)], restart=3, interleaved=False))
add("jpeg extended sequential", odd_jpeg.encode(37, 29, [(2, 2), (1, 1), (1, 1)], frame=0xC1))
add("jpeg tables of 16 bits", odd_jpeg.encode(37, 29, [(2, 2), (1, 1), (1, 1)], frame=0xC1, precise=True))
add("jpeg without huffman tables", odd_jpeg.encode(37, 29, [(2, 2), (1, 1), (1, 1)], tables=False))
add("jpeg without huffman tables, 4:2:2", odd_jpeg.encode(37, 29, [(2, 1), (1, 1), (1, 1)], tables=False, jfif=False,
                                                          before_frame=odd_jpeg.segment(0xE0, b"AVI1" + bytes(10))))
add("jpeg without huffman tables, grey", odd_jpeg.encode(37, 29, [(1, 1)], tables=False))
add("jpeg fill bytes before the frame", odd_jpeg.encode(37, 29, [(2, 2), (1, 1), (1, 1)], before_frame=b"\xff" * 5))
add("jpeg fill bytes before the scan", odd_jpeg.encode(37, 29, [(1, 1)] * 3, before_scan=b"\xff"))
add("jpeg fill bytes before each scan", odd_jpeg.encode(37, 29, [(1, 1)] * 3, before_scan=b"\xff" * 3, interleaved=False))
add("jpeg fill bytes before the end", odd_jpeg.encode(37, 29, [(2, 2), (1, 1), (1, 1)])[:-2] + b"\xff\xff\xff\xd9")
add("jpeg fill bytes in a progressive file", with_segments(
    b"\xff" * 4, file=saved(smooth("RGB"), "JPEG", quality=90, progressive=True)))
add("jpeg zeros between segments", with_segments(bytes(4)))
add("jpeg text between segments", with_segments(b"text"))
add("jpeg lone marker between segments", with_segments(b"\xff\x01"), answered="libjpeg skips TEM, Pillow's own walk over segments does not know it")
add("jpeg fill bytes behind the start", with_segments(b"\xff\xff", at=2))
add("jpeg fill bytes before the tables", with_segments(b"\xff\xff\xff", at=base.index(b"\xff\xc4")))
add("jpeg fill bytes before a restart marker", odd_jpeg.encode(61, 45, [(2, 2), (1, 1), (1, 1)], restart=2).replace(b"\xff\xd2", b"\xff\xff\xff\xd2"))
add("jpeg fill bytes between scans", odd_jpeg.encode(37, 29, [(2, 2), (1, 1), (1, 1)], interleaved=False, before_scan=b"\xff\xff", restart=2))
add("jpeg zeros before a scan", odd_jpeg.encode(37, 29, [(2, 2), (1, 1), (1, 1)], before_scan=bytes(3)))
add("jpeg height by DNL", odd_jpeg.encode(37, 29, [(1, 1)] * 3, frame_height=0)[:-2] + b"\xff\xdc\0\4\0\x1d\xff\xd9")
add("jpeg width of 0", odd_jpeg.encode(37, 29, [(1, 1)] * 3).replace(b"\0\x1d\0\x25", b"\0\x1d\0\0"))
add("jpeg arithmetic", odd_jpeg.encode(37, 29, [(1, 1)] * 3, frame=0xC9), refused=UNSUPPORTED)
add("jpeg arithmetic progressive", odd_jpeg.encode(37, 29, [(1, 1)] * 3, frame=0xCA), refused=UNSUPPORTED)
add("jpeg lossless", odd_jpeg.encode(37, 29, [(1, 1)] * 3, frame=0xC3), refused=UNSUPPORTED)
add("jpeg hierarchical", odd_jpeg.encode(37, 29, [(1, 1)] * 3, frame=0xC5), refused=UNSUPPORTED)
add("jpeg 12 bits", odd_jpeg.encode(37, 29, [(1, 1)] * 3, frame=0xC1).replace(
    b"\xff\xc1\0\x11\x08", b"\xff\xc1\0\x11\x0c"), refused=UNSUPPORTED)
for subsampling in (0, 1, 2):
    add(f"jpeg progressive, subsampling {subsampling}", saved(noise("RGB"), "JPEG", quality=75, progressive=True, subsampling=subsampling))
add("jpeg progressive grey", saved(noise("L"), "JPEG", progressive=True))
add("jpeg progressive cmyk", saved(noise("CMYK"), "JPEG", progressive=True))
add("jpeg optimised", saved(noise("RGB"), "JPEG", optimize=True))
add("jpeg quality 1", saved(noise("RGB"), "JPEG", quality=1))
add("jpeg quality 100", saved(noise("RGB"), "JPEG", quality=100))
add("jpeg with a profile and a comment", with_segments(odd_jpeg.segment(0xE2, b"ICC_PROFILE\0\1\1" + bytes(40)), odd_jpeg.segment(0xFE, b"hello")))
add("jpeg with a picture in its exif", with_segments(odd_jpeg.segment(0xE1, b"Exif\0\0" + orientation(8) + saved(smooth("RGB", 8, 6), "JPEG"))))
add("jpeg followed by zeros", base + bytes(100))
add("jpeg followed by another", base + saved(noise("RGB"), "JPEG"))
add("jpeg without its end", base[:-2])
add("jpeg cut in its scan", base[:-20])
add("jpeg cut in its tables", base[:200])
add("jpeg of two frames", base[:-2] + base[2:])
add("jpeg wrong restart marker", odd_jpeg.encode(61, 45, [(2, 2), (1, 1), (1, 1)], restart=2, restart_marker=5))
for value in range(2, 9):
    add(f"jpeg orientation {value} as SHORT", with_segments(app1(orientation(value))))
    add(f"jpeg orientation {value} as LONG", with_segments(app1(orientation(value, LONG, ">" if value % 2 else "<"))))
add("jpeg orientation as SHORT, big endian", with_segments(app1(orientation(6, SHORT, ">"))))
add("jpeg orientation as SLONG", with_segments(app1(orientation(6, SLONG))))
add("jpeg orientation as SSHORT, big endian", with_segments(app1(orientation(6, SSHORT, ">"))))
add("jpeg orientation as BYTE", with_segments(app1(orientation(6, BYTE))))
add("jpeg orientation as RATIONAL", with_segments(app1(rational(6))))
add("jpeg orientation 0", with_segments(app1(orientation(0))))
add("jpeg orientation 9", with_segments(app1(orientation(9))))
add("jpeg orientation 65542 as LONG", with_segments(app1(orientation(65542, LONG))))
add("jpeg orientation twice in a block", with_segments(app1(tiff([(0x0112, SHORT, 1, b"\6\0\0\0"), (0x0112, SHORT, 1, b"\3\0\0\0")]))))
add("jpeg orientation in two blocks", with_segments(app1(orientation(6)), app1(orientation(3))))
add("jpeg orientation of two shorts", with_segments(app1(tiff([(0x0112, SHORT, 2, b"\6\0\3\0")]))))
add("jpeg orientation behind a tag", with_segments(app1(tiff([(0x010F, 2, 4, b"abc\0"), (0x0112, LONG, 1, b"\6\0\0\0")]))))
add("jpeg orientation in a cut block", with_segments(app1(orientation(6)[:16])))

# PNG ----------------------------------------------------------------------------------------------------------------
SIGNATURE = b"\x89PNG\r\n\x1a\n"
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


def chunk(kind, data=b""):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_data(depth, colour, interlaced, filters=(0, 1, 2, 3, 4), width=W, height=H):
    """Rows of random bytes, with every filter in turn."""
    passes = [(-(-(width - x) // dx), -(-(height - y) // dy)) for x, y, dx, dy in ADAM7] if interlaced else [(width, height)]
    rows, n = b"", 0
    for width, height in passes:
        for _ in range(height if width else 0):
            rows += bytes([filters[n % len(filters)]]) + rng.randbytes((width * depth * CHANNELS[colour] + 7) // 8)
            n += 1
    return rows


def png(depth, colour, interlaced=0, before=b"", data=None, after=b"", end=None, split=None, width=W, height=H):
    data = zlib.compress(png_data(depth, colour, interlaced, width=width, height=height) if data is None else data)
    parts = [data[i:i + split] for i in range(0, len(data), split)] if split else [data]
    return (SIGNATURE + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)) + before
            + b"".join(chunk(b"IDAT", part) for part in parts) + after + (chunk(b"IEND") if end is None else end))


def palette(count):
    return chunk(b"PLTE", rng.randbytes(3 * count))


add("png grey 16", png(16, 0), answered="Pillow clips 16-bit grey to white; we take the high byte")
for interlaced in (0, 1):
    kind = " interlaced" if interlaced else ""
    for depth in (1, 2, 4, 8):
        add(f"png grey {depth}{kind}", png(depth, 0, interlaced))
        add(f"png palette {depth}{kind}", png(depth, 3, interlaced, palette(1 << depth)))
    for depth in (8, 16):
        add(f"png rgb {depth}{kind}", png(depth, 2, interlaced))
        add(f"png rgb alpha {depth}{kind}", png(depth, 6, interlaced))
        add(f"png grey alpha {depth}{kind}", png(depth, 4, interlaced))
add("png 1 x 1", png(8, 2, width=1, height=1, data=b"\0abc"))
for width, height in ((1, 1), (1, 9), (9, 1), (2, 5), (3, 3), (4, 4), (4, 9), (5, 4), (4, 1)):
    for depth, colour in ((8, 2), (1, 0), (16, 6), (4, 3)):
        add(f"png {width} x {height} interlaced, {colour} of {depth} bits",
            png(depth, colour, 1, palette(16) if colour == 3 else b"", width=width, height=height))
add("png grey with a transparent value", png(8, 0, before=chunk(b"tRNS", b"\0\7")))
add("png rgb with a transparent colour", png(8, 2, before=chunk(b"tRNS", b"\0\1\0\2\0\3")))
add("png palette with transparency", png(8, 3, before=palette(256) + chunk(b"tRNS", rng.randbytes(200))))
add("png palette with indices beyond it", png(8, 3, before=palette(100)))
add("png palette with indices beyond it, 4", png(4, 3, before=palette(9)))
add("png palette with indices beyond it, transparent", png(8, 3, before=palette(100) + chunk(b"tRNS", b"\0\1\2")))
add("png palette missing, 2", png(2, 3))
add("png palette longer than its depth", png(2, 3, before=palette(16)))
add("png palette missing", png(8, 3))
add("png rgb with a palette", png(8, 2, before=palette(16)))
add("png with gamma, profile, background, text", png(8, 2, before=chunk(b"gAMA", struct.pack(">I", 100000)) + chunk(b"sRGB", b"\0")
    + chunk(b"bKGD", bytes(6)) + chunk(b"tEXt", b"Title\0odd")))
add("png data in many chunks", png(8, 2, split=7))
add("png data in chunks of one byte", png(8, 2, split=1))
add("png with an empty data chunk", png(8, 2, before=chunk(b"IDAT")))
add("png more data than rows", png(8, 2, data=png_data(8, 2, 0) + bytes(500)))
add("png too little data", png(8, 2, data=png_data(8, 2, 0)[:-40]))
add("png filter of 5", png(8, 2, data=png_data(8, 2, 0, (0, 5))))
add("png with an unknown chunk", png(8, 2, before=chunk(b"abCd", b"odd")))
add("png animated", png(8, 2, before=chunk(b"acTL", struct.pack(">II", 2, 0)) + chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, W, H, 0, 0, 1, 10, 0, 0)),
    after=chunk(b"fcTL", struct.pack(">IIIIIHHBB", 1, W, H, 0, 0, 1, 10, 0, 0)) + chunk(b"fdAT", struct.pack(">I", 2) + zlib.compress(png_data(8, 2, 0)))))
add("png followed by zeros", png(8, 2) + bytes(64))
add("png followed by another", png(8, 2) + png(8, 0))
add("png without its end", png(8, 2, end=b""), refused=CORRUPT)
add("png without its end, interlaced", png(8, 2, 1, end=b""), refused=CORRUPT)
add("png cut in its end", png(8, 2)[:-3], refused=CORRUPT)
add("png cut in its data", png(8, 2)[:-60])
add("png width of 0", png(8, 2, width=0))
add("png depth of 3", png(3, 0, data=b"\0" * 200))
add("png depth of 0, narrow and interlaced", png(8, 0, 1, width=3, height=3).replace(b"\0\0\0\3\x08\0", b"\0\0\0\3\0\0"))
add("png palette of 30 bits", png(8, 3).replace(b"\x08\3", b"\x1e\3"))
add("png two headers", png(8, 2, before=chunk(b"IHDR")))
add("png two palettes, the second short", png(1, 3, before=palette(256) + palette(1)))
add("png palette in an odd length", png(8, 3, before=chunk(b"PLTE", rng.randbytes(100))))
add("png colour of 5", SIGNATURE + chunk(b"IHDR", struct.pack(">IIBBBBB", W, H, 8, 5, 0, 0, 0)) + chunk(b"IEND"))
add("png wrong checksum of the data", png(8, 2)[:-16] + bytes(4) + png(8, 2)[-12:], refused=CORRUPT)
add("png wrong checksum of a text", png(8, 2, before=chunk(b"tEXt", b"Title\0odd")[:-4] + bytes(4)), answered="no pixel needs it")
add("png without data", SIGNATURE + chunk(b"IHDR", struct.pack(">IIBBBBB", W, H, 8, 2, 0, 0, 0)) + chunk(b"IEND"))
add("png wrong checksum of the header", png(8, 2)[:29] + b"\0\0\0\0" + png(8, 2)[33:])
add("png orientation as SHORT", png(8, 2, before=chunk(b"eXIf", orientation(6))))
add("png orientation as LONG", png(8, 2, before=chunk(b"eXIf", orientation(6, LONG, ">"))))
add("png orientation behind the data", png(8, 2, after=chunk(b"eXIf", orientation(8))))

# GIF ----------------------------------------------------------------------------------------------------------------
GIF_END = b";"


def lzw(indices, bits, clear_every=None):
    """Codes of single indices, with a clear code before they would grow longer."""
    clear, out, value, count = 1 << bits, bytearray(), 0, 0
    most = (1 << bits) - 2 if bits > 1 else 1
    codes = []
    for i, index in enumerate(indices):
        if i % most == 0:
            codes.append(clear)
        codes.append(index)
    for code in codes + [clear + 1]:
        value, count = value | (code << count), count + bits + 1
        while count >= 8:
            out.append(value & 255)
            value, count = value >> 8, count - 8
    out.append(value & 255)
    return bytes([bits]) + b"".join(bytes([len(out[i:i + 255])]) + bytes(out[i:i + 255]) for i in range(0, len(out), 255)) + b"\0"


def gif(bits=4, screen=(W, H), at=(0, 0), size=(W, H), own=False, shared=True, control=b"", version=b"89a", background=0, end=GIF_END, before=b"", interlaced=False):
    colours = rng.randbytes(3 << bits)
    indices = [rng.randrange(1 << bits) for _ in range(size[0] * size[1])]
    return (b"GIF" + version + struct.pack("<HHBBB", *screen, (0x80 | (bits - 1)) if shared else 0, background, 0) + (colours if shared else b"")
            + before + control
            + b"," + struct.pack("<HHHHB", *at, *size, ((0x80 | (bits - 1)) if own else 0) | (0x40 if interlaced else 0))
            + (rng.randbytes(3 << bits) if own else b"") + lzw(indices, max(bits, 2)) + end)


def control(transparent=None, disposal=0):
    return b"!\xf9\4" + bytes([(disposal << 2) | (transparent is not None), 0, 0, transparent or 0]) + b"\0"


for bits in range(1, 9):
    add(f"gif {1 << bits} colours", gif(bits))
add("gif 87a", gif(version=b"87a"))
add("gif interlaced", gif(interlaced=True))
add("gif transparent", gif(control=control(3)))
add("gif palette of its own", gif(own=True))
add("gif palette of its own alone", gif(own=True, shared=False))
add("gif without a palette", gif(shared=False))
add("gif frame inside the screen", gif(at=(3, 2), size=(9, 7), background=5))
add("gif frame inside the screen, transparent", gif(at=(3, 2), size=(9, 7), control=control(2), background=5))
add("gif frame beyond the screen", gif(at=(10, 5)))
add("gif screen of 0", gif(screen=(0, 0)))
add("gif animated", gif(control=control(), end=gif(control=control(1, 2))[13 + 48:]))
add("gif with a comment", gif(before=b"!\xfe\5hello\0"))
add("gif with an unknown extension", gif(before=b"!\x77\3abc\0"))
add("gif followed by zeros", gif() + bytes(50))
add("gif without its end", gif(end=b""))
add("gif cut in its data", gif()[:-40])
add("gif without a frame", b"GIF89a" + struct.pack("<HHBBB", W, H, 0, 0, 0) + GIF_END)
add("gif by pillow", saved(noise("RGB").quantize(200), "GIF"))

# BMP ----------------------------------------------------------------------------------------------------------------


def bmp(bits, rows, header=40, compression=0, colours=b"", masks=b"", height=H, gap=0, declared=None, width=W, after=b"", size=None):
    info = struct.pack("<IiiHHIIiiII", header, width, height, 1, bits, compression, len(rows), 2835, 2835, declared or 0, 0)
    if header == 12:
        info = struct.pack("<IHHHH", 12, width, height, 1, bits)
    elif header > 40:
        info = (info + masks).ljust(header, b"\0")
        masks = b""
    at = 14 + len(info) + len(masks) + len(colours) + gap
    return (b"BM" + struct.pack("<IHHI", at + len(rows) if size is None else size, 0, 0, at)
            + info + masks + colours + bytes(gap) + rows + after)


def rows_of(bits, width=W, height=H):
    return rng.randbytes(((width * bits + 31) // 32) * 4 * height)


def quads(count):
    return b"".join(rng.randbytes(3) + b"\0" for _ in range(count))


def masks(*values):
    return struct.pack(f"<{len(values)}I", *values)


MASKS, HEADER = "Pillow knows a few masks alone", "Pillow does not know the headers that Photoshop writes"
RGB565, RGB555, RGB888 = (0xF800, 0x7E0, 0x1F), (0x7C00, 0x3E0, 0x1F), (0xFF0000, 0xFF00, 0xFF)
for bits in (1, 4, 8):
    add(f"bmp palette {bits}", bmp(bits, rows_of(bits), colours=quads(1 << bits)))
    add(f"bmp palette {bits}, short", bmp(bits, bytes(b % 5 if bits == 8 else b & 0x11 for b in rows_of(bits)), colours=quads(5 if bits > 1 else 2),
                                        declared=5 if bits > 1 else 2))
    add(f"bmp core header {bits}", bmp(bits, rows_of(bits), 12, colours=rng.randbytes(3 << bits)))
add("bmp 16", bmp(16, rows_of(16)))
add("bmp 24", bmp(24, rows_of(24)))
add("bmp 32", bmp(32, rows_of(32)))
add("bmp core header 24", bmp(24, rows_of(24), 12))
add("bmp 565", bmp(16, rows_of(16), compression=3, masks=masks(*RGB565)))
add("bmp 555", bmp(16, rows_of(16), compression=3, masks=masks(*RGB555)))
every = struct.pack("<32H", *[i << 11 | (63 - i) << 5 | (31 - i) for i in range(32)])
add("bmp 565, every value", bmp(16, every + struct.pack("<32H", *[(i * 2 + 1) << 5 for i in range(32)]), compression=3, masks=masks(*RGB565), width=32, height=2))
add("bmp 555, every value", bmp(16, struct.pack("<32H", *[i << 10 | (31 - i) << 5 | i for i in range(32)]), compression=3, masks=masks(*RGB555), width=32, height=1))
add("bmp 16, every value", bmp(16, struct.pack("<32H", *[i << 10 | (31 - i) << 5 | i for i in range(32)]), width=32, height=1))
add("bmp 4444 masks", bmp(16, rows_of(16), compression=3, masks=masks(0xF00, 0xF0, 0xF)), answered=MASKS)
add("bmp 32 masks", bmp(32, rows_of(32), compression=3, masks=masks(*RGB888)))
add("bmp 32 masks, red last", bmp(32, rows_of(32), compression=3, masks=masks(0xFF, 0xFF00, 0xFF0000)), answered=MASKS)
add("bmp 32 masks, red first", bmp(32, rows_of(32), compression=3, masks=masks(0xFF000000, 0xFF0000, 0xFF00)))
add("bmp 32 masks of 10 bits", bmp(32, rows_of(32), compression=3, masks=masks(0x3FF00000, 0xFFC00, 0x3FF)), answered=MASKS)
for header in (52, 56, 64, 108, 124):
    add(f"bmp header of {header}", bmp(24, rows_of(24), header), answered=HEADER if header < 64 else None)
for header in (56, 108, 124):
    why = HEADER if header < 64 else None
    add(f"bmp 565 in a header of {header}", bmp(16, rows_of(16), header, 3, masks=masks(*RGB565, 0)), answered=why)
    add(f"bmp 32 with alpha in a header of {header}", bmp(32, rows_of(32), header, 3, masks=masks(*RGB888, 0xFF000000)), answered=why)
add("bmp from the top down", bmp(24, rows_of(24), height=-H))
add("bmp 565 from the top down", bmp(16, rows_of(16), compression=3, masks=masks(*RGB565), height=-H))
add("bmp with a gap before the pixels", bmp(24, rows_of(24), gap=11))
add("bmp followed by zeros", bmp(24, rows_of(24), after=bytes(30)))
add("bmp with a wrong file size", bmp(24, rows_of(24), size=17))
add("bmp cut in its pixels", bmp(24, rows_of(24))[:-10])
add("bmp cut in its header", bmp(24, rows_of(24))[:30])
add("bmp width of 0", bmp(24, b"", width=0))
add("bmp bits of 7", bmp(7, rows_of(8)))
rle8 = b"".join(bytes([5, y, 0, 3, 1, 2, 3, 0, W - 8, 200]) + b"\0\0" for y in range(H)) + b"\0\1"
add("bmp rle8", bmp(8, rle8, compression=1, colours=quads(256)))
rle4 = b"".join(bytes([6, 0x12 + y, 0, 4, 0x34, 0x56, W - 10, 0x78]) + b"\0\0" for y in range(H)) + b"\0\1"
add("bmp rle4", bmp(4, rle4, compression=2, colours=quads(16)))
add("bmp rle8 with steps", bmp(8, bytes([3, 7, 0, 2, 2, 1, 4, 9]) + b"\0\0" + b"\0\1", compression=1, colours=quads(256)),
    answered="what the runs leave out is the background; Pillow wants every pixel written")
add("bmp rle8 cut", bmp(8, rle8[:40], compression=1, colours=quads(256)))

# WebP ---------------------------------------------------------------------------------------------------------------


def riff(*chunks, size=None):
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body) if size is None else size) + body


def webp_chunk(kind, data):
    return kind + struct.pack("<I", len(data)) + data + bytes(len(data) & 1)


def extended(flags, *chunks, width=W, height=H):
    return riff(webp_chunk(b"VP8X", struct.pack("<I", flags) + struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]), *chunks)


def inner(image, **options):
    """The chunks of a still picture."""
    body = saved(image, "WEBP", **options)[12:]
    return body[18:] if body.startswith(b"VP8X") else body


def frame(chunks, left=0, top=0, width=W, height=H, flags=2):
    return webp_chunk(b"ANMF", b"".join(struct.pack("<I", n)[:3] for n in (left // 2, top // 2, width - 1, height - 1, 100)) + bytes([flags]) + chunks)


ANIM = webp_chunk(b"ANIM", b"\x10\x80\xf0\xff\0\0")
lossless, lossy = inner(noise("RGB"), lossless=True), inner(smooth("RGB"), quality=80)
alpha, lossless_alpha = inner(smooth("RGBA"), quality=80), inner(noise("RGBA"), lossless=True, exact=True)
add("webp lossy", riff(lossy))
add("webp lossless", riff(lossless))
add("webp lossy with alpha", saved(noise("RGBA"), "WEBP", quality=80))
add("webp lossless with alpha", riff(lossless_alpha))
add("webp 1 x 1", saved(noise("RGB", 1, 1), "WEBP", lossless=True))
add("webp extended, lossy", extended(0, lossy))
add("webp extended, lossless", extended(0, lossless))
add("webp with a profile", extended(0x20, webp_chunk(b"ICCP", bytes(33)), lossless))
add("webp orientation as SHORT", extended(8, lossless, webp_chunk(b"EXIF", orientation(6))))
add("webp orientation as LONG", extended(8, lossless, webp_chunk(b"EXIF", orientation(6, LONG))))
add("webp orientation behind Exif", extended(8, lossless, webp_chunk(b"EXIF", b"Exif\0\0" + orientation(5))))
add("webp with an unknown chunk", extended(0, webp_chunk(b"odd ", b"123"), lossless))
add("webp animated, lossless", extended(2, ANIM, frame(lossless), frame(inner(noise("RGB"), lossless=True))))
add("webp animated, lossy", extended(2, ANIM, frame(lossy), frame(lossy)))
add("webp animated, one frame", extended(2, ANIM, frame(lossless)))
add("webp animated, lossy with alpha", extended(0x12, ANIM, frame(inner(noise("RGBA"), quality=80)), frame(lossy)))
add("webp animated, lossless with alpha", extended(0x12, ANIM, frame(lossless_alpha), frame(lossless)))
add("webp animated, a small frame", extended(2, ANIM, frame(inner(noise("RGB", 9, 7), lossless=True), 4, 2, 9, 7), frame(lossless)))
add("webp animated, a small frame with alpha", extended(0x12, ANIM, frame(inner(noise("RGBA", 9, 7), lossless=True, exact=True), 4, 2, 9, 7), frame(lossless)))
add("webp animated, blended", extended(0x12, ANIM, frame(lossless_alpha, flags=0), frame(lossless)))
add("webp animated, by pillow", saved(noise("RGB"), "WEBP", save_all=True, append_images=[noise("RGB")], duration=50, lossless=True))
add("webp animated, lossy, by pillow", saved(smooth("RGB"), "WEBP", save_all=True, append_images=[noise("RGB")], duration=50, quality=70))
add("webp animated, oriented", extended(10, ANIM, frame(lossless), webp_chunk(b"EXIF", orientation(6, LONG))))
add("webp animated, followed by zeros", extended(2, ANIM, frame(lossless), frame(lossless)) + bytes(12))
add("webp animated, cut in its first frame", extended(2, ANIM, frame(lossless), frame(lossless))[:300])
add("webp animated, cut in its second frame", extended(2, ANIM, frame(lossless), frame(lossless))[:-30])
add("webp followed by zeros", riff(lossless) + bytes(40))
add("webp cut in its data", riff(lossless)[:-30])
add("webp cut, size adjusted", riff(lossless[:-30]))
add("webp without a picture", riff(webp_chunk(b"odd ", b"123")))

print('{"pillow": "%s", "pictures": [' % PIL.__version__)
print(",\n".join(json.dumps(picture) for picture in pictures) + "\n]}")
