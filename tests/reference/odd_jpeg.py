"""A baseline JPEG encoder without a DCT: it writes blocks of coefficients that are drawn here, with any sampling factors and
in any arrangement of segments. What they show does not matter, only that decoders agree."""
import random
import struct

ZIGZAG_LOW = 6  # only so many of the first AC coefficients are ever written

# The tables of ITU-T T.81, annex K.3, which a file without DHT means (as Motion JPEG's frames are).
DC_COUNTS = {0: [0, 1, 5, 1, 1, 1, 1, 1, 1] + [0] * 7, 1: [0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1] + [0] * 5}
DC_SYMBOLS = list(range(12))
AC_COUNTS = {0: [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125], 1: [0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 119]}
AC_SYMBOLS = {
    0: bytes.fromhex(
        "01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a25262728292a3435363738393a43"
        "4445464748494a535455565758595a636465666768696a737475767778797a838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2"
        "b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa"),
    1: bytes.fromhex(
        "0001020311040521310612415107617113223281081442 91a1b1c109233352f0156272d10a162434e125f11718191a262728292a35363738393a"
        "434445464748494a535455565758595a636465666768696a737475767778797a82838485868788898a92939495969798999aa2a3a4a5a6a7a8a9"
        "aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7e8e9eaf2f3f4f5f6f7f8f9fa"),
}


def codes_of(counts, symbols):
    codes, code, at = {}, 0, 0
    for length, count in enumerate(counts, 1):
        for _ in range(count):
            codes[symbols[at]] = (code, length)
            code, at = code + 1, at + 1
        code <<= 1
    return codes


DC = {i: codes_of(DC_COUNTS[i], DC_SYMBOLS) for i in (0, 1)}
AC = {i: codes_of(AC_COUNTS[i], AC_SYMBOLS[i]) for i in (0, 1)}


class Bits:
    def __init__(self):
        self.bytes, self.value, self.count = bytearray(), 0, 0

    def put(self, value, length):
        self.value, self.count = (self.value << length) | value, self.count + length
        while self.count >= 8:
            byte = (self.value >> (self.count - 8)) & 255
            self.bytes += bytes([byte]) + (b"\0" if byte == 255 else b"")
            self.count -= 8
        self.value &= (1 << self.count) - 1

    def number(self, codes, run, value):
        size = abs(value).bit_length()
        self.put(*codes[(run << 4) | size])
        if size:
            self.put(value if value > 0 else value + (1 << size) - 1, size)

    def pad(self):
        if self.count:
            self.put((1 << (8 - self.count)) - 1, 8 - self.count)


def segment(marker, data):
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def encode(width, height, factors, *, ids=None, seed=0, restart=0, interleaved=True, tables=True, precise=False,
           jfif=True, adobe=None, before_frame=b"", before_scan=b"", frame_height=None, frame=0xC0, restart_marker=None):
    """factors: (across, down) of each component."""
    rng = random.Random(f"{width} {height} {factors} {seed}")
    ids = ids or list(range(1, len(factors) + 1))
    most = max(h for h, _ in factors), max(v for _, v in factors)
    quant = [[4, 6] + [8] * 62, [6, 8] + [10] * 62]
    file = b"\xff\xd8"
    if jfif:
        file += segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")
    if adobe is not None:
        file += segment(0xEE, b"Adobe\0\x64\0\0\0\0" + bytes([adobe]))
    for i in range(2):
        file += segment(0xDB, bytes([i | (16 if precise else 0)]) + (struct.pack(">64H", *quant[i]) if precise else bytes(quant[i])))
    file += before_frame
    file += segment(frame, struct.pack(">BHHB", 8, height if frame_height is None else frame_height, width, len(factors)) + b"".join(
        bytes([ids[i], (h << 4) | v, min(i, 1) if len(factors) != 4 else 0]) for i, (h, v) in enumerate(factors)))
    if tables:
        for i in range(2):
            file += segment(0xC4, bytes([i, *DC_COUNTS[i], *DC_SYMBOLS]))
            file += segment(0xC4, bytes([16 | i, *AC_COUNTS[i]]) + AC_SYMBOLS[i])
    if restart:
        file += segment(0xDD, struct.pack(">H", restart))

    blocks = {}

    def block(component, x, y):
        if (component, x, y) not in blocks:
            blocks[component, x, y] = [rng.randint(-110, 110)] + [
                rng.randint(-14, 14) if rng.random() < 0.5 else 0 for _ in range(ZIGZAG_LOW)]
        return blocks[component, x, y]

    def scan(components):
        data = bytes([len(components)])
        for c in components:
            data += bytes([ids[c], 0x11 if 0 < c < 3 and len(factors) != 4 else 0])
        return before_scan + segment(0xDA, data + b"\0\x3f\0")

    def write(components):
        bits, previous, done, restarts = Bits(), [0] * 4, 0, 0
        if len(components) == 1:
            h, v = factors[components[0]]
            across = -(-(-(-width * h // most[0])) // 8)
            down = -(-(-(-height * v // most[1])) // 8)
        else:
            across, down = -(-width // (8 * most[0])), -(-height // (8 * most[1]))
        for my in range(down):
            for mx in range(across):
                if restart and done and done % restart == 0:
                    bits.pad()
                    bits.bytes += bytes([0xFF, 0xD0 + ((restarts if restart_marker is None else restart_marker) & 7)])
                    restarts, previous = restarts + 1, [0] * 4
                done += 1
                for c in components:
                    h, v = factors[c] if len(components) > 1 else (1, 1)
                    table = 1 if 0 < c < 3 and len(factors) != 4 else 0
                    for y in range(v):
                        for x in range(h):
                            dc, *ac = block(c, mx * h + x, my * v + y)
                            bits.number(DC[table], 0, dc - previous[c])
                            previous[c], run = dc, 0
                            for value in ac:
                                if value:
                                    bits.number(AC[table], run, value)
                                    run = 0
                                else:
                                    run += 1
                            bits.put(*AC[table][0])
        bits.pad()
        return bytes(bits.bytes)

    everything = list(range(len(factors)))
    for components in [everything] if interleaved else [[c] for c in everything]:
        file += scan(components) + write(components)
    return file + b"\xff\xd9"
