#!/usr/bin/python3
"""What torchvision's networks answer with weights and images by formula (formula.py), for FormulaParityTests.

    /usr/bin/python3 make_formula_golden.py > ../ResNetFunctions.Tests/ModelTools/Onnx/formula.golden.json

Per architecture and image: the top 5 of the logits as [index, logit], every 50th logit, and the spread of all.
"""
import json
import sys

import numpy as np
import torch
import torchvision

sys.dont_write_bytecode = True
import formula

ARCHITECTURES = [
    "resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "wide_resnet50_2",
    "mobilenet_v2", "mobilenet_v3_small", "mobilenet_v3_large", "efficientnet_b0", "squeezenet1_1",
]

torch.set_num_threads(2)
images = torch.from_numpy(np.stack([formula.image(i) for i in range(2)]))
golden = {}
for arch in ARCHITECTURES:
    with torch.no_grad():
        logits = formula.model(arch)(images)
    golden[arch] = [{
        "top5": [[int(i), round(float(v), 6)] for v, i in zip(*row.topk(5))],
        "every50th": [round(float(v), 6) for v in row[::50]],
        "spread": round(float(row.max() - row.min()), 3),
    } for row in logits]

rows = [f'  "{arch}": [\n    ' + ",\n    ".join(json.dumps(image) for image in images) + "\n  ]"
        for arch, images in golden.items()]
print('{\n  "torch": "%s",\n  "torchvision": "%s",\n' % (torch.__version__, torchvision.__version__) + ",\n".join(rows) + "\n}")
