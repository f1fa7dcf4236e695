"""What check.sh runs: parity, bench, load and memory of `resnet` on a device. Python's own library alone."""
import base64
import concurrent.futures
import datetime
import json
import os
import pathlib
import platform
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request

LARGEST_DIFFERENCE = 1e-3  # of a float32 logit against the processor's
AT_ONCE = [1, 8, 32]
CLIENTS = 64

resnet, device, photos, model = sys.argv[1:]
on_cpu = device == "cpu"
seconds = "1" if on_cpu else "3"
most_photos = 16 if on_cpu else 100
two_cores = set(sorted(os.sched_getaffinity(0))[:2])


def main():
    with tempfile.TemporaryDirectory(prefix="resnet-device-") as folder:
        pictures = some_photos(pathlib.Path(folder, "photos"))
        models = pathlib.Path(folder, "models")
        shutil.copytree(pathlib.Path(resnet).parent / "models", models)
        base = {"ResNet__ModelsPath": str(models), "ResNet__CachePath": str(pathlib.Path(folder, "cache")), "ResNet__DefaultModel": model}
        measured = {"ResNet__Device": device, **base}
        reference = {"ResNet__Device": "cpu", **base}
        half = model + "-float16"

        say("float16")
        agreement = run(["models", "convert", model, "--float16", "--photos", str(pictures)], measured).strip().splitlines()[-1]

        say("parity, and 64 clients")
        with Server(reference, cores=two_cores) as cpu:
            with Server(measured) as single:
                float32 = parity(cpu, single, model, pictures)
                float16 = parity(cpu, single, half, pictures, of=model)
            cpu_load = load(cpu, pictures)
        single_load = half_load = None
        with Server(measured) as single:
            single_load = load(single, pictures)
        with Server({**measured, "ResNet__DefaultModel": half}) as server:
            half_load = load(server, pictures)

        say("bench")
        cpu_rows = bench(reference, pictures, cores=two_cores)["float32"]
        rows = bench(measured, pictures)

    table(agreement, float32, float16, [cpu_load, single_load, half_load], [cpu_rows, rows["float32"], rows["float16"]])
    wrong = []
    if float32["top5"] < float32["photos"] or float32["difference"] > LARGEST_DIFFERENCE:
        wrong.append(f"float32 does not answer as the processor does (at most {LARGEST_DIFFERENCE} a logit)")
    if any(measured["failed"] for measured in (cpu_load, single_load, half_load)):
        wrong.append("requests failed")
    print("\n" + ("; ".join(wrong) if wrong else "All as it should be."))
    return 1 if wrong else 0


