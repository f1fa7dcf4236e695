namespace ResNetFunctions.EndToEnd.Page;

public sealed class FailureTests(Chromium chromium, PageServers servers) : PageTest(chromium, () => servers.Default)
{
    [Fact]
    public async Task Choose_BrokenAmongGood_FailsInPlaceWithTheServersReason()
    {
        ExpectedStatuses.UnionWith([415, 422]);
        await Choose(Pictures.Jpeg("good.jpg"), Pictures.Broken("cut.jpg"), Pictures.Text("text.jpg"));
        await Expect(Page.Locator("#progress-text")).ToHaveTextAsync("1 of 3 done, 2 failed");

        await ExpectState(Cards.Nth(0), "done");
        await ExpectState(Cards.Nth(1), "failed");
        await Expect(Cards.Nth(1)).ToContainTextAsync("The picture is damaged");
        await Expect(Cards.Nth(1)).ToContainTextAsync("corrupt-image");
        await Expect(Cards.Nth(1)).ToContainTextAsync("Reference");
        await Expect(Cards.Nth(2)).ToContainTextAsync("unsupported-format");
    }

    [Fact]
    public async Task TryAgain_ServerWasUnreachable_Classifies()
    {
        await Page.Context.SetOfflineAsync(true);
        ExpectedReports.Add("error: Failed to load resource: net::ERR_INTERNET_DISCONNECTED");
        await Choose(Pictures.Jpeg("a.jpg"));
        await ExpectState(Cards, "failed");
        await Expect(Cards).ToContainTextAsync("The server cannot be reached");

        await Page.Context.SetOfflineAsync(false);
        await Button("Try again").ClickAsync();
        await ExpectState(Cards, "done");
    }
}
