#!/usr/bin/python3
"""Small files in every form that weights come in, written by PyTorch itself where it still can, for StateDictTests.

    /usr/bin/python3 make_weight_files.py > ../ResNetFunctions.Tests/ModelTools/Weights/weight-files.golden.json

Per form: the file in base64, and the tensors in it as [shape, values].
"""
import argparse
import base64
import collections
import io
import json
import pickle
import struct
import sys
import zipfile

import numpy as np
import torch
import torch.storage

torch.manual_seed(0)
forms = {}


def number(tensor):
    return [list(tensor.shape), [float(v) for v in tensor.detach().reshape(-1).to(torch.float64)]]


def add(form, file, state):
    forms[form] = {"file": base64.b64encode(file).decode(), "tensors": {k: number(v) for k, v in state.items()}}


def saved(what, **options):
    buffer = io.BytesIO()
    torch.save(what, buffer, **options)
    return buffer.getvalue()


def old(what, **options):
    return saved(what, _use_new_zipfile_serialization=False, **options)


def rezip(file, compression=zipfile.ZIP_STORED, change=lambda name, data: data, extra=()):
    """The same records in another zip archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(file)) as source, zipfile.ZipFile(buffer, "w", compression) as target:
        for name in source.namelist():
            target.writestr(zipfile.ZipInfo(name), change(name, source.read(name)), compression)
        for name, data in extra:
            target.writestr(zipfile.ZipInfo(name), data, compression)
    return buffer.getvalue()


module = torch.nn.Sequential(collections.OrderedDict(conv=torch.nn.Conv2d(2, 3, 3), bn=torch.nn.BatchNorm2d(3)))
module.train()(torch.randn(4, 2, 5, 5))
state = module.state_dict()
plain = collections.OrderedDict((k, v.clone()) for k, v in state.items())
parameters = collections.OrderedDict((k, torch.nn.Parameter(v) if v.is_floating_point() else v) for k, v in plain.items())

add("zip", saved(state), state)
add("stream", old(state), state)
add("zip-protocol-4", saved(state, pickle_protocol=4), state)
add("zip-protocol-5", saved(state, pickle_protocol=5), state)
add("stream-protocol-3", old(state, pickle_protocol=3), state)
add("zip-parameters", saved(parameters), state)
add("stream-parameters", old(parameters), state)
add("zip-deflated", rezip(saved(state), zipfile.ZIP_DEFLATED), state)
add("stream-dict", old(dict(plain)), state)

for name, dtype in dict(float16=torch.float16, bfloat16=torch.bfloat16, float64=torch.float64, int64=torch.int64,
                        int32=torch.int32, int16=torch.int16, int8=torch.int8, uint8=torch.uint8, bool=torch.bool).items():
    typed = {"a": (torch.arange(6).reshape(2, 3) * 1.37 - (0 if name in ("uint8", "bool") else 3.1)).to(dtype)}
    add("zip-" + name, saved(typed), typed)
    add("stream-" + name, old(typed), typed)

flat = torch.arange(40, dtype=torch.float32) / 7
views = {
    "transposed": flat[:12].view(3, 4).t(),
    "offset": flat[13:21].view(2, 4),
    "columns": flat[20:40].view(4, 5)[:, 1:3],
    "channels_last": torch.arange(2 * 3 * 4 * 5, dtype=torch.float32).view(2, 3, 4, 5).contiguous(memory_format=torch.channels_last),
    "scalar": torch.tensor(2.5),
    "empty": torch.zeros(0, 3),
    "half_columns": torch.arange(12).view(3, 4).half()[:, ::2],
}
add("zip-views", saved(views), views)
add("stream-views", old(views), views)

optimizer = torch.optim.SGD(module.parameters(), lr=0.1, momentum=0.9)
module(torch.randn(2, 2, 5, 5)).sum().backward()
optimizer.step()
state = {k: v.clone() for k, v in module.state_dict().items()}
prefixed = collections.OrderedDict(("module." + k, v) for k, v in state.items())
checkpoint = {"epoch": 90, "arch": "tiny", "state_dict": prefixed, "best_acc1": torch.tensor(69.758),
              "optimizer": optimizer.state_dict()}
add("zip-checkpoint", saved(checkpoint), state)
add("stream-checkpoint", old(checkpoint), state)
args = argparse.Namespace(lr=0.1, data_path="/data", amp=False)
add("zip-torchvision-checkpoint", saved({"model": state, "optimizer": optimizer.state_dict(), "args": args}), state)
add("zip-compiled", saved({"_orig_mod." + k: v for k, v in state.items()}), state)


# Big-endian machines store numbers their own way, and say so.
def swapped(name, data):
    if name.endswith("/data.pkl") or "/data/" not in name:
        return data
    return np.frombuffer(data, "<f4").astype(">f4").tobytes()


floats = {k: v for k, v in state.items() if v.is_floating_point()}
add("zip-big-endian", rezip(saved(floats), change=swapped, extra=[("archive/byteorder", b"big")]), floats)
add("zip-little-endian", rezip(saved(floats), extra=[("archive/byteorder", b"little")]), floats)


# What torch no longer writes itself: the stream format around a pickle of our own making.
class Reduced:
    def __init__(self, *reduced):
        self.reduced = reduced

    def __reduce__(self):
        return self.reduced


class NewObject(Reduced):
    """What copyreg.__newobj__ is pickled as: the NEWOBJ opcode, then BUILD with the state."""

    def __reduce_ex__(self, protocol):
        return (copyreg_newobj, (self.reduced[0], *self.reduced[1]), self.reduced[2])


copyreg_newobj = __import__("copyreg").__newobj__


def stream(what, storage_id):
    """The stream format; storage_id(tensor storage) gives (persistent id, key, tensor with the numbers)."""
    storages = {}

    class Pickler(pickle._Pickler):
        def persistent_id(self, obj):
            if isinstance(obj, Stored):
                identity, key, numbers = storage_id(obj)
                storages[key] = numbers
                return identity
            return None

        def save_reduce(self, func, args, state=None, *rest, obj=None, **kw):
            if func is copyreg_newobj:
                cls, *arguments = args
                self.save(cls), self.save(tuple(arguments)), self.write(pickle.NEWOBJ)
                if obj is not None:
                    self.memoize(obj)
                if state is not None:
                    self.save(state), self.write(pickle.BUILD)
            else:
                super().save_reduce(func, args, state, *rest, obj=obj, **kw)

    buffer = io.BytesIO()
    for head in (0x1950A86A20F9469CFC6C, 1001, {"protocol_version": 1001, "little_endian": True,
                                                "type_sizes": {"short": 2, "int": 4, "long": 4}}):
        pickle.dump(head, buffer, 2)
    Pickler(buffer, 2).dump(what)
    pickle.dump(sorted(storages), buffer, 2)
    for key in sorted(storages):
        numbers = storages[key].contiguous().numpy()
        buffer.write(struct.pack("<q", numbers.size) + numbers.tobytes())
    return buffer.getvalue()


class Stored:
    def __init__(self, key, tensor, view=None):
        self.key, self.tensor, self.view = key, tensor, view


def identity(stored):
    root = stored.tensor.reshape(-1)
    return ("storage", torch.FloatStorage, stored.key, "cpu", root.numel(), stored.view), stored.key, root


weight, bias = torch.randn(2, 3), torch.randn(3)
old_tensor = lambda s, offset, size, stride: Reduced(torch._utils._rebuild_tensor, (s, offset, size, stride))
ancient = {
    "weight": old_tensor(Stored("w", weight), 0, (2, 3), (3, 1)),
    "bias": NewObject(torch.nn.parameter.Parameter, (old_tensor(Stored("b", bias), 0, (3,), (1,)),),
                      (True, False, collections.OrderedDict())),
}
python2_dict = Reduced(collections.OrderedDict, ([[k, v] for k, v in ancient.items()],))
add("stream-ancient", stream(python2_dict, identity), {"weight": weight, "bias": bias})

root = torch.arange(10, dtype=torch.float32)
storage_view = {"tail": Reduced(torch._utils._rebuild_tensor_v2, (
    Stored("root", root, ("view", 4, 6)), 1, (5,), (1,), False, collections.OrderedDict()))}
add("stream-storage-view", stream(storage_view, identity), {"tail": root[5:]})


# What a later torch writes: untyped storages, and the type with the tensor.
class UntypedStorage:
    __module__, __qualname__ = "torch.storage", "UntypedStorage"


def rebuild_v3():
    pass


rebuild_v3.__module__, rebuild_v3.__qualname__, rebuild_v3.__name__ = "torch._utils", "_rebuild_tensor_v3", "_rebuild_tensor_v3"
torch.storage.UntypedStorage, torch._utils._rebuild_tensor_v3 = UntypedStorage, rebuild_v3
raw = torch.tensor([1.5, -2, 3, 4.25], dtype=torch.float16)
untyped = {"a": Reduced(rebuild_v3, (
    Stored("u", raw.view(torch.uint8)), 1, (3,), (1,), False, collections.OrderedDict(), torch.float16))}
untyped_id = lambda s: (("storage", UntypedStorage, s.key, "cpu", s.tensor.numel()), s.key, s.tensor)
add("stream-untyped", stream(untyped, untyped_id), {"a": raw[1:]})

# safetensors is simple enough to write by hand.
entries, data = {"__metadata__": {"format": "pt"}}, b""
halves = {k: v.half() if k == "conv.bias" else v for k, v in floats.items()}
for k, v in halves.items():
    raw_bytes = v.numpy().tobytes()
    dtype = {torch.float32: "F32", torch.float16: "F16"}[v.dtype]
    entries[k] = {"dtype": dtype, "shape": list(v.shape), "data_offsets": [len(data), len(data) + len(raw_bytes)]}
    data += raw_bytes
header = json.dumps(entries).encode()
header += b" " * (-len(header) % 8)
add("safetensors", struct.pack("<q", len(header)) + header + data, halves)

print("{\n" + ",\n".join(f"  {json.dumps(form)}: {json.dumps(content)}" for form, content in forms.items()) + "\n}")
