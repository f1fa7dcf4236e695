#!/usr/bin/python3
"""What PyTorch, torchvision and Pillow answer for the models that AddedModelTests brings.

    /usr/bin/python3 make_added.py > ../ResNetFunctions.Tests/ModelTools/Adding/added.golden.json

resnet18 with numbers by formula and five classes, its input torchvision's or as Hugging Face's ConvNextImageProcessor makes
it; and the tiny network (softmax or sigmoid of each channel's mean over 8 x 8 pixels) behind each tool's preparation.
"""
import json
import sys

import numpy as np
import torch
import torchvision
from PIL import Image, ImageOps
from torchvision import transforms as T

sys.dont_write_bytecode = True
import formula

MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
SIDE, CLASSES = 8, 5


def picture(width, height):
    """Noise by formula, green half and blue a quarter as bright as red."""
    key = formula.key_of(f"picture{width}x{height}", 0)
    values = (formula.mix(key + np.arange(height * width * 3, dtype=np.uint32)) >> np.uint32(24)).astype(np.uint8)
    return Image.fromarray(values.reshape(height, width, 3) >> np.array([0, 1, 2], np.uint8))


image = picture(301, 220)


def resnet(resize, interpolation):
    model = torchvision.models.resnet18(num_classes=CLASSES)
    state = model.state_dict()
    for name, t in state.items():
        if not name.endswith("num_batches_tracked"):
            t.copy_(torch.from_numpy(formula.tensor(name, tuple(t.shape))))
    model.load_state_dict(state)
    prepare = T.Compose([T.Resize(resize, interpolation), T.CenterCrop(224), T.ToTensor(), T.Normalize(MEAN, STD)])
    with torch.no_grad():
        return torch.softmax(model.eval()(prepare(image)[None])[0], 0).tolist()


def tiny(framed, change, activation="softmax"):
    means = torch.tensor(change(np.asarray(framed).astype(np.float64)).mean((0, 1)))
    return (torch.softmax(means, 0) if activation == "softmax" else torch.sigmoid(means)).tolist()


squashed = image.resize((SIDE, SIDE), Image.BILINEAR)
cropped = T.Compose([T.Resize(round(SIDE * 256 / 224)), T.CenterCrop(SIDE)])(image)
print(json.dumps({
    "torchvision": resnet(256, T.InterpolationMode.BILINEAR),
    "huggingface": resnet(256, T.InterpolationMode.BICUBIC),
    "tiny-torchvision": tiny(cropped, lambda p: (p / 255 - MEAN) / STD),
    "tiny-customvision": tiny(squashed, lambda p: p / 255),
    "tiny-pixels": tiny(squashed, lambda p: p / 64),
    "tiny-sigmoid": tiny(squashed, lambda p: p / 255, "sigmoid"),
    "tiny-teachable": tiny(ImageOps.fit(image, (SIDE, SIDE), Image.LANCZOS), lambda p: p / 127.5 - 1),
}, indent=1))
