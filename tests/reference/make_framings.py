#!/usr/bin/python3
"""What Pillow makes of pictures by formula with every framing and filter of a manifest, for FramingGoldenTests.

    /usr/bin/python3 make_framings.py > ../ResNetFunctions.Tests/Inference/Preprocessing/framings.golden.json

Per size, framing, filter and side: the sha256 of the 8-bit pixels, row by row. `fit` is ImageOps.fit, as Teachable
Machine's own code calls it; `squash` is Image.resize to both sides; `crop` is torchvision's Resize and CenterCrop.
"""
import hashlib
import json
import sys

import PIL
from PIL import Image, ImageOps
from torchvision import transforms as T

sys.dont_write_bytecode = True
import numpy as np
import formula

SIZES = [(1, 1), (1, 9), (9, 1), (2, 3), (31, 37), (224, 224), (225, 224), (257, 255), (97, 1031), (500, 375), (375, 501),
         (640, 481), (1279, 853), (3, 4001), (4001, 3)]
FILTERS = {"bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC, "lanczos": Image.LANCZOS}
SIDES = [224, 61]


def picture(width, height):
    """As in make_pixels.py."""
    key = formula.key_of(f"picture{width}x{height}", 0)
    values = formula.mix(key + np.arange(height * width * 3, dtype=np.uint32)) >> np.uint32(24)
    return Image.fromarray(values.astype(np.uint8).reshape(height, width, 3))


def sha256(image):
    return hashlib.sha256(np.ascontiguousarray(np.asarray(image)).tobytes()).hexdigest()


rows = []
for width, height in SIZES:
    image = picture(width, height)
    for name, method in FILTERS.items():
        for side in SIDES:
            framed = {
                "fit": ImageOps.fit(image, (side, side), method),
                "squash": image.resize((side, side), method),
                "crop": T.Compose([T.Resize(side + 9, T.InterpolationMode(name)), T.CenterCrop(side)])(image),
            }
            rows += [{"width": width, "height": height, "framing": framing, "interpolation": name, "side": side,
                      "pixels": sha256(pixels)} for framing, pixels in framed.items()]

print('{"pillow": "%s", "pictures": [' % PIL.__version__)
print(",\n".join("  " + json.dumps(row) for row in rows) + "\n]}")
