using System.Text;
using System.Text.Json;
using ResNetFunctions.Fuzz.Images;

namespace ResNetFunctions.Fuzz.Multipart;

/// <summary>Hostile forms: mutated bodies, and well-formed ones with too much of something.</summary>
internal sealed class MultipartRequests : IRequests
{
    private static readonly string[] Codes = ["bad-multipart", "too-large", "overloaded", "empty-body", "unsupported-format"];

    public HttpContent Make(Random random)
    {
        string boundary = random.Next(20) == 0 ? new string('b', random.Next(1, 300)) : "boundary";
        byte[] body = random.Next(10) switch
        {
            0 => Body(boundary, Enumerable.Range(0, random.Next(1, 3_000)).Select(_ => Field(random))),
            1 => Body(boundary, [Headers(random, random.Next(1, 60), random.Next(1, 2_000))]),
            2 => Body(boundary, [File(random), Nested(random, random.Next(1, 200)), File(random)]),
            _ => Mutator.Change(
                Body(boundary, Enumerable.Range(0, random.Next(1, 20)).Select(_ => random.Next(3) == 0 ? Field(random) : File(random))),
                random, Encoding.ASCII.GetBytes($"\r\n--{boundary}--\r\n\r\n--{boundary}\r\n")),
        };
        var content = new ByteArrayContent(body);
        string quoted = random.Next(4) == 0 ? $"\"{boundary}\"" : boundary;
        content.Headers.TryAddWithoutValidation("Content-Type", random.Next(30) == 0 ? "multipart/form-data" : $"multipart/form-data; boundary={quoted}");
        return content;
    }

    public string? Fault(int status, JsonElement answer) => status == 200
        ? answer.GetProperty("results").GetArrayLength() is >= 1 and <= 16 ? null : "not 1 to 16 results"
        : Codes.Contains(answer.GetProperty("code").GetString()) ? null : "another code than a form's fault has";

    private static byte[] Body(string boundary, IEnumerable<byte[]> parts)
    {
        byte[] line = Encoding.ASCII.GetBytes($"--{boundary}\r\n");
        return [.. parts.SelectMany(part => (byte[])[.. line, .. part, .. "\r\n"u8]), .. Encoding.ASCII.GetBytes($"--{boundary}--\r\n")];
    }

    private static byte[] File(Random random)
    {
        string name = random.Next(5) switch
        {
            0 => "../../etc/passwd",
            1 => new string('n', random.Next(1, 5_000)),
            2 => "a\\\"; filename*=UTF-8''%00%0A%E2%82%AC",
            3 => "<script>alert(1)</script>.jpg",
            _ => "picture.jpg",
        };
        byte[] picture = random.Next(2) == 0 ? Corpus.Pick(random) : ImageMutator.Make(random);
        return [.. Encoding.UTF8.GetBytes($"Content-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n"), .. picture];
    }

    private static byte[] Field(Random random) =>
        Encoding.ASCII.GetBytes($"Content-Disposition: form-data; name=\"top\"\r\n\r\n{random.Next()}");

    private static byte[] Headers(Random random, int count, int length) =>
        Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, count).Select(i => $"X-{i}: {new string('x', random.Next(length))}\r\n")) + "\r\nbody");

    private static byte[] Nested(Random random, int depth)
    {
        byte[] inner = File(random);
        for (int i = 0; i < depth; i++)
            inner = [.. Encoding.ASCII.GetBytes($"Content-Type: multipart/mixed; boundary=n{i}\r\n\r\n"), .. Body($"n{i}", [inner])];
        return inner;
    }
}
