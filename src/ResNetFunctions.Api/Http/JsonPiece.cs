using System.Text.Json;
using ResNetFunctions.Imaging;
using ResNetFunctions.Inference;

namespace ResNetFunctions.Api.Http;

/// <summary>A value of a JSON text, read where it lies: however much of a body it is, nothing of it is copied or kept in
/// another form, as a document's tree would be.</summary>
/// <param name="json">The value's own text.</param>
internal readonly struct JsonPiece(ReadOnlyMemory<byte> json)
{
    private const int MaxMembers = 64, MaxName = 64, MaxText = 8192;

    /// <summary>What it is: an object or an array by its start, or a value.</summary>
    public JsonTokenType Kind => Start().TokenType;

    /// <summary>A whole body.</summary>
    /// <exception cref="RejectedException">bad-json: it is none, or not one value.</exception>
    public static JsonPiece Parse(ReadOnlyMemory<byte> body)
    {
        if (body.Span.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
            body = body[3..];
        try
        {
            var reader = new Utf8JsonReader(body.Span);
            reader.Read();
            JsonPiece piece = PieceAt(ref reader, body);
            reader.Read(); // Nothing may follow.
            return piece;
        }
        catch (JsonException e)
        {
            throw Bad($"The JSON is malformed or cut off: line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}.", e);
        }
    }

    /// <summary>The members of an object; of several with one name the last.</summary>
    /// <exception cref="RejectedException">bad-json: it is no object, or has a great many members.</exception>
    public Dictionary<string, JsonPiece> Members()
    {
        Utf8JsonReader reader = Start();
        if (reader.TokenType != JsonTokenType.StartObject)
            throw Bad("Where an object is expected, the JSON has something else.");
        var members = new Dictionary<string, JsonPiece>(StringComparer.Ordinal);
        for (int count = 0; reader.Read() && reader.TokenType == JsonTokenType.PropertyName; count++)
        {
            if (count == MaxMembers)
                throw Bad($"An object has more than {MaxMembers} members.");
            string? name = reader.ValueSpan.Length <= MaxName ? TextOf(ref reader) : null; // A longer one is nobody's.
            reader.Read();
            JsonPiece value = PieceAt(ref reader, json);
            if (name is not null)
                members[name] = value;
        }
        return members;
    }

    /// <summary>The elements of an array.</summary>
    /// <exception cref="RejectedException">bad-json: it is no array, or has more elements than <paramref name="most"/>.</exception>
    public List<JsonPiece> Elements(int most)
    {
        Utf8JsonReader reader = Start();
        if (reader.TokenType != JsonTokenType.StartArray)
            throw Bad("Where an array is expected, the JSON has something else.");
        List<JsonPiece> elements = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (elements.Count == most)
                throw Bad($"At most {most} are taken at once.");
            elements.Add(PieceAt(ref reader, json));
        }
        return elements;
    }

    /// <summary>A short text.</summary>
    /// <exception cref="RejectedException">bad-json: it is none.</exception>
    public string Text()
    {
        Utf8JsonReader reader = Start();
        return reader.TokenType == JsonTokenType.String && reader.ValueSpan.Length <= MaxText
            ? TextOf(ref reader)
            : throw Bad("Where a short text is expected, the JSON has something else.");
    }

    /// <summary>A whole number, or null.</summary>
    public int? Integer()
    {
        Utf8JsonReader reader = Start();
        return reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out int value) ? value : null;
    }

    /// <summary>The memory of so many numbers, once it is clear that they can be there at all: each takes two characters.</summary>
    /// <exception cref="RejectedException">bad-json: there are fewer; too-large.</exception>
    public int BytesOfNumbers(long count) =>
        count > json.Length ? throw Bad($"The data must be {count} numbers.")
        : count > int.MaxValue / sizeof(float) ? throw PooledBytes.TooLarge(int.MaxValue)
        : (int)count * sizeof(float);

    /// <summary>The numbers of an array, and of the arrays in it, one after another.</summary>
    /// <param name="numbers">Takes them.</param>
    /// <exception cref="RejectedException">bad-json: there is something else in it, or another count of numbers.</exception>
    public void Numbers(Span<float> numbers)
    {
        Utf8JsonReader reader = Start();
        int count = 0;
        do
        {
            if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.EndArray)
                continue;
            if (reader.TokenType != JsonTokenType.Number || count == numbers.Length || !reader.TryGetSingle(out numbers[count]))
                throw Bad($"The data must be {numbers.Length} numbers.");
            count++;
        }
        while (reader.Read());
        if (count < numbers.Length)
            throw Bad($"The data must be {numbers.Length} numbers, and holds {count}.");
    }

    /// <summary>An image: base64 text, or a data URL.</summary>
    /// <param name="limit">The most bytes that it may have.</param>
    /// <param name="budget">What counts the memory.</param>
    /// <exception cref="RejectedException">bad-json: it is no such text; too-large.</exception>
    /// <exception cref="UnavailableException">overloaded.</exception>
    public PooledBytes Image(long limit, ByteBudget budget)
    {
        Utf8JsonReader reader = Start();
        if (reader.TokenType != JsonTokenType.String)
            throw Bad("An image must be base64 text or a data URL.");
        if (!reader.ValueIsEscaped)
            return PooledBytes.FromBase64(Payload(reader.ValueSpan), limit, budget);

        // Some writers put a backslash before each slash.
        byte[] text = new byte[reader.ValueSpan.Length];
        budget.Take(text.Length);
        try
        {
            int length = reader.CopyString(text);
            return PooledBytes.FromBase64(Payload(text.AsSpan(0, length)), limit, budget);
        }
        catch (InvalidOperationException e)
        {
            throw Bad("A text is not valid UTF-8.", e);
        }
        finally
        {
            budget.Give(text.Length);
        }
    }

    public static RejectedException Bad(string detail, Exception? cause = null) => new(ErrorCode.BadJson, detail, cause);

    private static ReadOnlySpan<byte> Payload(ReadOnlySpan<byte> text)
    {
        if (!text.StartsWith("data:"u8))
            return text;
        int comma = text[..Math.Min(text.Length, 256)].IndexOf((byte)',');
        return comma > 0 && text[..comma].EndsWith(";base64"u8)
            ? text[(comma + 1)..]
            : throw Bad("A data URL must hold base64: data:image/jpeg;base64,…");
    }

    private static string TextOf(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw Bad("A text is not valid UTF-8.", e);
        }
    }

    private static JsonPiece PieceAt(ref Utf8JsonReader reader, ReadOnlyMemory<byte> text)
    {
        int start = (int)reader.TokenStartIndex;
        reader.Skip();
        return new JsonPiece(text[start..(int)reader.BytesConsumed]);
    }

    private Utf8JsonReader Start()
    {
        var reader = new Utf8JsonReader(json.Span);
        reader.Read();
        return reader;
    }
}
