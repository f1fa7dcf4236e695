using System.Text.Json;
using ResNetFunctions.Imaging;
using ResNetFunctions.Inference;

namespace ResNetFunctions.Api.Http;

/// <summary>A value in a JSON text, read in place: a large body is never copied into a document tree.</summary>
internal readonly struct JsonPiece(ReadOnlyMemory<byte> json)
{
    private const int MaxMembers = 64, MaxName = 64, MaxText = 8192;

    public JsonTokenType Kind => Start().TokenType;

    /// <exception cref="RejectedException">bad-json: not one JSON value.</exception>
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

    /// <summary>An object's members. Of several with one name, the last counts.</summary>
    /// <exception cref="RejectedException">bad-json: not an object, or too many members.</exception>
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

    /// <exception cref="RejectedException">bad-json: not an array, or more than <paramref name="most"/>
    /// elements.</exception>
    public List<JsonPiece> Elements(int most)
    {
        Utf8JsonReader reader = Start();
        if (reader.TokenType != JsonTokenType.StartArray)
            throw Bad("Where an array is expected, the JSON has something else.");
        List<JsonPiece> elements = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (elements.Count == most)
                throw Bad($"At most {most} elements are accepted at once.");
            elements.Add(PieceAt(ref reader, json));
        }
        return elements;
    }

    /// <exception cref="RejectedException">bad-json: not a string, or too long.</exception>
    public string Text()
    {
        Utf8JsonReader reader = Start();
        return reader.TokenType == JsonTokenType.String && reader.ValueSpan.Length <= MaxText
            ? TextOf(ref reader)
            : throw Bad("Where a short text is expected, the JSON has something else.");
    }

    public int? Integer()
    {
        Utf8JsonReader reader = Start();
        return reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out int value) ? value : null;
    }

    /// <summary>The size of so many floats. Checks first that they can be there: each takes at least two
    /// characters.</summary>
    /// <exception cref="RejectedException">bad-json: there are fewer; too-large.</exception>
    public int BytesOfNumbers(long count) =>
        count > json.Length ? throw Bad($"The data must be {count} numbers.")
        : count > int.MaxValue / sizeof(float) ? throw PooledBytes.TooLarge(int.MaxValue)
        : (int)count * sizeof(float);

    /// <summary>Reads the numbers of an array and of its inner arrays, in order.</summary>
    /// <exception cref="RejectedException">bad-json: another value, or another count.</exception>
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

    /// <summary>Decodes base64 text or a data URL.</summary>
    /// <exception cref="RejectedException">bad-json: neither of them; too-large.</exception>
    /// <exception cref="UnavailableException">overloaded.</exception>
    public PooledBytes Image(long limit, ByteBudget budget)
    {
        Utf8JsonReader reader = Start();
        if (reader.TokenType != JsonTokenType.String)
            throw Bad("An image must be base64 text or a data URL.");
        if (!reader.ValueIsEscaped)
            return PooledBytes.FromBase64(Payload(reader.ValueSpan), limit, budget);

        // Some writers escape every slash.
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
