#!/usr/bin/python3
"""What PyTorch and torchvision answer on photos, for PhotoParityTests to compare this project's answers with.

    apt-get install -y python3-torch python3-torchvision python3-pil python3-numpy python3-onnx
    /usr/bin/python3 make_reference.py MANIFEST PHOTOS OUT [--photos N] [--weights FILE]

MANIFEST is a file of models/ with an architecture: it says how a photo becomes a tensor. Without --weights the
network is seeded: BatchNorm statistics from the photos, a classifier whose logits spread and centre on them, so that
every answer depends on the picture. --weights takes a state_dict instead, an official file for instance.

OUT gets NAME.pth (a link to FILE with --weights), NAME.golden.json (per photo: the sha256 of the float32 tensor and
the top 5) and NAME.logits.npy.
"""
import argparse
import hashlib
import json
import os
from pathlib import Path

import numpy as np
import torch
import torchvision
from PIL import Image
from torchvision import transforms as T

SEEDING_PHOTOS = 48

parser = argparse.ArgumentParser()
parser.add_argument("manifest", type=Path)
parser.add_argument("photos", type=Path)
parser.add_argument("out", type=Path)
parser.add_argument("--photos", dest="count", type=int, default=20, help="photos in the golden file")
parser.add_argument("--weights", type=Path)
args = parser.parse_args()
manifest = json.loads(args.manifest.read_text())
spec = manifest["input"]

torch.manual_seed(0)
torch.set_num_threads(2)
model = getattr(torchvision.models, manifest["architecture"])(weights=None)
preprocess = T.Compose([
    T.Resize(spec["resize"], T.InterpolationMode(spec["interpolation"])), T.CenterCrop(spec["crop"]), T.ToTensor(),
    T.Normalize(spec["mean"], spec["std"])])
files = sorted(args.photos.glob("*.JPEG"))


def load(file):
    return preprocess(Image.open(file).convert("RGB"))


def batches(files):
    for start in range(0, len(files), 16):
        yield torch.stack([load(file) for file in files[start:start + 16]])


def seed():
    generator = torch.Generator().manual_seed(1)
    norms = [m for m in model.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    for norm in norms:
        norm.weight.data = 0.7 + 0.6 * torch.rand(norm.weight.shape, generator=generator)
        norm.bias.data = 0.2 * torch.randn(norm.bias.shape, generator=generator)
    if norms:
        for norm in norms:
            # The mean over all batches: with a moving one, half of what it starts from stays, and the signal fades.
            norm.reset_running_stats()
            norm.momentum = None
            norm.train()
        for batch in batches(files[:SEEDING_PHOTOS]):
            model(batch)
    model.eval()
    head = [m for m in model.modules() if isinstance(m, (torch.nn.Linear, torch.nn.Conv2d))][-1]
    head.weight.data = torch.randn(head.weight.shape, generator=generator) * 0.12
    head.bias.data = torch.zeros_like(head.bias)
    head.bias.data -= torch.cat([model(batch) for batch in batches(files[SEEDING_PHOTOS:SEEDING_PHOTOS + 32])]).mean(0)


with torch.no_grad():
    args.out.mkdir(parents=True, exist_ok=True)
    pth = args.out / (manifest["name"] + ".pth")
    model.eval()
    if args.weights:
        model.load_state_dict(torch.load(args.weights, map_location="cpu"))
        os.symlink(args.weights.resolve(), pth)
    else:
        seed()
        torch.save(model.state_dict(), pth)
    photos, logits = [], []
    for file in files[::max(1, len(files) // args.count)][:args.count]:
        tensor = load(file)
        answer = model(tensor[None])[0]
        photos.append({
            "file": file.name,
            "tensor_sha256": hashlib.sha256(tensor.numpy().astype("<f4").tobytes()).hexdigest(),
            "top5": [[int(i), round(float(v), 6)] for v, i in zip(*answer.topk(5))],
        })
        logits.append(answer.numpy())

spread = float(np.ptp(np.stack(logits), axis=0).mean())
if spread < 0.1:
    raise SystemExit(f"{manifest['name']}: the answers hardly depend on the photo ({spread:.2g}), so they would show nothing.")
np.save(args.out / (manifest["name"] + ".logits.npy"), np.stack(logits).astype("<f4"))
(args.out / (manifest["name"] + ".golden.json")).write_text(json.dumps({
    "arch": manifest["architecture"], "resize": spec["resize"], "interpolation": spec["interpolation"],
    "torch": torch.__version__, "torchvision": torchvision.__version__, "photos": photos}, indent=1))
print(manifest["name"], "distinct top-1 classes:", len({p["top5"][0][0] for p in photos}), "of", len(photos))
