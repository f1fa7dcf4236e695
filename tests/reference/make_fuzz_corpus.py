"""Small pictures in every variant of the five formats that Pillow (and a few lines here) can write, as base64 in JSON:
what tests/ResNetFunctions.Fuzz mutates. Usage: make_fuzz_corpus.py > tests/ResNetFunctions.Fuzz/Images/corpus.json"""
import base64
import io
import json
import random
import struct
import zlib

from PIL import Image, ImageCms

random.seed(18)
W, H = 37, 29
rgb = Image.new("RGB", (W, H))
rgb.putdata([((x * 7) % 256, (y * 9) % 256, random.randrange(256) if x > 24 else (x * y) % 256)
             for y in range(H) for x in range(W)])
rgba = rgb.copy()
rgba.putalpha(Image.linear_gradient("L").resize((W, H)))
second = rgb.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
exif = Image.Exif()
exif[0x0112] = 6
icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

corpus = {}


def save(name, image, kind, **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    corpus[name] = base64.b64encode(file.getvalue()).decode()


def png_chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def interlaced_png(image):
    rows = b""
    for x0, y0, dx, dy in [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]:
        for y in range(y0, H, dy):
            rows += b"\0" + b"".join(bytes(image.getpixel((x, y))) for x in range(x0, W, dx))
    return (b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", struct.pack(">IIBBBBB", W, H, 8, 2, 0, 0, 1))
            + png_chunk(b"IDAT", zlib.compress(rows)) + png_chunk(b"IEND", b""))


def rle8_bmp(image):
    indices, data = image.convert("P"), b""
    for y in reversed(range(H)):
        for x in range(W):
            data += bytes([1, indices.getpixel((x, y))])
        data += b"\0\0"
    data += b"\0\1"
    palette = b"".join(bytes([b, g, r, 0]) for r, g, b in zip(*[iter(indices.getpalette())] * 3)).ljust(1024, b"\0")
    head = struct.pack("<IiiHHIIiiII", 40, W, H, 1, 8, 1, len(data), 2835, 2835, 256, 0)
    at = 14 + len(head) + len(palette)
    return b"BM" + struct.pack("<IHHI", at + len(data), 0, 0, at) + head + palette + data


save("jpeg-420", rgb, "JPEG", quality=85)
save("jpeg-444", rgb, "JPEG", quality=95, subsampling=0)
save("jpeg-422-optimized", rgb, "JPEG", quality=60, subsampling=1, optimize=True)
save("jpeg-grey", rgb.convert("L"), "JPEG")
save("jpeg-cmyk", rgb.convert("CMYK"), "JPEG")
save("jpeg-progressive", rgb, "JPEG", progressive=True)
save("jpeg-progressive-grey", rgb.convert("L"), "JPEG", progressive=True)
save("jpeg-exif", rgb, "JPEG", exif=exif)
save("jpeg-icc", rgb.resize((16, 12)), "JPEG", icc_profile=icc)
for mode in ["1", "L", "LA", "P", "RGB", "RGBA", "I"]:
    save(f"png-{mode}", (rgba if "A" in mode else rgb).convert("RGBA" if mode == "RGBA" else mode), "PNG")
save("png-palette-2bit", rgb.quantize(4), "PNG", bits=2, transparency=1)
save("png-exif-icc", rgb.resize((16, 12)), "PNG", exif=exif, icc_profile=icc)
corpus["png-interlaced"] = base64.b64encode(interlaced_png(rgb)).decode()
save("webp-lossy", rgb, "WEBP")
save("webp-lossy-alpha", rgba, "WEBP")
save("webp-lossless", rgb, "WEBP", lossless=True)
save("webp-lossless-alpha", rgba, "WEBP", lossless=True)
save("webp-animated", rgba, "WEBP", save_all=True, append_images=[second.convert("RGBA")])
save("webp-exif", rgb, "WEBP", exif=exif)
save("gif", rgb.convert("P"), "GIF")
save("gif-small-palette", rgb.quantize(4), "GIF", interlace=0)
save("gif-animated", rgb.quantize(16), "GIF", save_all=True, append_images=[second.quantize(16)], transparency=3)
for mode in ["1", "L", "P", "RGB", "RGBA"]:
    save(f"bmp-{mode}", rgba if mode == "RGBA" else rgb.convert(mode), "BMP")
corpus["bmp-rle8"] = base64.b64encode(rle8_bmp(rgb)).decode()
print(json.dumps(corpus, indent=0))
