#!/usr/bin/python3
"""Small files of every kind that Pillow writes, and their pixels as convert("RGB") gives them, for PillowPictureTests.

    /usr/bin/python3 make_pictures.py > ../ResNetFunctions.Tests/Imaging/Decoding/pictures.golden.json

16-bit grey is the one exception: Pillow clips it to white, so its pixels are the high bytes that were written.
"""
import base64
import io
import json
import sys

import numpy as np
import PIL
from PIL import Image

sys.dont_write_bytecode = True
import formula

WIDTH, HEIGHT = 23, 17
pictures = {}


def noise(name, channels, top=256):
    """Blocks with noise on them, so that a lossy format has something to keep."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    key = formula.key_of(name, 0)
    planes = [((formula.mix(key + ((y // 5) * 8 + x // 7 + 64 * c).astype(np.uint32)) >> np.uint32(24)) // 2
               + (formula.mix(key + (1000 + (y * WIDTH + x) * 4 + c).astype(np.uint32)) >> np.uint32(24)) // 2)
              for c in range(channels)]
    values = (np.stack(planes, -1) * top // 256).astype(np.uint8)
    return values if channels > 1 else values[..., 0]


def encode(image, format, **options):
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def add(name, file, expected=None):
    if expected is None:
        expected = np.asarray(Image.open(io.BytesIO(file)).convert("RGB"))
    pictures[name] = {"file": base64.b64encode(file).decode(), "rgb": base64.b64encode(expected.tobytes()).decode()}


rgb, grey, rgba = (Image.fromarray(noise("picture", n)) for n in (3, 1, 4))
frames = [Image.fromarray(noise(f"frame{i}", 3)) for i in range(3)]
palette = rgb.quantize(16)

for subsampling in ("4:4:4", "4:2:2", "4:2:0"):
    add("jpeg " + subsampling, encode(rgb, "JPEG", quality=90, subsampling=subsampling))
add("jpeg progressive", encode(rgb, "JPEG", quality=90, progressive=True))
add("jpeg grey", encode(grey, "JPEG", quality=90))
add("jpeg cmyk", encode(Image.fromarray(noise("cmyk", 4), "CMYK"), "JPEG", quality=90))

high, low = noise("high", 1).astype(np.uint16), noise("low", 1).astype(np.uint16)
add("png grey 16-bit", encode(Image.fromarray((high << 8 | low).astype(np.uint16)), "PNG"),
    np.repeat(high.astype(np.uint8)[..., None], 3, -1))
add("png grey", encode(grey, "PNG"))
add("png grey 1-bit", encode(grey.convert("1"), "PNG"))
add("png grey alpha", encode(Image.fromarray(noise("la", 2), "LA"), "PNG"))
add("png alpha", encode(rgba, "PNG"))
add("png palette", encode(palette, "PNG"))
add("png palette transparent", encode(palette, "PNG", transparency=3))
add("png palette 2-bit", encode(rgb.quantize(4), "PNG", bits=2))

add("gif", encode(palette, "GIF", interlace=0))
add("gif interlaced", encode(palette, "GIF", interlace=1))
add("gif transparent", encode(palette, "GIF", transparency=3))
add("gif grey", encode(grey, "GIF"))
add("gif animated", encode(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=50))

add("webp lossless", encode(rgb, "WEBP", lossless=True))
add("webp lossless alpha", encode(rgba, "WEBP", lossless=True, exact=True))
add("webp lossy", encode(rgb, "WEBP", quality=90))
add("webp animated", encode(frames[0], "WEBP", save_all=True, append_images=frames[1:], duration=50, lossless=True))

add("bmp", encode(rgb, "BMP"))
add("bmp palette", encode(palette, "BMP"))
add("bmp 1-bit", encode(grey.convert("1"), "BMP"))

print('{"pillow": "%s", "width": %d, "height": %d, "pictures": {' % (PIL.__version__, WIDTH, HEIGHT))
print(",\n".join(f"  {json.dumps(name)}: {json.dumps(picture)}" for name, picture in pictures.items()) + "\n}}")
