#!/usr/bin/env python3
"""Runs the article's service (flask_pytorch.py) and `resnet serve` in turn under the same load, several rounds, and
prints the medians and their ratios as the table in the README.

    dotnet publish src/ResNetFunctions.Cli -c Release -o artifacts/resnet -p:PublishAot=true
    python3 tests/peers/compare.py WEIGHTS.pth PHOTOS [--model NAME ...]

Each round launches each server anew: launch to first answer, then 1, 4 and 16 clients, each request in bytes of its
own, then the peak of its resident memory. A first launch finds no cache of converted and optimised models.
"""
import argparse
import json
import os
import platform
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
LABELS = ROOT / "models" / "imagenet-1k.tsv"
CLIENTS = (1, 4, 16)

parser = argparse.ArgumentParser()
parser.add_argument("weights", type=Path, help="ResNet-18 as torchvision saves it")
parser.add_argument("photos", type=Path)
parser.add_argument("--resnet", type=Path, default=ROOT / "artifacts" / "resnet" / "resnet")
parser.add_argument("--python", default="/usr/bin/python3", help="with torch, torchvision and flask")
parser.add_argument("--model", action="append", default=[], help="further models to serve, such as resnet18-int8")
parser.add_argument("--models-path", type=Path, default=ROOT / "models", help="where those are")
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--seconds", type=float, default=6)
parser.add_argument("--json", type=Path, help="also write every figure here")
args = parser.parse_args()
photo = sorted(args.photos.glob("*.JPEG"))[0].read_bytes()


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def ask(port):
    request = urllib.request.Request(f"http://127.0.0.1:{port}/api/classify", photo)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)["predictions"][0]["category"]


def first_answer(port, launched, process):
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            category = ask(port)
            return time.perf_counter() - launched, category
        except (urllib.error.URLError, ConnectionError):
            if process.poll() is not None or time.perf_counter() - launched > 120:
                sys.exit("A server ended, or gave no answer within 120 s.")
            time.sleep(0.002)


def peak_memory(process):
    for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0


def measure(command, environment, load):
    port = free_port()
    command = [part.replace("PORT", str(port)) for part in command]
    launched = time.perf_counter()
    process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        seconds, category = first_answer(port, launched, process)
        figures = {"launch": seconds, "category": category}
        if load:
            output = subprocess.run(
                [args.resnet, "bench", args.photos, "--http", f"http://127.0.0.1:{port}", "--seconds", str(args.seconds), "--json"],
                stdout=subprocess.PIPE, check=True).stdout
            for row in json.loads(output):
                n = row["clients"]
                figures |= {f"rps{n}": row["requestsPerSecond"], f"p50-{n}": row["p50Ms"], f"p99-{n}": row["p99Ms"]}
            figures["memory"] = peak_memory(process)
        return figures
    finally:
        process.terminate()
        process.wait()


def serve(options):
    return [str(args.resnet), "serve", "--urls", "http://127.0.0.1:PORT", *options]


def clean_environment(cache):
    return {"ResNet__CachePath": cache, "ResNet__ModelsPath": str(args.models_path)}


peer = "Flask + PyTorch"
servers = {peer: [args.python, str(HERE / "flask_pytorch.py"), str(args.weights), str(LABELS), "--port", "PORT"],
           "resnet18": serve(["--weights", str(args.weights)])}
servers |= {name: serve(["--model", name]) for name in args.model}
runs = {name: [] for name in servers}
first = {name: [] for name in servers}
for round in range(args.rounds):
    for name, command in servers.items():
        cache = tempfile.mkdtemp(prefix="resnet-compare-")
        try:
            first[name].append(measure(command, clean_environment(cache), load=False)["launch"])
            runs[name].append(measure(command, clean_environment(cache), load=True))
        finally:
            shutil.rmtree(cache)
        print(f"round {round + 1} of {args.rounds}: {name}: {runs[name][-1]}", file=sys.stderr)


def median(name, figure):
    return statistics.median(run[figure] for run in runs[name])


def row(title, figures, unit="", more_is_better=True, digits=1):
    cells = [title]
    for name, value in figures.items():
        ratio = value / figures[peer] if more_is_better else figures[peer] / value
        cells.append(f"{value:.{digits}f}{unit}" + ("" if name == peer else f" ({ratio:.2f} x)"))
    print("| " + " | ".join(cells) + " |")


def cpu():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor()


print(f"{cpu()}, {os.cpu_count()} cores, {time.strftime('%Y-%m-%d', time.gmtime())}, medians of {args.rounds} rounds:\n")
print("| | " + " | ".join(servers) + " |")
print("| --- |" + " ---: |" * len(servers))
for n in CLIENTS:
    row(f"requests/s, {n} client{'s' * (n > 1)}", {name: median(name, f"rps{n}") for name in servers})
for n in CLIENTS:
    row(f"p50, {n} client{'s' * (n > 1)}", {name: median(name, f"p50-{n}") for name in servers}, " ms", False)
for n in CLIENTS:
    row(f"p99, {n} client{'s' * (n > 1)}", {name: median(name, f"p99-{n}") for name in servers}, " ms", False)
row("launch to first answer, first launch", {name: statistics.median(first[name]) for name in servers}, " s", False, 2)
row("launch to first answer, later", {name: median(name, "launch") for name in servers}, " s", False, 2)
row("peak memory (VmHWM), 16 clients", {name: median(name, "memory") for name in servers}, " MiB", False, 0)
if args.json:
    args.json.write_text(json.dumps({"first": first, "runs": runs}, indent=1))
