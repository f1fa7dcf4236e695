"""Keeps `resnet serve` at twice what it can do, with good, bad, huge and aborted requests, and an image uploaded each
second; prints what became of its memory, handles, threads and latencies. Linux, Python 3.8 or newer, nothing else.

  dotnet build src/ResNetFunctions.Cli -c Release
  npx --prefix tests azurite --location /tmp/azurite-soak --silent &
  python3 tests/load/soak.py --minutes 10 --blobs

Exit code 1 where a request got no answer or a 5xx other than 503, an uploaded image no result, or something grew after
the second minute."""
import argparse
import asyncio
import base64
import collections
import email.utils
import hashlib
import hmac
import http.client
import os
import pathlib
import random
import re
import signal
import struct
import sys
import time

ROOT = pathlib.Path(__file__).parents[2]
parser = argparse.ArgumentParser()
parser.add_argument("--minutes", type=float, default=10)
parser.add_argument("--rate", type=float, help="requests a second; not given: twice what it can do")
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--blobs", action="store_true", help="upload images to the Azurite on this machine's default ports too")
parser.add_argument("--resnet", default=str(ROOT / "src/ResNetFunctions.Cli/bin/Release/net10.0/resnet.dll"))
arguments, serve_arguments = parser.parse_known_args()
random.seed(arguments.seed)

PHOTO = (ROOT / "samples/alps.jpg").read_bytes()


