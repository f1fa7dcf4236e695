using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace ResNetFunctions.EndToEnd.Worker;

/// <summary>Requests and checks that the tests of the worker share.</summary>
internal static class Answers
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static Task<HttpResponseMessage> ClassifyAsync(this HttpClient client, HttpContent body, string query = "") =>
        client.PostAsync($"api/classify{query}", body, Cancelled);

    public static Task<HttpResponseMessage> ClassifyAsync(this HttpClient client, byte[] image, string query = "") =>
        client.ClassifyAsync(new ByteArrayContent(image), query);

    /// <summary>The same without an announced length.</summary>
    public static async Task<HttpResponseMessage> ClassifyChunkedAsync(this HttpClient client, HttpContent body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/classify") { Content = body };
        request.Headers.TransferEncodingChunked = true;
        return await client.SendAsync(request, Cancelled);
    }

    public static async Task<JsonElement> IsOkAsync(this HttpResponseMessage answer)
    {
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{answer.StatusCode} {await answer.Content.ReadAsStringAsync(Cancelled)}");
        await OpenApi.AssertPromisedAsync(answer);
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Cancelled);
    }

    public static async Task<JsonElement> IsProblemAsync(this HttpResponseMessage answer, int status, string code)
    {
        JsonElement problem = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancelled);
        Assert.Equal((status, code), ((int)answer.StatusCode, problem.GetProperty("code").GetString()));
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        await OpenApi.AssertPromisedAsync(answer);
        return problem;
    }
}
