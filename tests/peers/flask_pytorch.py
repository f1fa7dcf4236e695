#!/usr/bin/python3
"""The service of the article that this project set out from, after its description: Flask, PyTorch, torchvision's
ResNet-18, the three likeliest classes. compare.py runs it beside this project.

    apt-get install -y python3-torch python3-torchvision python3-flask
    /usr/bin/python3 flask_pytorch.py WEIGHTS.pth LABELS.tsv --port 5000
"""
import argparse
import io

import torch
import torchvision
from flask import Flask, jsonify, request
from PIL import Image
from torchvision import transforms

parser = argparse.ArgumentParser()
parser.add_argument("weights")
parser.add_argument("labels", help="index, category and label, tab-separated")
parser.add_argument("--port", type=int, default=5000)
args = parser.parse_args()

model = torchvision.models.resnet18(weights=None)
model.load_state_dict(torch.load(args.weights, map_location="cpu"))
model.eval()
preprocess = transforms.Compose([
    transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor(),
    transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
with open(args.labels) as file:
    classes = [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")]

app = Flask(__name__)


@app.post("/api/classify")
def classify():
    image = Image.open(io.BytesIO(request.get_data())).convert("RGB")
    with torch.no_grad():
        probabilities = torch.softmax(model(preprocess(image).unsqueeze(0))[0], 0)
    confidences, indices = probabilities.topk(3)
    return jsonify(predictions=[
        {"category": classes[i][1], "label": classes[i][2], "confidence": confidence}
        for i, confidence in zip(indices.tolist(), confidences.tolist())])


app.run("127.0.0.1", args.port, threaded=True)
