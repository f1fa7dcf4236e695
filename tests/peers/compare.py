#!/usr/bin/env python3
"""Runs the article's service (flask_pytorch.py) and `resnet serve` in turn under the same load, several rounds, and
prints the medians and, of each round's ratios, the median and the spread, as the table in the README.

    dotnet publish src/ResNetFunctions.Cli -c Release -o artifacts/resnet -p:PublishAot=true
    python3 tests/peers/compare.py WEIGHTS.pth PHOTOS [--model NAME ...]

Each round launches each server anew: launch to first answer, then 1, 4 and 16 clients, each request in bytes of its
own, then the peak of its resident memory. A first launch finds no converted or optimised models. Every second
round goes through the servers backwards.

Nothing else may run: where other processes take more than a twentieth of a core it says which, and stops unless --busy allows
them. What they took during each measurement, and what the host took (steal), is printed below the table.
"""
import argparse
import collections
import json
import os
import platform
import resource
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
parser.add_argument("--rounds", type=int, default=5)
parser.add_argument("--busy", action="store_true", help="measure although other processes run")
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
                sys.exit(f"It ended, or gave no answer within 120 s: {subprocess.list2cmdline(process.args)}")
            time.sleep(0.002)


def peak_memory(process):
    for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0


TICKS = os.sysconf("SC_CLK_TCK")


def busy():
    """Seconds that all cores were busy since the system started, and those that the host took."""
    user, nice, system, _, _, irq, softirq, steal = map(int, Path("/proc/stat").read_text().split("\n")[0].split()[1:9])
    return (user + nice + system + irq + softirq) / TICKS, steal / TICKS


def processes():
    """Of each process its name and the seconds of a core that it has taken."""
    seen = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            name, fields = (folder / "stat").read_text().split(" (", 1)[1].rsplit(") ", 1)
            seen[int(folder.name)] = name, sum(map(int, fields.split()[11:13])) / TICKS
        except OSError:
            pass  # It has ended.
    return seen


def own_seconds(process):
    used, children = time.process_time(), resource.getrusage(resource.RUSAGE_CHILDREN)
    return used + children.ru_utime + children.ru_stime + (processes().get(process.pid, ("", 0))[1] if process else 0)


def others(before, seconds, without=()):
    """The names of other processes, with the share of a core that each took since."""
    shares = collections.Counter()
    for pid, (name, used) in processes().items():
        if pid not in (os.getpid(), *without):
            shares[name] += (used - before.get(pid, (name, 0))[1]) / seconds
    return {name: share for name, share in shares.most_common(5) if share > 0.02}


def told(shares):
    return ", ".join(f"{name} {share:.2f}" for name, share in shares.items())


def refuse_company():
    before = processes()
    time.sleep(2)
    shares = others(before, 2)
    if sum(shares.values()) > 0.05:
        print(f"Other processes are running (cores): {told(shares)}", file=sys.stderr)
        if not args.busy:
            sys.exit("Stop them, or say --busy.")


def measure(command, environment, load):
    port = free_port()
    command = [part.replace("PORT", str(port)) for part in command]
    running, (worked, stolen), own = processes(), busy(), own_seconds(None)
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
        took = time.perf_counter() - launched
        now, steal = busy()
        figures["others"] = max(0, now - worked - (own_seconds(process) - own)) / took
        figures["steal"] = (steal - stolen) / took
        figures["names"] = others(running, took, [process.pid])
        return figures
    finally:
        process.terminate()
        process.wait()


def serve(options):
    return [str(args.resnet), "serve", "--urls", "http://127.0.0.1:PORT", "--storage", "none", *options]


def clean_environment(cache):
    return {"ResNet__CachePath": cache, "ResNet__ModelsPath": str(args.models_path)}


peer = "Flask + PyTorch"
servers = {peer: [args.python, str(HERE / "flask_pytorch.py"), str(args.weights), str(LABELS), "--port", "PORT"],
           "resnet18": serve(["--weights", str(args.weights)])}
servers |= {name: serve(["--model", name]) for name in args.model}
runs = {name: [] for name in servers}
first = {name: [] for name in servers}
refuse_company()
for round in range(args.rounds):
    for name, command in list(servers.items())[::-1 if round % 2 else 1]:
        cache = tempfile.mkdtemp(prefix="resnet-compare-")
        try:
            first[name].append(measure(command, clean_environment(cache), load=False))
            runs[name].append(measure(command, clean_environment(cache), load=True))
        finally:
            shutil.rmtree(cache)
        print(f"round {round + 1} of {args.rounds}: {name}: {runs[name][-1]}", file=sys.stderr)


def row(title, figures, unit="", more_is_better=True, digits=1):
    """figures: of each server one value a round. A ratio is that of one round; what is printed of them is the median and, in
    brackets, the least and the most."""
    cells = [title]
    for name, values in figures.items():
        ratios = [(value / theirs if more_is_better else theirs / value) for value, theirs in zip(values, figures[peer])]
        cells.append(f"{statistics.median(values):.{digits}f}{unit}" + ("" if name == peer else
                     f" ({statistics.median(ratios):.2f} x; {min(ratios):.2f} to {max(ratios):.2f})"))
    print("| " + " | ".join(cells) + " |")


def each(figure, source=runs):
    return {name: [run[figure] for run in source[name]] for name in servers}


def cpu():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor()


print(f"{cpu()}, {os.cpu_count()} cores, {time.strftime('%Y-%m-%d', time.gmtime())}, medians of {args.rounds} rounds; in brackets the ratios of\n"
      "single rounds, their median and spread:\n")
print("| | " + " | ".join(servers) + " |")
print("| --- |" + " ---: |" * len(servers))
for n in CLIENTS:
    row(f"requests/s, {n} client{'s' * (n > 1)}", each(f"rps{n}"))
for n in CLIENTS:
    row(f"p50, {n} client{'s' * (n > 1)}", each(f"p50-{n}"), " ms", False)
for n in CLIENTS:
    row(f"p99, {n} client{'s' * (n > 1)}", each(f"p99-{n}"), " ms", False)
row("launch to first answer, first launch", each("launch", first), " s", False, 2)
row("launch to first answer, later", each("launch"), " s", False, 2)
row("peak memory (VmHWM), 16 clients", each("memory"), " MiB", False, 0)
print()
for name in servers:
    beside = collections.Counter()
    for run in runs[name]:
        beside.update(run["names"])
    print(f"Beside {name}: other processes took {max(each('others')[name]):.2f} of a core at most, the host {max(each('steal')[name]):.2f}"
          + (f" ({told({n: share / len(runs[name]) for n, share in beside.most_common(3)})})." if beside else "."))
if args.json:
    args.json.write_text(json.dumps({"first": first, "runs": runs}, indent=1))
