namespace ResNetFunctions.EndToEnd.Page;

public sealed class BusyTests(Chromium chromium, PageServers servers) : PageTest(chromium, () => servers.Narrow)
{
    [Fact]
    public async Task Choose_MoreThanTheServerTakes_WaitsAsLongAsItSaysAndGoesOn()
    {
        ExpectedStatuses.Add(503);
        await Choose([.. Enumerable.Range(1, 9).Select(number => Pictures.Jpeg($"{number}.jpg", 1000, 1000))]);

        await Expect(Cards.Locator(".problem").First).ToContainTextAsync("The server is busy");
        await Expect(Cards.Locator(".problem").First).ToContainTextAsync("overloaded");
        await Expect(Page.Locator("[data-until]").First).ToContainTextAsync(" s");
        await Expect(Button("Try now").First).ToBeVisibleAsync();
        await Expect(Page.Locator("#progress-text")).ToHaveTextAsync("9 of 9 done", new() { Timeout = 60_000 });
    }
}
