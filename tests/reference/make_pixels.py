#!/usr/bin/python3
"""What torchvision's transforms (Pillow's resampling) make of pictures by formula, for PillowGoldenTests.

    /usr/bin/python3 make_pixels.py > ../ResNetFunctions.Tests/Imaging/Preprocessing/pixels.golden.json

Per size and preset: the sha256 of the cropped 8-bit pixels, row by row, and of the float32 tensor.
"""
import hashlib
import json
import sys

import numpy as np
import PIL
import torchvision
from PIL import Image
from torchvision import transforms as T

sys.dont_write_bytecode = True
import formula

SIZES = [(1, 1), (1, 9), (9, 1), (2, 3), (224, 224), (256, 256), (257, 255), (223, 331), (331, 223), (97, 1031),
         (1031, 97), (500, 375), (375, 500), (640, 481), (1279, 853), (3, 4001), (4001, 3)]
PRESETS = [(256, 224, "bilinear"), (232, 224, "bilinear"), (256, 224, "bicubic"), (224, 224, "bicubic"), (61, 67, "bicubic")]


def picture(width, height):
    """Noise: the byte of each channel is the top of formula.py's number for its place."""
    key = formula.key_of(f"picture{width}x{height}", 0)
    values = formula.mix(key + np.arange(height * width * 3, dtype=np.uint32)) >> np.uint32(24)
    return Image.fromarray(values.astype(np.uint8).reshape(height, width, 3))


def sha256(array):
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


rows = []
for width, height in SIZES:
    image = picture(width, height)
    for resize, crop, interpolation in PRESETS:
        cropped = T.Compose([T.Resize(resize, T.InterpolationMode(interpolation)), T.CenterCrop(crop)])(image)
        tensor = T.Compose([T.ToTensor(), T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])(cropped)
        rows.append({
            "width": width, "height": height, "resize": resize, "crop": crop, "interpolation": interpolation,
            "pixels": sha256(np.asarray(cropped)), "tensor": sha256(tensor.numpy().astype("<f4"))})

print('{"pillow": "%s", "torchvision": "%s", "pictures": [' % (PIL.__version__, torchvision.__version__))
print(",\n".join("  " + json.dumps(row) for row in rows) + "\n]}")
