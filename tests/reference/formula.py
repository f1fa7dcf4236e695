"""Generated weights and an input by formula: the Python twin of src/ResNetFunctions.ModelTools/Onnx/SeededTensor.cs.

Integers and correctly rounded operations alone, so both languages give the same bits.
"""
import numpy as np
import torch
import torchvision


# INetwork.SeededGain.
GAINS = {
    "resnet101": 0.75, "resnet152": 0.75,
    "mobilenet_v3_small": 1.05, "mobilenet_v3_large": 1.05, "efficientnet_b0": 1.2,
}


def mix(x):
    """A bijection of 32 bits; x is a uint32 array."""
    x = x ^ (x >> np.uint32(16))
    x = x * np.uint32(0x7FEB352D)
    x = x ^ (x >> np.uint32(15))
    x = x * np.uint32(0x846CA68B)
    return x ^ (x >> np.uint32(16))


def fnv1a(text):
    h = 2166136261
    for b in text.encode():
        h = ((h ^ b) * 16777619) & 0xFFFFFFFF
    return h


def key_of(name, seed):
    return mix(np.array([fnv1a(name)], np.uint32) ^ mix(np.array([seed], np.uint32)))


def unit(key, index):
    """[-1, 1) in steps of 2^-31."""
    return mix(key + index.astype(np.uint32)) * (1.0 / (1 << 31)) - 1


def tensor(name, shape, gain=1.0, seed=0):
    count = int(np.prod(shape))
    per_channel = count // shape[0]
    if len(shape) > 1:
        centre, reach = 0.0, np.sqrt(9.0 / per_channel)
    else:
        ranges = {"weight": (0.75 * gain, 0.25 * gain), "running_var": (1.0, 0.25)}
        centre, reach = ranges.get(name.rsplit(".", 1)[-1], (0.0, 0.1))
    inputs = shape[1] if len(shape) > 1 else 1
    taps = per_channel // inputs
    i = np.arange(count, dtype=np.int64)
    opposite = (i // taps % 2 == 1) if inputs % 2 == 0 else np.zeros(count, bool)
    u = unit(key_of(name, seed), np.where(opposite, i - taps, i))
    return (centre + reach * np.where(opposite, -u, u)).astype(np.float32).reshape(shape)


def model(arch, seed=0):
    """A torchvision model with a number by formula for every weight."""
    model = getattr(torchvision.models, arch)(weights=None)
    state = model.state_dict()
    for name, t in state.items():
        if not name.endswith("num_batches_tracked"):
            t.copy_(torch.from_numpy(tensor(name, tuple(t.shape), GAINS.get(arch, 1.0), seed)))
    model.load_state_dict(state)
    return model.eval()


def image(index):
    """A [3, 224, 224] input: blocks of four sizes laid over each other, in the range of a normalised photo."""
    c, y, x = np.meshgrid(np.arange(3), np.arange(224), np.arange(224), indexing="ij")
    value = np.zeros(c.shape)
    for level in (5, 4, 3, 2):
        cell = ((c * 1024 + (y >> level)) * 1024 + (x >> level)).astype(np.int64)
        value += 0.75 * unit(key_of(f"image{index}.{level}", 0), cell)
    return value.astype(np.float32)