def bmp(side):
    """A grey picture of side x side pixels: a server must hold all of its bytes."""
    palette = b"".join(bytes([i, i, i, 0]) for i in range(256))
    row = bytes(range(256)) * (side // 256 + 1)
    stride = (side + 3) // 4 * 4
    head = struct.pack("<IiiHHIIiiII", 40, side, side, 1, 8, 0, stride * side, 0, 0, 256, 0)
    at = 14 + len(head) + len(palette)
    return b"BM" + struct.pack("<IHHI", at + stride * side, 0, 0, at) + head + palette + row[:stride] * side


HUGE = bmp(4400)  # 19.4 MB, 19 Mpixel: just below the limit of an image


def form(files):
    parts = b"".join(b"--b\r\nContent-Disposition: form-data; name=f; filename=f.jpg\r\n\r\n" + file + b"\r\n" for file in files)
    return parts + b"--b--\r\n"


def request(kind):
    """The body, its type, and how much of it is sent before the client goes away."""
    if kind == "huge":
        return HUGE, "image/bmp", None
    if kind == "bad":
        return random.choice([PHOTO[:random.randrange(len(PHOTO))], random.randbytes(5000), b"", PHOTO[:-2]]), "image/jpeg", None
    if kind == "form":
        return form([PHOTO, PHOTO[:1000], PHOTO]), "multipart/form-data; boundary=b", None
    if kind == "aborted":
        return PHOTO, "image/jpeg", random.choice([10, len(PHOTO) // 2, len(PHOTO)])
    return PHOTO, "image/jpeg", None


# The emulator's account and key are the same on every machine.
ACCOUNT = "devstoreaccount1"
KEY = base64.b64decode("Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==")


def storage(method, path, body=b"", query="", headers={}):
    """One request to the emulator, signed with its key; the answer's status."""
    headers = {"x-ms-date": email.utils.formatdate(usegmt=True), "x-ms-version": "2025-11-05", **headers}
    signed = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    resource = f"/{ACCOUNT}/{ACCOUNT}/{path}" + "".join("\n" + pair.replace("=", ":") for pair in query.split("&") if pair)
    text = f"{method}\n\n\n{len(body) or ''}\n\n\n\n\n\n\n\n\n{signed}{resource}"
    signature = base64.b64encode(hmac.new(KEY, text.encode(), hashlib.sha256).digest()).decode()
    connection = http.client.HTTPConnection("127.0.0.1", 10000, timeout=30)
    try:
        connection.request(method, f"/{ACCOUNT}/{path}" + (f"?{query}" if query else ""), body or None,
                           {**headers, "Authorization": f"SharedKey {ACCOUNT}:{signature}"})
        return connection.getresponse().status
    finally:
        connection.close()


async def upload(names):
    """An image each second, until it is cancelled."""
    while True:
        name = f"images/soak/{len(names):04}.jpg"
        status = await asyncio.to_thread(storage, "PUT", name, PHOTO, "", {"x-ms-blob-type": "BlockBlob"})
        assert status == 201, f"upload: {status}"
        names.append(name)
        await asyncio.sleep(1)


async def without_result(names):
    """Those that have no result a minute later."""
    missing = list(names)
    for _ in range(60):
        missing = [name for name in missing if await asyncio.to_thread(storage, "HEAD", name + ".classification.json") != 200]
        if not missing:
            break
        await asyncio.sleep(1)
    return missing


async def ask(port, kind):
    body, content_type, cut = request(kind)
    started = time.monotonic()
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError as e:
        return f"no answer ({type(e).__name__})", 0
    try:
        writer.write(f"POST /api/classify HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: {content_type}\r\n"
                     f"Content-Length: {len(body)}\r\n\r\n".encode())
        writer.write(body[:cut])
        try:
            await writer.drain()
        except ConnectionError:
            pass  # An answer may come before all of a body was read.
        if cut is not None:
            await asyncio.sleep(random.random())
            return "aborted", 0
        answer = await asyncio.wait_for(reader.read(), 60)
        code = re.search(rb'"code":"([a-z-]+)"', answer)
        status = answer[9:12].decode() or "no answer"
        return f"{status} {code[1].decode()}" if code and status != "200" else status, time.monotonic() - started
    except (ConnectionError, asyncio.TimeoutError) as e:
        return f"no answer ({type(e).__name__}, {kind})", time.monotonic() - started
    finally:
        writer.close()


def state(pid):
    fields = dict(line.split(":", 1) for line in open(f"/proc/{pid}/status") if ":" in line)
    return (int(fields["VmRSS"].split()[0]) // 1024, int(fields["VmHWM"].split()[0]) // 1024,
            len(os.listdir(f"/proc/{pid}/fd")), int(fields["Threads"]))


def percentile(times, p):
    return sorted(times)[min(len(times) - 1, int(len(times) * p))] if times else float("nan")


async def sustainable(port, seconds=20):
    """Photos a second that four clients get answered, one after another each."""
    done, until = 0, time.monotonic() + seconds

    async def client():
        nonlocal done
        while time.monotonic() < until:
            status, _ = await ask(port, "good")
            assert status == "200", status
            done += 1

    await asyncio.gather(*(client() for _ in range(4)))
    return done / seconds


async def main():
    if arguments.blobs:
        await asyncio.to_thread(storage, "PUT", "images", b"", "restype=container")
    server = await asyncio.create_subprocess_exec(
        *(["dotnet"] if arguments.resnet.endswith(".dll") else []), arguments.resnet, "serve", "--urls", "http://127.0.0.1:0", "--storage", "UseDevelopmentStorage=true" if arguments.blobs else "none",
        *serve_arguments,
        cwd=ROOT, stdout=asyncio.subprocess.PIPE, env={**os.environ, "Logging__LogLevel__Default": "Error"})
    port = 0
    while not port:
        line = (await server.stdout.readline()).decode()
        assert line, "serve did not start"
        found = re.match(r"Listening on http://127\.0\.0\.1:(\d+)", line)
        port = int(found[1]) if found else 0
    asyncio.create_task(server.stdout.read())

    await sustainable(port, 5)
    rate = await sustainable(port)
    load = arguments.rate or 2 * rate
    print(f"sustainable: {rate:.1f} photos a second at 4 clients; load: {load:.1f} requests a second for {arguments.minutes:g} minutes")
    print("minute  RSS MiB  peak MiB  handles  threads  answered 200   p50 s   p99 s   503  others")

    statuses, tasks = collections.Counter(), set()
    minute, samples, faults = collections.defaultdict(list), [], []
    names = []
    uploading = asyncio.create_task(upload(names)) if arguments.blobs else None
    started = time.monotonic()
    next_minute, next_request = started + 60, started

    async def one(kind):
        status, seconds = await ask(port, kind)
        statuses[f"{kind}: {status}"] += 1
        minute[status[:3]].append(seconds)
        if status.startswith("no answer") or status[0] == "5" and not status.startswith("503"):
            faults.append(f"{kind}: {status}")

    while (now := time.monotonic()) < started + 60 * arguments.minutes and server.returncode is None:
        if now >= next_minute:
            rss, peak, handles, threads = state(server.pid)
            samples.append((rss, handles, threads))
            good = minute["200"]
            others = sum(len(times) for status, times in minute.items() if status not in ("200", "503"))
            print(f"{len(samples):6}  {rss:7}  {peak:8}  {handles:7}  {threads:7}  {len(good):12}  {percentile(good, .5):6.2f}  "
                  f"{percentile(good, .99):6.2f}  {len(minute['503']):4}  {others:6}", flush=True)
            minute.clear()
            next_minute += 60
        if now < next_request:
            await asyncio.sleep(next_request - now)
        next_request += random.expovariate(load)
        kind = random.choices(["good", "bad", "form", "huge", "aborted"], [75, 10, 5, 2, 8])[0]
        task = asyncio.create_task(one(kind))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    await asyncio.gather(*tasks)
    if uploading:
        if uploading.done():
            uploading.result()
        uploading.cancel()
        missing = await without_result(names)
        print(f"{len(names) - len(missing):8}  blobs of {len(names)} have a result")
        faults += [f"no result: {name}" for name in missing]

    for status, count in sorted(statuses.items()):
        print(f"{count:8}  {status}")
    if server.returncode is None:
        server.send_signal(signal.SIGTERM)
    else:
        faults.append("the server ended by itself, or someone else ended it")
    code = await server.wait()
    print(f"exit code {code}")
    if code:
        faults.append(f"exit code {code}")

    # From the second minute on: the median of the last three minutes against that of the first three.
    steady = samples[1:]
    if len(steady) >= 6:
        for name, i, slack in (("memory", 0, 64), ("handles", 1, 100), ("threads", 2, 8)):
            first, last = (percentile([sample[i] for sample in part], .5) for part in (steady[:3], steady[-3:]))
            print(f"{name}: {first} at first, {last} at the end")
            if last > first + slack:
                faults.append(f"{name} grew from {first} to {last}")
    print("\n".join(f"FAULT {fault}" for fault in faults[:20]) or "no fault")
    return 1 if faults else 0


sys.exit(asyncio.run(main()))
