namespace ResNetFunctions.Imaging.Decoding;

/// <summary>Reads the indices in GIF's LZW codes (GIF89a specification, appendix F).</summary>
internal ref struct LzwReader
{
    public const int MaxCodes = 4096;

    private const int None = -1;

    private readonly Span<ushort> _prefix; // of a code: the code for all but its last index
    private readonly Span<byte> _suffix; // of a code: its last index
    private readonly Span<byte> _pending; // indices of the last code still to be given out, last first
    private readonly int _clear;
    private readonly int _minCodeSize;

    private ReadOnlySpan<byte> _blocks;
    private ReadOnlySpan<byte> _block;
    private uint _bits;
    private int _bitCount;
    private int _codeSize;
    private int _next;
    private int _previous;
    private int _pendingCount;

    /// <param name="codes">The minimum code size, then blocks.</param>
    /// <param name="prefix">Scratch memory of <see cref="MaxCodes"/> elements.</param>
    /// <param name="scratch">Scratch memory of twice as many.</param>
    public LzwReader(ReadOnlySpan<byte> codes, Span<ushort> prefix, Span<byte> scratch)
    {
        if (codes.IsEmpty)
            throw ImageErrors.CutOff(ImageFormat.Gif);
        _minCodeSize = codes[0];
        if (_minCodeSize is < 1 or > 8)
            throw ImageErrors.Damaged(ImageFormat.Gif);
        _blocks = codes[1..];
        _prefix = prefix;
        _suffix = scratch[..MaxCodes];
        _pending = scratch[MaxCodes..];
        _clear = 1 << _minCodeSize;
        for (var i = 0; i < _clear; i++)
            _suffix[i] = (byte)i;
        Clear();
    }

    /// <exception cref="RejectedException">There are fewer indices, or an undefined code.</exception>
    public void Read(Span<byte> indices)
    {
        for (var i = 0; i < indices.Length; i++)
        {
            while (_pendingCount == 0)
                Expand(NextCode());
            indices[i] = _pending[--_pendingCount];
        }
    }

    private void Clear()
    {
        _codeSize = _minCodeSize + 1;
        _next = _clear + 2;
        _previous = None;
    }

    private void Expand(int code)
    {
        if (code == _clear)
        {
            Clear();
            return;
        }
        if (code == _clear + 1) // the end, though indices are missing
            throw ImageErrors.CutOff(ImageFormat.Gif);
        if (code > _next || (code >= _clear && _previous == None) || (code == _next && _next == MaxCodes))
            throw ImageErrors.Damaged(ImageFormat.Gif);

        // A code that is not defined yet stands for the previous one and its first index.
        var known = code == _next ? _previous : code;
        if (code == _next)
            _pendingCount = 1;
        for (; known > _clear; known = _prefix[known])
            _pending[_pendingCount++] = _suffix[known];
        var first = (byte)known;
        _pending[_pendingCount++] = first;
        if (code == _next)
            _pending[0] = first;

        if (_previous != None && _next < MaxCodes)
        {
            _prefix[_next] = (ushort)_previous;
            _suffix[_next] = first;
            _next++;
            if (_next == 1 << _codeSize && _codeSize < 12)
                _codeSize++;
        }
        _previous = code;
    }

    private int NextCode()
    {
        while (_bitCount < _codeSize)
        {
            if (_block.IsEmpty)
                NextBlock();
            _bits |= (uint)_block[0] << _bitCount;
            _block = _block[1..];
            _bitCount += 8;
        }
        var code = (int)(_bits & ((1u << _codeSize) - 1));
        _bits >>= _codeSize;
        _bitCount -= _codeSize;
        return code;
    }

    private void NextBlock()
    {
        if (_blocks.IsEmpty || _blocks[0] == 0 || _blocks[0] >= _blocks.Length)
            throw ImageErrors.CutOff(ImageFormat.Gif);
        _block = _blocks.Slice(1, _blocks[0]);
        _blocks = _blocks[(1 + _block.Length)..];
    }
}
