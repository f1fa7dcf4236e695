using System.Net.Sockets;
using System.Text;
using ResNetFunctions.Tests.Inference;
using ResNetFunctions.Tests.Inference.Models;
using SixLabors.ImageSharp.Formats.Jpeg;

namespace ResNetFunctions.Tests.Cli;

/// <summary>What a request leaves to the garbage collector.</summary>
[Collection(nameof(Sequential))]
public sealed class ServeAllocationTests
{
    private const int Requests = 30;

    [Fact]
    public async Task Classify_EachRequest_AllocatesLessThan20Kilobytes()
    {
        await using Server server = await Server.StartAsync(o => (o.ModelsPath, o.DefaultModel) = (SeededModels.Folder("squeezenet1_1"), "squeezenet1_1"));
        byte[] image = TestImages.Encode(new JpegEncoder(), 500, 375);
        byte[] request = [.. Encoding.ASCII.GetBytes($"POST /api/classify HTTP/1.1\r\nHost: test\r\nContent-Length: {image.Length}\r\n\r\n"), .. image];
        byte[] answer = new byte[4096];
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server.Client.BaseAddress!.Host, server.Client.BaseAddress.Port, TestContext.Current.CancellationToken);
        Ask(10);

        // The runtime allocates now and then: the least of several attempts is what the requests took.
        long least = long.MaxValue;
        for (int attempt = 0; attempt < 6; attempt++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            Ask(Requests);
            least = Math.Min(least, (GC.GetTotalAllocatedBytes(precise: true) - before) / Requests);
        }

        TestContext.Current.SendDiagnosticMessage($"{least} bytes a request");
        Assert.InRange(least, 0, 20_000);

        void Ask(int times)
        {
            for (int i = 0; i < times; i++)
            {
                socket.Send(request);
                int length = 0;
                do
                {
                    int read = socket.Receive(answer.AsSpan(length));
                    length += read > 0 ? read : throw new IOException("The server closed the connection.");
                }
                while (!answer.AsSpan(0, length).EndsWith("\r\n0\r\n\r\n"u8) && !answer.AsSpan(0, length).EndsWith("}}"u8));
                Assert.StartsWith("HTTP/1.1 200", Encoding.ASCII.GetString(answer, 0, 12), StringComparison.Ordinal);
            }
        }
    }
}