def some_photos(folder):
    folder.mkdir()
    found = sorted(p for p in pathlib.Path(photos).rglob("*") if p.suffix.lower() in (".jpg", ".jpeg", ".png"))
    for photo in found[::max(1, len(found) // most_photos)][:most_photos]:
        shutil.copy(photo, folder)
    return folder


class Server:
    """`resnet serve` on a free port, until the end of the with."""

    def __init__(self, settings, cores=None):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.url = f"http://127.0.0.1:{free.getsockname()[1]}"
        self.process = subprocess.Popen(
            [resnet, "serve", "--urls", self.url, "--storage", "none"], env={**os.environ, **settings, "Logging__LogLevel__Default": "Warning"},
            stdout=subprocess.PIPE, stderr=sys.stderr, text=True, preexec_fn=lambda: cores and os.sched_setaffinity(0, cores))

    def __enter__(self):
        for line in self.process.stdout:
            if line.startswith("Listening"):
                return self
        raise SystemExit("serve did not start.")

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()

    def ask(self, path, body=None):
        request = urllib.request.Request(self.url + path, body and json.dumps(body).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def logits(self, name, photo):
        image = {"name": "image", "datatype": "BYTES", "shape": [1], "data": [base64.b64encode(photo.read_bytes()).decode()]}
        return self.ask(f"/v2/models/{name}/infer", {"inputs": [image], "outputs": [{"name": "logits"}]})["outputs"][0]["data"]

    def memory(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+) kB", status).group(1)) / 1024


def parity(cpu, other, name, pictures, of=None):
    """Asks both servers of each photo, 16 at a time, so that batches come about."""
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        files = sorted(pictures.iterdir())
        expected = list(pool.map(lambda photo: cpu.logits(of or name, photo), files))
        actual = list(pool.map(lambda photo: other.logits(name, photo), files))
    best = lambda logits: sorted(range(len(logits)), key=lambda i: -logits[i])[:5]
    return {
        "photos": len(files),
        "top1": sum(best(e)[0] == best(a)[0] for e, a in zip(expected, actual)),
        "top5": sum(best(e) == best(a) for e, a in zip(expected, actual)),
        "difference": max(abs(x - y) for e, a in zip(expected, actual) for x, y in zip(e, a)),
    }


def load(server, pictures):
    row = json.loads(run(["bench", str(pictures), "--http", server.url, "--at-once", str(CLIENTS), "--seconds", seconds, "--json"], {}, check=False))[0]
    return {**row, "memory": server.memory(), "gpu": gpu("memory.used")}


def bench(settings, pictures, cores=None):
    """The rows of each kind of numbers, by how many pictures were asked for at once."""
    found = {}
    output = run(
        ["bench", str(pictures), "--at-once", *map(str, AT_ONCE), "--seconds", seconds, "--json"], settings, cores=cores)
    for row in json.loads(output):
        found.setdefault(row["numbers"], {})[row["atOnce"]] = row
    return found


def run(arguments, settings, check=True, cores=None):
    done = subprocess.run(
        [resnet, *arguments], env={**os.environ, **settings}, stdout=subprocess.PIPE, text=True, check=False,
        preexec_fn=lambda: cores and os.sched_setaffinity(0, cores))
    if check and done.returncode != 0:
        raise SystemExit(f"resnet {' '.join(arguments)} failed.")
    return done.stdout


def gpu(what):
    if on_cpu:
        return None
    answer = subprocess.run(["nvidia-smi", f"--query-gpu={what}", "--format=csv,noheader,nounits"], stdout=subprocess.PIPE, text=True, check=False)
    return answer.stdout.strip().splitlines()[0] if answer.returncode == 0 else None


def table(agreement, float32, float16, loads, rows):
    processor = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
    name = processor if on_cpu else f"{gpu('name')}, driver {gpu('driver_version')}"
    print(f"{model} on {name}; {len(os.sched_getaffinity(0))} cores of {processor}; {datetime.date.today()}\n")
    print(f"| | float32, cpu, 2 cores | float32, {device} | float16, {device} |")
    print("| --- | ---: | ---: | ---: |")
    line("photos whose top-5 are the CPU's float32", ["", *(f"{p['top5']} of {p['photos']}" for p in (float32, float16))])
    line("photos whose top-1 is the CPU's float32", ["", *(f"{p['top1']} of {p['photos']}" for p in (float32, float16))])
    line("largest difference of a logit", ["", *(f"{p['difference']:.1e}" for p in (float32, float16))])
    for number in AT_ONCE:
        line(f"{number} at once: ms a picture, p50", [f"{r[number]['p50Ms']:.2f}" for r in rows])
        line(f"{number} at once: ms of it in the network, p50", [f"{r[number]['networkMs']:.2f}" for r in rows])
        line(f"{number} at once: pictures/s", [f"{r[number]['picturesPerSecond']:.0f}" for r in rows])
    line(f"serve, {CLIENTS} clients: requests/s", [f"{l['requestsPerSecond']:.0f}" for l in loads])
    line(f"serve, {CLIENTS} clients: p50, p99 ms", [f"{l['p50Ms']:.0f}, {l['p99Ms']:.0f}" for l in loads])
    line("serve: failed requests", [l["failed"] for l in loads])
    line("serve: peak memory, MiB", [f"{l['memory']:.0f}" for l in loads])
    line("memory of the GPU in use, MiB", [l["gpu"] or "" for l in loads])
    line("model's load, ms", [f"{r[1]['loadMs']:.0f}" for r in rows])
    line("launch to first answer, ms", [f"{r[1]['firstAnswerMs']:.0f}" for r in rows])
    print(f"\nfloat16 {agreement}")


def line(what, cells):
    print(f"| {what} | {' | '.join(str(cell) for cell in cells)} |")


def say(what):
    print(what, file=sys.stderr, flush=True)


signal.signal(signal.SIGTERM, lambda *_: sys.exit("It took too long."))
sys.exit(main())
